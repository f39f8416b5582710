"""How many agents work where that is left to swarm."""

from dataclasses import replace
from pathlib import Path

import pytest

from swarm.blackboard.candidates import Judgement, NewCandidate, Verdict
from swarm.blackboard.ledger import Account, Amount, Caps
from swarm.blackboard.runs import NewRun
from swarm.blackboard.sqlite.store import SqliteStore
from swarm.blackboard.tasks import NewTask
from swarm.events import BudgetSettled, CandidateJudged, FindingVerified, StageEntered
from swarm.width import MOST, QUIET, Growth, Sight, quiet_after, spent_of, wants_attempt, wants_hand

SIGHT = Sight(width=1, attempts=1, models=True)
SETTLED = BudgetSettled(1, "coder", 5, 50)


def test_what_costs_only_time_is_done_by_as_many_as_there_are_processors() -> None:
    assert wants_hand(replace(SIGHT, free=1), processors=2)
    assert not wants_hand(replace(SIGHT, free=1, width=2), processors=2)
    assert not wants_hand(SIGHT, processors=2)
    assert not wants_hand(replace(SIGHT, free=1, verified=True), processors=2)


@pytest.mark.parametrize(
    ("changes", "wanted"),
    [
        ({}, False),
        ({"quiet": QUIET - 1}, False),
        ({"quiet": QUIET}, True),
        ({"idle": True}, True),
        ({"quiet": QUIET, "models": False}, False),
        ({"quiet": QUIET, "verified": True}, False),
        ({"idle": True, "attempts": MOST}, False),
        ({"quiet": QUIET, "spent": 0.5}, True),
        ({"quiet": QUIET, "spent": 0.51}, False),
        ({"quiet": QUIET, "spent": 0.75, "attempts": 3}, True),
        ({"idle": True, "spent": 1.0}, False),
    ],
)
def test_an_attempt_is_added_where_evidence_is_missing_and_as_much_is_left_as_one_has_used(
    changes: dict[str, float], wanted: bool
) -> None:
    assert wants_attempt(replace(SIGHT, **changes)) is wanted


def test_it_is_quiet_for_as_many_replies_as_came_since_evidence_came_last() -> None:
    assert quiet_after(3, [SETTLED, StageEntered("work")]) == 4
    assert quiet_after(3, [SETTLED, FindingVerified(1, "so it is"), SETTLED, SETTLED]) == 2
    assert quiet_after(3, [SETTLED, CandidateJudged(1, "rejected", "rule", "why")]) == 0


def test_what_is_spent_is_the_largest_part_of_any_cap_with_what_is_set_aside() -> None:
    free = Account("run", Amount(900, 9), Amount(), Caps())
    capped = Account("agent:coder", Amount(20, 300), Amount(10, 300), Caps(money=100, tokens=1000))

    assert spent_of([free]) == 0.0
    assert spent_of([free, capped]) == 0.6


def test_a_run_that_came_to_its_end_for_nothing_gets_attempts_in_directions_not_tried_until_one_is_verified(
    tmp_path: Path,
) -> None:
    store = SqliteStore.open(tmp_path)
    run = store.start_run(NewRun(title="t", issue="i", source="s", base="0" * 40, sandbox="none", workers=1)).name
    growth = Growth(store, run, ["m1", "m2"])

    def attempt() -> str:
        assert growth.look(1)
        task, lease = store.claim(run, "w1", ("code",), lease_seconds=60) or pytest.fail("nothing is on offer")
        store.finish(lease, "no fix")
        return task.payload

    first, second = attempt(), attempt()
    assert ('"reproduction"' in first, '"m1"' in first) == (True, True)
    assert ('"code"' in second, '"m2"' in second) == (True, True)

    store.add_task(run, NewTask(kind="fix", goal="try"))
    _, lease = store.claim(run, "w1", ("fix",), lease_seconds=60) or pytest.fail("nothing is on offer")
    candidate = store.submit(lease, NewCandidate(tree="1" * 40, base="0" * 40, summary="s", author="a", added=1, removed=0))
    store.judge(run, candidate.number, Judgement(verdict=Verdict.VERIFIED, rule="r", reason="so it is"))
    store.finish(lease, "done")
    assert not growth.look(1)
    store.close()
