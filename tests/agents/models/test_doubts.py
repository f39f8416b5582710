"""A finding that an agent doubts: only what swarm runs again decides."""

import time
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import field, replace
from typing import Any

from model_server import Answer, Asked, Say, Use, plays
from office import FIX, Office

from swarm.blackboard.candidates import Verdict
from swarm.blackboard.findings import Finding, FindingState, NewFinding
from swarm.blackboard.history import told
from swarm.doubts import OF_ONE_FINDING, OF_ONE_TASK, RUNS
from swarm.events import CandidateReopened, Event, FindingClaimed, FindingDoubted, FindingRefuted, FindingReopened
from swarm.evidence.claims import Claim
from swarm.evidence.results import Outcome
from swarm.evidence.rooms import Room, Rooms
from tui.plain import sentence

BYE = Say(uses=(Use("give_up", {"reason": "it is enough"}),))
RED = "tests/test_prices.py::test_large_orders_are_free"
WRONG = Claim.of("grep -q 'return 4' shop/prices.py")
RIGHT = Claim.of("grep -q 'return 5' shop/prices.py")


class Counted(Rooms):
    """Rooms that remember on which trees they were opened."""

    opened: list[str] = field(default_factory=list)

    def open(self, tree: str) -> AbstractContextManager[Room]:
        self.opened.append(tree)
        return super().open(tree)


def doubts(*findings: int) -> Any:
    """A model that doubts these findings, one in each turn, and then ends."""
    return plays(*(Say(uses=(Use("doubt", {"finding": finding, "why": "I see 5"}),)) for finding in findings), BYE)


def happened(office: Office, *kinds: type[Event]) -> Sequence[Event]:
    return [event for event in told(office.store, office.run) if isinstance(event, kinds)]


def borne_out_once(office: Office, gist: str, *claims: Claim, shown: tuple[int, ...] = ()) -> Finding:
    """A finding as it stands after runs that bore out what is claimed, whatever they would show by now."""
    new = NewFinding(kind="observed", gist=gist, summary=f"{gist}.", author="coder@w7", shown=shown)
    finding = office.store.propose(office.run, new)
    for claim in claims:
        kept = office.store.put_raw(claim.written().encode())
        office.store.record(office.run, FindingClaimed(finding.number, "coder@w7", office.ground.tree, kept))
    office.store.settle_finding(office.run, finding.number, FindingState.VERIFIED, "so it was")
    return finding


def state_of(office: Office, finding: Finding) -> FindingState:
    return office.store.finding(office.run, finding.number).state


def test_a_finding_that_holds_no_more_is_refuted_through_the_tool_and_what_was_built_on_it_goes_back(office: Office) -> None:
    deadline = time.time() + 8

    early = {"kind": "observed", "gist": "it is early", "command": f"test $(date +%s) -lt {int(deadline)}", "exit_code": 0}
    office.work(plays(Say(uses=(Use("share", early),)), BYE))
    _, reader = office.seat_anew("coder")
    reader.news()
    built, _ = reader.claim(RIGHT, office.ground.tree, kind="observed", gist="small orders pay 5", summary="They do.")
    assert built is not None
    candidate = office.candidate({"shop/prices.py": (FIX["old"], FIX["new"])}, Verdict.VERIFIED, shown=(1,))
    assert office.store.finding(office.run, 1).state is FindingState.VERIFIED
    time.sleep(max(deadline + 1 - time.time(), 0))

    office.work(doubts(1), worker="w2")

    fallen = office.store.finding(office.run, 1)
    assert fallen.state is FindingState.REFUTED
    assert "run again since coder@w2 doubted it" in fallen.reason
    assert fallen.evidence is not None
    assert fallen.evidence.exit_code == 1
    assert happened(office, FindingReopened) == [FindingReopened(built.number, 1)]
    assert happened(office, CandidateReopened) == [CandidateReopened(candidate.number, 1)]
    assert office.store.candidate(office.run, candidate.number).judgement is None
    assert state_of(office, built) is FindingState.VERIFIED, "its own evidence holds"
    (said,) = (text for text in office.results() if "refuted" in text)
    assert f"f{built.number} (now verified), c{candidate.number} (to be judged again)" in said
    assert [finding.number for finding in reader.news() if finding.state is FindingState.REFUTED] == [1]
    assert [finding.number for finding in reader.news()] == []
    lines = [sentence(event) for event in told(office.store, office.run)]
    assert any(line.startswith("finding f1 doubted by coder@w2 for t") for line in lines)
    assert any(line.startswith("finding f1 refuted: run again") for line in lines)
    assert f"finding f{built.number} has to be verified again: f1 was refuted" in lines


def test_who_was_shown_a_finding_that_falls_is_told_once_at_the_tail(office: Office) -> None:
    finding = borne_out_once(office, "orders pay 4", WRONG)

    def meanwhile(asked: Asked) -> Answer:
        if asked.turns == 1:
            _, other = office.seat_anew("coder")
            other.doubt(finding.number, "I see 5")
        return Say(uses=(Use("run", {"command": f"echo {asked.turns}"}),)) if asked.turns < 4 else BYE

    office.work(meanwhile)

    said = [message["content"] for message in office.last if "and is wrong" in str(message["content"])]
    assert len(said) == 1
    assert "orders pay 4" in said[0]
    assert "orders pay 4" in office.provider.asked[0].text


def test_whoever_brings_a_finding_down_is_not_told_so_twice(office: Office) -> None:
    borne_out_once(office, "orders pay 4", WRONG)

    office.work(doubts(1))

    assert "f1 is refuted" in office.results()[0]
    assert not any("and is wrong" in str(message["content"]) for message in office.last)


def test_doubting_what_is_true_achieves_nothing(office: Office) -> None:
    _, author = office.seat_anew("coder")
    tree = office.ground.rooms.mirror.put(office.ground.tree, {"shop/prices.py": b"def shipping(total):\n    return 4\n"})
    finding, reason = author.claim(WRONG, tree, kind="observed", gist="with 4 it pays 4", summary="It does.")
    assert finding is not None, reason
    built = borne_out_once(office, "4 is built on", RIGHT, shown=(finding.number,))

    office.work(doubts(finding.number))

    assert state_of(office, finding) is state_of(office, built) is FindingState.VERIFIED
    assert happened(office, FindingRefuted, FindingReopened) == []
    assert len(happened(office, FindingDoubted)) == 1
    (said, *_) = office.results()
    assert said.startswith("f1 holds. Swarm ran what bears it out again, 3 times, on files changed in shop/prices.py:")


def test_what_is_doubted_is_run_several_times_on_the_files_that_it_is_about(office: Office) -> None:
    rooms = office.ground.rooms
    counted = Counted(rooms.backend, rooms.mirror, rooms.environment, rooms.folder)
    office.ground = replace(office.ground, rooms=counted)
    finding = borne_out_once(office, "small orders pay 5", RIGHT)
    _, other = office.seat_anew("coder")

    said = other.doubt(finding.number, "I do not think so")

    assert counted.opened == [office.ground.tree] * RUNS
    assert f"again, {RUNS} times, on the files of the original project:" in said


def test_what_varies_is_refuted_although_it_may_hold_the_next_time(office: Office) -> None:
    finding = borne_out_once(office, "the time can be divided by 16", Claim.of("test $(($(date +%s%N) % 16)) = 0"))

    office.work(doubts(finding.number))

    assert state_of(office, finding) is FindingState.REFUTED


def test_a_finding_that_somebody_else_showed_in_another_way_stands(office: Office) -> None:
    finding = borne_out_once(office, "small orders pay", WRONG, Claim(tests={RED: Outcome.FAILED}))

    office.work(doubts(finding.number))

    assert state_of(office, finding) is FindingState.VERIFIED
    assert "f1 holds" in office.results()[0]


def test_a_run_that_its_surroundings_end_speaks_neither_for_nor_against_a_finding(office: Office) -> None:
    finding = borne_out_once(office, "it dies", Claim.of("kill -9 $$", exit_code=137))

    office.work(doubts(finding.number))

    assert state_of(office, finding) is FindingState.VERIFIED
    assert "f1 stays verified, since running it again showed nothing" in office.results()[0]
    assert happened(office, FindingRefuted) == []


def test_what_was_built_on_what_fell_falls_with_it_if_its_own_evidence_does_not_hold(office: Office) -> None:
    first = borne_out_once(office, "orders pay 4", WRONG)
    second = borne_out_once(office, "so 4 has to go", WRONG, shown=(first.number,))
    third = borne_out_once(office, "and 5 is kept", RIGHT, shown=(second.number,))
    word = office.store.propose(
        office.run, NewFinding(kind="located", gist="it is line 4", summary="It is.", author="coder@w7", shown=(first.number,))
    )

    office.work(doubts(first.number))

    assert [state_of(office, one) for one in (first, second, third, word)] == [
        FindingState.REFUTED, FindingState.REFUTED, FindingState.VERIFIED, FindingState.PROPOSED,
    ]  # fmt: skip


def test_what_names_no_run_or_has_fallen_already_is_not_run_again(office: Office) -> None:
    word = office.store.propose(office.run, NewFinding(kind="located", gist="line 4", summary="It is.", author="coder@w7"))
    fallen = borne_out_once(office, "orders pay 4", WRONG)

    office.work(doubts(word.number, fallen.number, fallen.number, 99))

    said = office.results()
    assert said[0].startswith("f1 was not run again: it names no run")
    assert said[2] == "f2 was not run again: it is refuted already."
    assert "There is no finding f99 here" in said[3]
    assert state_of(office, word) is FindingState.PROPOSED
    assert len(happened(office, FindingDoubted)) == 1


def test_an_agent_that_only_doubts_is_soon_listened_to_no_more(office: Office) -> None:
    findings = [
        borne_out_once(office, gist, RIGHT) for gist in ("one is so", "another is thus", "a third as well", "and the last")
    ]
    numbers = [finding.number for finding in findings for _ in range(OF_ONE_FINDING)]

    office.work(doubts(findings[0].number, *numbers))
    office.work(doubts(findings[0].number, findings[-1].number), worker="w2")

    by_task = [event.task for event in happened(office, FindingDoubted) if isinstance(event, FindingDoubted)]
    assert by_task.count(by_task[0]) == OF_ONE_TASK
    assert by_task[OF_ONE_TASK:] == [by_task[-1]]
    assert [state_of(office, finding) for finding in findings] == [FindingState.VERIFIED] * 4
    first = next(asked for asked in office.provider.asked if asked.turns == len(numbers) + 1).messages
    said = [message["content"] for message in first if message["role"] == "tool"]
    assert said[2] == "f1 was not run again: it was, for 2 doubts, and stands."
    assert said[-1] == f"f4 was not run again: {OF_ONE_TASK} of your doubts were looked into, and no more are."
    assert office.results()[0] == said[2]
    assert office.results()[1].startswith("f4 holds")
