"""Findings and candidates keep their contract."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from swarm.blackboard.candidates import Judgement, NewCandidate, Verdict
from swarm.blackboard.findings import Evidence, Finding, FindingState, NewFinding
from swarm.blackboard.store import Store
from swarm.blackboard.tasks import Lease, NewTask
from swarm.errors import Refused, StaleLease, Unknown

PROPOSED, VERIFIED, REJECTED, REFUTED, SUPERSEDED = FindingState
RAN = Evidence(argv=("pytest", "-q"), exit_code=1, passed=3, failed=1, tree="tree", environment="venv, bubblewrap")
GOOD = Judgement(
    verdict=Verdict.VERIFIED, rule="all", reason="red, then green", test="t::a", text="ok", passed=4, seconds=1.5, record="{}"
)


def propose(
    store: Store, run: str, gist: str, author: str = "w1", *, kind: str = "observed", shown: tuple[int, ...] = ()
) -> Finding:
    return store.propose(run, NewFinding(kind=kind, gist=gist, summary=f"why {gist}", author=author, shown=shown))


def lease_of(store: Store, run: str) -> Lease:
    store.add_task(run, NewTask(kind="fix", goal="g"))
    claimed = store.claim(run, "w1", ["fix"], lease_seconds=30)
    assert claimed
    return claimed[1]


def patch(tree: str, *, shown: tuple[int, ...] = (), summary: str = "a patch") -> NewCandidate:
    return NewCandidate(tree=tree, base="abc", summary=summary, author="w1", added=3, removed=1, shown=shown)


def finding_states(store: Store, run: str) -> list[FindingState]:
    return [finding.state for finding in store.findings(run)]


def test_a_finding_is_kept_as_it_was_proposed(store: Store, run: str, clock, told):
    lease = lease_of(store, run)
    told()
    propose(store, run, "first")
    digest = store.put_raw(b"output")
    new = NewFinding(
        kind="located",
        gist="it is in  cart.py:12\n",
        summary="since …",
        author="w1",
        evidence=replace(RAN, output=digest),
        shown=(1,),
    )
    kept = store.propose(run, new, lease)
    assert kept == store.finding(run, 2) == store.findings(run)[1]
    assert (kept.gist, kept.summary, kept.evidence, kept.shown) == ("it is in cart.py:12", new.summary, new.evidence, (1,))
    assert (kept.task, kept.state, kept.witnesses, kept.at) == (1, PROPOSED, ("w1",), clock())
    assert store.raw(digest) == b"output"
    assert told() == ["FindingProposed", "FindingProposed"]


def test_a_finding_without_a_gist_or_with_unknown_output_or_unknown_reading_is_refused(store: Store, run: str, told):
    with pytest.raises(Refused, match="gist"):
        propose(store, run, " \n ")
    with pytest.raises(Unknown, match="raw output"):
        store.propose(run, NewFinding(kind="k", gist="g", summary="", author="w", evidence=replace(RAN, output="0" * 64)))
    with pytest.raises(Unknown, match="f9"):
        propose(store, run, "g", shown=(9,))
    assert told() == []


def test_the_same_finding_again_makes_its_author_a_witness(store: Store, run: str, told):
    propose(store, run, "`total` ignores the discount in cart.py:12", "w1")
    again = propose(store, run, "the `total` ignores discounts, in cart.py:12.", "w2")
    propose(store, run, "the `total` ignores discounts, in cart.py:12.", "w2")
    assert (again.number, again.witnesses, again.gist) == (1, ("w1", "w2"), "`total` ignores the discount in cart.py:12")
    assert told() == ["FindingProposed", "FindingWitnessed"]
    assert store.gists(run, budget=500)[0].line().endswith("(2 witnesses)")


def test_what_differs_in_kind_or_name_or_sense_is_another_finding(store: Store, run: str):
    propose(store, run, "total is wrong in cart.py:12", kind="located")
    for gist, kind in (
        ("total is wrong in cart.py:12", "observed"),
        ("total is wrong in cart.py:13", "located"),
        ("total is not wrong in cart.py:12", "located"),
    ):
        propose(store, run, gist, kind=kind)
    assert len(store.findings(run)) == 4


def test_what_was_rejected_may_be_found_again(store: Store, run: str):
    propose(store, run, "it is the comma")
    store.settle_finding(run, 1, REJECTED, "the command passes")
    assert propose(store, run, "it is the comma").number == 2


def test_a_finding_is_settled_with_reason_and_evidence(store: Store, run: str, told):
    propose(store, run, "a")
    store.settle_finding(run, 1, VERIFIED, "it failed three times", evidence=RAN)
    finding = store.finding(run, 1)
    assert (finding.state, finding.reason, finding.evidence) == (VERIFIED, "it failed three times", RAN)
    store.settle_finding(run, 1, REFUTED, "a flaky test")
    assert store.finding(run, 1).evidence == RAN
    assert told() == ["FindingProposed", "FindingVerified", "FindingRefuted"]


def test_a_better_finding_takes_the_place_of_another(store: Store, run: str, told):
    propose(store, run, "a")
    propose(store, run, "b")
    told()
    for by in (None, 1, 7):
        with pytest.raises(Refused):
            store.settle_finding(run, 1, SUPERSEDED, "vague", by=by)
    assert told() == []
    store.settle_finding(run, 1, SUPERSEDED, "vague", by=2)
    assert told() == ["FindingSuperseded"]
    assert [gist.finding for gist in store.gists(run, budget=500)] == [2]


@pytest.mark.parametrize("end", [REJECTED, REFUTED])
def test_what_is_rejected_or_refuted_stays_so(store: Store, run: str, end: FindingState, told):
    propose(store, run, "a")
    store.settle_finding(run, 1, end, "no")
    told()
    for state in FindingState:
        with pytest.raises(Refused):
            store.settle_finding(run, 1, state, "again", by=None)
    assert told() == []


def test_what_was_verified_can_be_refuted_but_not_rejected_or_proposed(store: Store, run: str):
    propose(store, run, "a")
    store.settle_finding(run, 1, VERIFIED, "yes")
    for state in (REJECTED, PROPOSED):
        with pytest.raises(Refused, match="verified"):
            store.settle_finding(run, 1, state, "hm")


def test_refuting_a_finding_reopens_everything_built_on_it_and_nothing_else(store: Store, run: str, told):
    lease = lease_of(store, run)
    for gist, shown in (("a", ()), ("b", (1,)), ("c", (2,)), ("d", ()), ("e", (2, 4)), ("f", (3,))):
        propose(store, run, gist, shown=shown)
    for number in (1, 2, 3, 4):
        store.settle_finding(run, number, VERIFIED, "yes")
    store.settle_finding(run, 5, REJECTED, "no")
    for tree, shown in (("t1", (6,)), ("t2", (4,)), ("t3", (1,))):
        store.submit(lease, patch(tree, shown=shown))
    for number in (1, 2):
        store.judge(run, number, GOOD)
    store.choose(run, 1, "best")
    told()
    store.settle_finding(run, 1, REFUTED, "it was the weather")
    assert finding_states(store, run) == [REFUTED, PROPOSED, PROPOSED, VERIFIED, REJECTED, PROPOSED]
    assert store.finding(run, 3).reason == "f1, on which it was built, was refuted"
    assert [candidate.judgement for candidate in store.candidates(run)] == [None, GOOD, None]
    assert not store.candidate(run, 1).chosen
    assert told() == ["FindingRefuted", "FindingReopened", "FindingReopened", "FindingReopened", "CandidateReopened"]


def test_everything_that_became_of_a_finding_is_kept(store: Store, run: str):
    propose(store, run, "a")
    propose(store, run, "b", shown=(1,))
    store.settle_finding(run, 2, VERIFIED, "yes")
    store.settle_finding(run, 1, REFUTED, "no")
    store.settle_finding(run, 2, VERIFIED, "yes, again")
    names = [type(entry.event).__name__ for entry in store.entries(run)]
    assert names[1:] == [
        "FindingProposed",
        "FindingProposed",
        "FindingVerified",
        "FindingRefuted",
        "FindingReopened",
        "FindingVerified",
    ]


def test_gists_have_room_for_failures_and_candidates_whatever_is_chattered(store: Store, run: str):
    lease = lease_of(store, run)
    propose(store, run, "tried to swap the arguments of total", kind="attempt-failed")
    propose(store, run, "rejected claim")
    store.settle_finding(run, 2, REJECTED, "no")
    store.submit(lease, patch("t1", summary="swap the operands"))
    store.submit(lease, patch("t2"))
    store.judge(run, 1, GOOD)
    for number in range(200):
        propose(store, run, f"chatter {number} about line {number}")
    store.settle_finding(run, 5, VERIFIED, "yes")
    gists = store.gists(run, budget=600)
    assert sum(len(gist.line()) + 1 for gist in gists) <= 600
    names = [gist.line().split()[0] for gist in gists]
    assert names[:3] == ["c1", "f5", "f202"]
    assert set(names) >= {"f1", "f2"}
    assert "c2" not in names
    assert store.gists(run, budget=0) == []


def test_a_candidate_is_kept_as_it_was_submitted_and_once(store: Store, run: str, told):
    lease = lease_of(store, run)
    propose(store, run, "a")
    told()
    kept = store.submit(lease, patch("t1", shown=(1,)))
    assert store.submit(lease, replace(patch("t1"), summary="the same, said differently")) == kept
    assert (kept.number, kept.task, kept.tree, kept.shown, kept.judgement, kept.chosen) == (1, 1, "t1", (1,), None, False)
    assert store.candidates(run) == [kept]
    assert told() == ["CandidateSubmitted"]


def test_a_late_worker_can_neither_propose_nor_submit_nor_record(store: Store, run: str, clock, told):
    late = lease_of(store, run)
    clock.passes(31)
    store.claim(run, "w2", ["fix"], lease_seconds=30)
    told()
    with pytest.raises(StaleLease):
        store.propose(run, NewFinding(kind="k", gist="g", summary="", author="w1"), late)
    with pytest.raises(StaleLease):
        store.submit(late, patch("t"))
    with pytest.raises(StaleLease):
        store.record(run, *[entry.event for entry in store.entries(run)], lease=late)
    assert told() == []
    assert (store.findings(run), store.candidates(run)) == ([], [])


def test_a_candidate_is_judged_and_one_is_chosen(store: Store, run: str, told):
    lease = lease_of(store, run)
    for tree in ("t1", "t2"):
        store.submit(lease, patch(tree))
    told()
    store.judge(run, 1, replace(GOOD, verdict=Verdict.INCONCLUSIVE))
    store.judge(run, 1, GOOD)
    store.choose(run, 1, "the only one")
    store.choose(run, 2, "smaller")
    assert [candidate.chosen for candidate in store.candidates(run)] == [False, True]
    assert store.candidate(run, 1).judgement == GOOD
    assert told() == ["CandidateJudged", "CandidateJudged", "CandidateChosen", "CandidateChosen"]


def test_unknown_findings_and_candidates_are_refused_by_name(store: Store, run: str):
    lease = lease_of(store, run)
    asks: dict[str, Callable[[], object]] = {
        "finding f3": lambda: store.finding(run, 3),
        "finding f4": lambda: store.settle_finding(run, 4, VERIFIED, ""),
        "finding f5": lambda: store.submit(lease, patch("t", shown=(5,))),
        "candidate c3": lambda: store.candidate(run, 3),
        "candidate c4": lambda: store.judge(run, 4, GOOD),
        "candidate c5": lambda: store.choose(run, 5, ""),
        "run 'x'": lambda: store.gists("x", budget=10),
        "run 'y'": lambda: propose(store, "y", "g"),
        "run 'z'": lambda: store.finding("z", 1),
    }
    for name, ask in asks.items():
        with pytest.raises(Unknown, match=name):
            ask()


def test_raw_output_is_kept_under_its_digest(store: Store):
    content = bytes(range(256)) * 100
    digest = store.put_raw(content)
    assert digest == store.put_raw(content)
    assert store.raw(digest) == content
    assert store.raw(store.put_raw(b"")) == b""
    for wrong in ("0" * 64, "../../etc/passwd", ""):
        with pytest.raises(Unknown):
            store.raw(wrong)
