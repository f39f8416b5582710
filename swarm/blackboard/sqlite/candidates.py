"""Candidates: submitted once, judged as often as needed, one of them chosen."""

import json
import sys
from collections.abc import Sequence
from dataclasses import asdict

from swarm.blackboard.candidates import Candidate, Judgement, NewCandidate
from swarm.blackboard.sqlite.findings import must_know
from swarm.blackboard.sqlite.part import Part
from swarm.blackboard.sqlite.rows import candidate_of
from swarm.blackboard.sqlite.transaction import Change, Reading
from swarm.blackboard.tasks import Lease
from swarm.errors import Unknown
from swarm.events import CandidateChosen, CandidateJudged, CandidateSubmitted


class SqliteCandidates(Part):
    """Candidates in SQLite."""

    def submit(self, lease: Lease, new: NewCandidate) -> Candidate:
        """Hand in a patch. The same tree again is the same candidate."""
        with self._database.changing() as change:
            change.must_hold(lease)
            must_know(change, lease.run, new.shown)
            known = change.first("candidate_of_tree", run=lease.run, tree=new.tree)
            return self._kept(change, lease.run, known[0] if known else self._add_candidate(change, lease, new))

    def judge(self, run: str, candidate: int, judgement: Judgement) -> None:
        """Note what verification says of a candidate."""
        self._must_be_kept(judgement.output)
        with self._database.changing() as change:
            self._kept(change, run, candidate)
            row = {**asdict(judgement), "verdict": judgement.verdict.value}
            change.run("add_judgement", run=run, number=candidate, now=change.now, **row)
            told = ("rule", "reason", "test", "passed", "failed", "seconds")
            change.tell(run, CandidateJudged(candidate, row["verdict"], **{name: row[name] for name in told}))

    def choose(self, run: str, candidate: int, reason: str, doubts: Sequence[str] = ()) -> None:
        """Note that this candidate is the outcome of the run, and what a person should look at all the same."""
        with self._database.changing() as change:
            self._kept(change, run, candidate)
            change.run("choose", run=run, number=candidate)
            change.tell(run, CandidateChosen(candidate, reason, tuple(doubts)))

    def candidate(self, run: str, number: int) -> Candidate:
        """One candidate."""
        with self._database.reading() as reading:
            return self._kept(reading, run, number)

    def candidates(self, run: str) -> Sequence[Candidate]:
        """All candidates of a run, oldest first."""
        with self._database.reading() as reading:
            reading.must_have_run(run)
            return [candidate_of(row) for row in reading.run("candidate", run=run, first=1, last=sys.maxsize)]

    def _add_candidate(self, change: Change, lease: Lease, new: NewCandidate) -> int:
        number = int(change.value("next_candidate", run=lease.run))
        change.run(
            "add_candidate", run=lease.run, number=number, task=lease.task, tree=new.tree, base=new.base, summary=new.summary,
            author=new.author, added=new.added, removed=new.removed, now=change.now,
        )  # fmt: skip
        change.run("add_candidate_shown", run=lease.run, number=number, shown=json.dumps(new.shown))
        submitted = CandidateSubmitted(number, lease.task, new.author, new.tree, new.summary, new.added, new.removed)
        change.tell(lease.run, submitted)
        return number

    def _kept(self, reading: Reading, run: str, number: int) -> Candidate:
        rows = reading.run("candidate", run=run, first=number, last=number)
        if not rows:
            reading.must_have_run(run)
            raise Unknown(what=f"candidate c{number}", remedy=f"`swarm show {run}` lists the candidates.")
        return candidate_of(rows[0])
