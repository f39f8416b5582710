"""Findings: proposed, witnessed, settled, and reopened when what they were built on falls."""

import json
import sys
from collections.abc import Sequence

from swarm.blackboard.findings import Evidence, Finding, FindingState, Gist, NewFinding
from swarm.blackboard.gists import longest_list, select
from swarm.blackboard.likeness import alike, marks
from swarm.blackboard.sqlite.part import Part
from swarm.blackboard.sqlite.rows import finding_of
from swarm.blackboard.sqlite.transaction import Change, Reading
from swarm.blackboard.tasks import Lease
from swarm.errors import Refused, Unknown
from swarm.events import (
    CandidateReopened,
    Event,
    FindingProposed,
    FindingRefuted,
    FindingRejected,
    FindingReopened,
    FindingSuperseded,
    FindingVerified,
    FindingWitnessed,
)

NEXT = {
    FindingState.PROPOSED: (FindingState.VERIFIED, FindingState.REJECTED, FindingState.REFUTED, FindingState.SUPERSEDED),
    FindingState.VERIFIED: (FindingState.VERIFIED, FindingState.REFUTED, FindingState.SUPERSEDED),
}
"""What can become of a finding; the other states are ends."""


class SqliteFindings(Part):
    """Findings in SQLite."""

    def propose(self, run: str, new: NewFinding, lease: Lease | None = None) -> Finding:
        """Write down what somebody claims, or let them witness what somebody else has claimed already."""
        self._must_be_kept(new.evidence.output if new.evidence else "")
        gist = " ".join(new.gist.split())
        if not gist:
            raise Refused(reason="a finding needs a gist: one line that says it.")
        with self._database.changing() as change:
            change.must_have_run(run)
            if lease is not None:
                change.must_hold(lease)
            must_know(change, run, new.shown)
            known = change.run("standing_alike", run=run, kind=new.kind, marks=marks(gist))
            likely = (number for number, other in known if alike(gist, other))
            same = next((number for number in likely if new.borne_out or _is_unsettled(change, run, number, new.author)), None)
            if same is None:
                same = self._add_finding(change, run, new, gist, new.task or (lease.task if lease else None))
            else:
                self._witness(change, run, same, new)
            return finding_of(change.run("finding", run=run, first=same, last=same)[0])

    def settle_finding(
        self, run: str, finding: int, state: FindingState, reason: str, *, evidence: Evidence | None = None, by: int | None = None
    ) -> None:
        """Note what became of a finding. Refuting it reopens everything built on it, and so on to the end."""
        self._must_be_kept(evidence.output if evidence else "")
        with self._database.changing() as change:
            event = self._settled(change, run, finding, state, reason, by)
            if evidence is not None:
                _add_evidence(change, run, finding, evidence)
            _move(change, run, finding, state, reason, by)
            change.tell(run, event)
            if state is FindingState.REFUTED:
                _reopen(change, run, finding)

    def finding(self, run: str, number: int) -> Finding:
        """One finding with its summary and the evidence that names the raw output."""
        with self._database.reading() as reading:
            rows = reading.run("finding", run=run, first=number, last=number)
            if not rows:
                raise _unknown(reading, run, number)
            return finding_of(rows[0])

    def findings(self, run: str) -> Sequence[Finding]:
        """All findings of a run, oldest first."""
        with self._database.reading() as reading:
            reading.must_have_run(run)
            return [finding_of(row) for row in reading.run("finding", run=run, first=1, last=sys.maxsize)]

    def gists(self, run: str, *, budget: int) -> Sequence[Gist]:
        """The first depth of what stands, in at most `budget` characters."""
        limit = longest_list(budget)
        with self._database.reading() as reading:
            reading.must_have_run(run)
            failures = [
                gist
                for state in (FindingState.VERIFIED, FindingState.PROPOSED, FindingState.REJECTED)
                for gist in _gists(reading, run, state, limit, is_failure=True)
            ]
            verified = _gists(reading, run, FindingState.VERIFIED, limit)
            proposed = _gists(reading, run, FindingState.PROPOSED, limit)
            rows = reading.run("newest_verified_candidates", run=run, limit=limit)
        candidates = [Gist(0, "candidate", FindingState.VERIFIED, summary, 1, candidate=number) for number, summary in rows]
        failures.sort(key=lambda gist: gist.finding, reverse=True)
        return select(candidates, verified + proposed, failures, budget)

    def _add_finding(self, change: Change, run: str, new: NewFinding, gist: str, task: int | None) -> int:
        number = int(change.value("next_finding", run=run))
        change.run(
            "add_finding", run=run, number=number, kind=new.kind, gist=gist, summary=new.summary, author=new.author, task=task,
            now=change.now,
        )  # fmt: skip
        change.run("add_finding_shown", run=run, number=number, shown=json.dumps(new.shown))
        change.run("add_witness", run=run, number=number, author=new.author, now=change.now)
        if new.evidence is not None:
            _add_evidence(change, run, number, new.evidence)
        state = FindingState.PROPOSED.value
        change.run("add_finding_state", run=run, number=number, state=state, reason="", cause=None, now=change.now)
        change.run("set_standing", run=run, number=number, kind=new.kind, marks=marks(gist), state=state, reason="")
        change.tell(run, FindingProposed(number, new.kind, gist, new.author, task))
        return number

    def _witness(self, change: Change, run: str, number: int, new: NewFinding) -> None:
        if new.evidence is not None:
            _add_evidence(change, run, number, new.evidence, witness=new.author)
        if change.run("add_witness", run=run, number=number, author=new.author, now=change.now):
            change.tell(run, FindingWitnessed(number, new.author))

    def _settled(self, change: Change, run: str, finding: int, state: FindingState, reason: str, by: int | None) -> Event:
        """The event that says what became of a finding, if that can become of it."""
        row = change.first("standing", run=run, number=finding)
        if row is None:
            raise _unknown(change, run, finding)
        now = FindingState(row[0])
        if state not in NEXT.get(now, ()):
            raise Refused(reason=f"f{finding} is {now.value}, so it cannot become {state.value}.")
        if state is not FindingState.SUPERSEDED:
            kinds = {FindingState.VERIFIED: FindingVerified, FindingState.REJECTED: FindingRejected}
            return kinds.get(state, FindingRefuted)(finding, reason)
        if by is None or by == finding:
            raise Refused(reason=f"f{finding} can only be superseded by another finding.")
        must_know(change, run, (by,))
        return FindingSuperseded(finding, by)


def _is_unsettled(reading: Reading, run: str, number: int, author: str) -> bool:
    """Whether this author proposed the finding and was interrupted before it was settled: it is the same proposal."""
    finding = finding_of(reading.run("finding", run=run, first=number, last=number)[0])
    return finding.state is FindingState.PROPOSED and finding.author == author


def must_know(reading: Reading, run: str, shown: Sequence[int]) -> None:
    """Refuse findings that nobody can have been shown."""
    if unknown := reading.first("unknown_findings", run=run, shown=json.dumps(shown)):
        raise _unknown(reading, run, unknown[0])


def _unknown(reading: Reading, run: str, number: int) -> Unknown:
    reading.must_have_run(run)
    return Unknown(what=f"finding f{number}", remedy=f"`swarm show {run}` lists the findings.")


def _move(change: Change, run: str, number: int, state: FindingState, reason: str, cause: int | None) -> None:
    row = {"state": state.value, "reason": reason}
    change.run("add_finding_state", run=run, number=number, cause=cause, now=change.now, **row)
    change.run("move_standing", run=run, number=number, **row)


def _reopen(change: Change, run: str, refuted: int) -> None:
    """Let everything be verified anew whose author had been shown the refuted finding, or something built on it."""
    reason = f"f{refuted}, on which it was built, was refuted"
    for (number,) in change.run("findings_built_on", run=run, number=refuted):
        _move(change, run, number, FindingState.PROPOSED, reason, refuted)
        change.tell(run, FindingReopened(number, refuted))
    for (number,) in change.run("candidates_built_on", run=run, number=refuted):
        change.run("void_judgement", run=run, number=number, because=refuted, now=change.now)
        change.run("unchoose", run=run, number=number)
        change.tell(run, CandidateReopened(number, refuted))


def _add_evidence(change: Change, run: str, number: int, evidence: Evidence, witness: str = "") -> None:
    change.run(
        "add_evidence", run=run, number=number, witness=witness, argv=json.dumps(evidence.argv), exit_code=evidence.exit_code,
        passed=evidence.passed, failed=evidence.failed, tree=evidence.tree, environment=evidence.environment,
        output=evidence.output, now=change.now,
    )  # fmt: skip


def _gists(reading: Reading, run: str, state: FindingState, limit: int, *, is_failure: bool = False) -> list[Gist]:
    rows = reading.run("newest_gists", run=run, is_failure=is_failure, state=state.value, limit=limit)
    return [Gist(number, kind, FindingState(standing), text, seen) for number, kind, standing, text, seen in rows]
