"""What an agent may use while it works on one task: the one who knows the lease, and notes what the agent was shown."""

from collections.abc import Callable, Sequence

from swarm.blackboard.candidates import Candidate, Judgement, NewCandidate, Verdict
from swarm.blackboard.findings import Evidence, Finding, FindingState, Gist, NewFinding
from swarm.blackboard.store import Store
from swarm.blackboard.tasks import Lease, TaskState
from swarm.events import WorkerActed
from swarm.evidence.ground import Ground
from swarm.evidence.patch import counts

STANDING = (FindingState.PROPOSED, FindingState.VERIFIED)

Judge = Callable[[str, Ground], Judgement]
"""Says what a tree is worth as a fix, by running its tests in fresh sandboxes."""


class WorkerDesk:
    """The desk of one worker for one task; a `Desk` to its agent."""

    def __init__(
        self,
        *,
        store: Store,
        lease: Lease,
        agent: str,
        ground: Ground,
        issue: str,
        judge: Judge,
        stopped: Callable[[], bool],
        gist_budget: int,
    ) -> None:
        self.ground = ground
        self.issue = issue
        self._stopped = stopped
        self._store = store
        self._lease = lease
        self._author = f"{agent}@{lease.worker}"
        self._judge = judge
        self._gist_budget = gist_budget
        self._shown: set[int] = set()

    def gists(self) -> Sequence[Gist]:
        """What stands, at its shallowest depth."""
        gists = self._store.gists(self._lease.run, budget=self._gist_budget)
        self._shown.update(gist.finding for gist in gists)
        return gists

    def findings(self, kind: str) -> Sequence[Finding]:
        """What stands of one kind, oldest first."""
        found = [f for f in self._store.findings(self._lease.run) if f.kind == kind and f.state in STANDING]
        self._shown.update(finding.number for finding in found)
        return found

    def share(self, *, kind: str, gist: str, summary: str, evidence: Evidence | None = None) -> Finding:
        """Propose a finding. Evidence is what swarm ran itself: a finding that has it is verified by it."""
        new = NewFinding(
            kind=kind,
            gist=gist,
            summary=summary,
            author=self._author,
            task=self._lease.task,
            evidence=evidence,
            shown=tuple(sorted(self._shown)),
        )
        finding = self._store.propose(self._lease.run, new, self._lease)
        if evidence is not None and finding.state is FindingState.PROPOSED:
            reason = f"`{' '.join(evidence.argv)[:200]}` ended with code {evidence.exit_code}"
            self._store.settle_finding(self._lease.run, finding.number, FindingState.VERIFIED, reason, evidence=evidence)
        return finding

    def submit(self, tree: str, summary: str) -> Candidate:
        """Hand in a tree, have it judged, and stop what can no longer improve the outcome."""
        added, removed = counts(self.ground.rooms.mirror.diff(self.ground.tree, tree))
        new = NewCandidate(
            tree=tree,
            base=self.ground.base,
            summary=summary,
            author=self._author,
            added=added,
            removed=removed,
            shown=tuple(sorted(self._shown)),
        )
        candidate = self._store.submit(self._lease, new)
        if candidate.judgement is None:
            self.act(f"judging c{candidate.number}")
            self._store.judge(self._lease.run, candidate.number, self._judge(tree, self.ground))
        judged = self._store.candidate(self._lease.run, candidate.number)
        if judged.judgement and judged.judgement.verdict is Verdict.VERIFIED:
            self._call_off(f"c{judged.number} is verified")
        return judged

    def stopped(self) -> bool:
        """Whether the task is wanted no more: the worker is told to stop, or the task was cancelled or given to another."""
        task = self._store.task(self._lease.run, self._lease.task)
        return self._stopped() or task.state is not TaskState.CLAIMED or task.token != self._lease.token

    def _call_off(self, reason: str) -> None:
        """Cancel what can no longer improve the outcome."""
        for task in self._store.tasks(self._lease.run):
            if task.number != self._lease.task and task.state in {TaskState.READY, TaskState.CLAIMED}:
                self._store.cancel(self._lease.run, task.number, reason)

    def act(self, action: str) -> None:
        """Tell everybody what the agent does right now."""
        self._store.record(self._lease.run, WorkerActed(self._lease.worker, self._lease.task, action), lease=self._lease)
