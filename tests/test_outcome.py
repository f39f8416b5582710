"""What came of a run, on half a screen."""

import textwrap
from pathlib import Path

import pytest

from swarm.blackboard.candidates import Judgement, NewCandidate, Verdict
from swarm.blackboard.ledger import Amount, Caps
from swarm.blackboard.runs import NewRun
from swarm.blackboard.sqlite import SqliteStore
from swarm.blackboard.store import Store
from swarm.blackboard.tasks import NewTask
from swarm.events import BranchDeleted, BranchMerged, MergeUndone
from swarm.outcome import outcome_text
from swarm.report import run_text

LONG = "a comparison somewhere in the middle of a very long line of the source becomes another one, " * 20


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return SqliteStore.open(tmp_path)


def begun(store: Store, sandbox: str = "bubblewrap") -> str:
    return store.start_run(NewRun(title=LONG, issue="i", source="i.md", base="b" * 40, sandbox=sandbox, workers=1)).name


def submitted(store: Store, run: str, verdict: Verdict, reason: str) -> int:
    store.add_task(run, NewTask(kind="fix", goal="g"))
    claimed = store.claim(run, "w1", ("fix",), lease_seconds=60)
    assert claimed is not None
    new = NewCandidate(tree="a" * 40, base="b" * 40, summary=LONG, author="r", added=1, removed=1)
    number = store.submit(claimed[1], new).number
    store.judge(run, number, Judgement(verdict=verdict, rule="r", reason=reason, passed=33, failed=0))
    return number


def test_the_end_of_the_longest_story_fits_a_screen(store: Store) -> None:
    run = begun(store)
    for _ in range(60):
        store.add_task(run, NewTask(kind="plan", goal=LONG))
    number = submitted(store, run, Verdict.VERIFIED, LONG)
    store.choose(run, number, "the only one")
    store.end_run(run, outcome="fixed", exit_code=0, sentence=LONG, branch="swarm/fix")

    text = outcome_text(store, run)

    assert sum(len(textwrap.wrap(line, 80)) for line in text.split("\n")) <= 24
    for fact in ("fixed, after", "branch    swarm/fix", "evidence  verified (33 tests passed, 0 failed)", "cost      nothing"):
        assert fact in text
    assert text.endswith(f"take it   swarm merge {run}, or git merge swarm/fix")


def test_what_was_done_with_the_branch_is_told_instead_of_what_could_be(store: Store) -> None:
    run = begun(store)
    store.choose(run, submitted(store, run, Verdict.VERIFIED, "red, then green"), "the only one")
    store.end_run(run, outcome="fixed", exit_code=0, sentence="fixed", branch="swarm/fix")
    ways = [f"take it   swarm merge {run}, or git merge swarm/fix"]
    store.record(run, BranchMerged("main", "b" * 40, "c" * 40))
    ways.append(f"merged    into main, which is at cccccccccccc since then; swarm undo {run} takes it back")
    for text in (outcome_text(store, run), run_text(store, run)):
        assert text.endswith(ways[1])
    assert "merged" not in outcome_text(store, run, taken=True)
    store.record(run, MergeUndone("main", "c" * 40, "b" * 40))
    assert outcome_text(store, run).endswith(ways[0])
    store.record(run, BranchDeleted("swarm/fix", "d" * 40))
    assert outcome_text(store, run).endswith("undone    swarm/fix was taken away; it was at dddddddddddd")


def test_what_was_only_tried_is_called_an_attempt_with_its_verdict(store: Store) -> None:
    run = begun(store)
    number = submitted(store, run, Verdict.NEEDS_REVIEW, "it touches the tests")
    store.end_run(run, outcome="no-verified-fix", exit_code=4, sentence="none")

    text = outcome_text(store, run)

    assert f"attempt   c{number}," in text
    assert "needs-review (33 tests passed, 0 failed): it touches the tests" in text
    assert f"swarm diff {run} c{number}" in text
    assert "take it" not in text


def test_what_was_spent_is_told_with_its_cap(store: Store) -> None:
    run = begun(store)
    store.set_caps(run, "run", Caps(money=5_000_000))
    store.settle(store.reserve(run, "coder", Amount(2_000_000, 900)), Amount(1_230_000, 45_100))

    assert "cost      $1.23 of $5.00, 45,100 tokens" in outcome_text(store, run)


def test_a_run_that_was_interrupted_says_how_it_goes_on_and_one_without_a_sandbox_says_so(store: Store) -> None:
    run = begun(store, sandbox="none")

    text = outcome_text(store, run)

    assert "not ended" in text
    assert text.endswith(f"go on     swarm resume {run}")
    assert "NO SANDBOX" in text
