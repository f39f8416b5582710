"""What an agent may use while it works on one task: the one who knows the lease, and notes what the agent was shown."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from sandboxes.command import Ran
from swarm.agents.budget import Purse, UnderWay
from swarm.agents.review import Review
from swarm.blackboard.candidates import Candidate, NewCandidate, Verdict
from swarm.blackboard.findings import STANDING, Evidence, Finding, FindingState, Gist, NewFinding
from swarm.blackboard.history import told
from swarm.blackboard.store import Store
from swarm.blackboard.tasks import Lease, NewTask, Task, TaskState
from swarm.consequences import follow, judged
from swarm.doubts import Doubts
from swarm.events import BriefingWritten, CommandRan, Conversed, FindingClaimed, WorkerActed
from swarm.evidence.claims import Claim, hear
from swarm.evidence.footing import Footing
from swarm.evidence.ground import Ground
from swarm.evidence.patch import split


@dataclass(frozen=True, kw_only=True)
class WorkerDesk:
    """The desk of one worker for one task; a `Desk` to its agent."""

    store: Store
    lease: Lease
    agent: str
    footing: Footing
    issue: str
    called_off: Callable[[], bool]
    """Whether the worker lost its lease or is told to stop."""
    gist_budget: int
    exhaustive: bool = False
    """Whether the others go on when a candidate is verified."""
    critics: bool = False
    """Whether there are critics, who look at what is verified."""
    _shown: set[int] = field(default_factory=set, init=False)
    """The findings that the agent has been shown; a negative number: it was shown that this one fell."""

    @property
    def author(self) -> str:
        """Who everything from this desk is from."""
        return f"{self.agent}@{self.lease.worker}"

    @property
    def ground(self) -> Ground:
        """Base as agents see it."""
        return self.footing.bench

    @property
    def shown(self) -> tuple[int, ...]:
        """The findings that the agent has been shown."""
        return tuple(sorted(number for number in self._shown if number > 0))

    def gists(self) -> Sequence[Gist]:
        """What stands, at its shallowest depth."""
        found = self.store.gists(self.lease.run, budget=self.gist_budget)
        gists = [gist for gist in found if gist.kind != "nudge"]  # what the person says comes as news, in full
        self._shown.update(gist.finding for gist in gists)
        return gists

    def findings(self, kind: str) -> Sequence[Finding]:
        """What stands of one kind, oldest first."""
        found = [f for f in self.store.findings(self.lease.run) if f.kind == kind and f.state in STANDING]
        self._shown.update(finding.number for finding in found)
        return found

    def share(self, *, kind: str, gist: str, summary: str, evidence: Evidence | None = None) -> Finding:
        """Propose a finding. Evidence is what swarm ran itself: a finding that has it is verified by it."""
        finding = self._propose(kind, gist, summary, evidence)
        if evidence is not None and finding.state is FindingState.PROPOSED:
            reason = f"`{' '.join(evidence.argv)[:200]}` ended with code {evidence.exit_code}"
            self.store.settle_finding(self.lease.run, finding.number, FindingState.VERIFIED, reason, evidence=evidence)
        return finding

    def _propose(
        self, kind: str, gist: str, summary: str, evidence: Evidence | None = None, *, borne_out: bool = True
    ) -> Finding:
        new = NewFinding(
            kind=kind,
            gist=gist,
            summary=summary,
            author=self.author,
            task=self.lease.task,
            evidence=evidence,
            shown=self.shown,
            borne_out=borne_out,
        )
        return self.store.propose(self.lease.run, new, self.lease)

    def keep(self, content: bytes) -> str:
        """Keep raw output where every worker finds it again."""
        return self.store.put_raw(content)

    def raw(self, digest: str) -> bytes:
        """The raw output of a digest that some evidence names."""
        return self.store.raw(digest)

    def submit(self, tree: str, summary: str) -> Candidate:
        """Hand in a tree, have it judged, and stop what can no longer improve the outcome."""
        base, tree = self.footing.ground, self.footing.bare(tree)
        patch = split(base.rooms.mirror, base.tree, tree, base.baseline.tests, base.rooms.environment.folder)
        new = NewCandidate(
            tree=tree,
            base=base.base,
            summary=summary,
            author=self.author,
            added=patch.added,
            removed=patch.removed,
            shown=self.shown,
        )
        candidate = self.store.submit(self.lease, new)
        if candidate.judgement is None:
            self.act(f"judging c{candidate.number}")
            judgement = judged(self.store, self.lease.run, self.footing, tree)
            if judgement.verdict is Verdict.INCONCLUSIVE and self.called_off():
                return candidate  # what was cut off says nothing; whoever hands it in again has it judged
            self.store.judge(self.lease.run, candidate.number, judgement)
        found = self.store.candidate(self.lease.run, candidate.number)
        own = self.store.task(self.lease.run, self.lease.task)
        follow(self.store, found, own, exhaustive=self.exhaustive, critics=self.critics)
        return found

    def claim(self, claim: Claim, tree: str, *, kind: str, gist: str, summary: str) -> tuple[Finding | None, str]:
        """Run what a claim names, and write down what it showed: borne out or not, with the reason. None: nothing was shown."""
        heard = hear(claim, self.ground, tree, keep=self.store.put_raw)
        if heard.undecided or not heard.evidence.tree:
            return None, heard.reason
        finding = self._propose(kind, gist, summary, heard.evidence, borne_out=heard.accepted)
        self._shown.add(finding.number)
        if heard.accepted:
            kept = self.store.put_raw(claim.written().encode())
            claimed = FindingClaimed(finding.number, self.author, tree, kept)
            self.store.record(self.lease.run, claimed, lease=self.lease)
        if finding.state is FindingState.PROPOSED:
            state = FindingState.VERIFIED if heard.accepted else FindingState.REJECTED
            self.store.settle_finding(self.lease.run, finding.number, state, heard.reason, evidence=heard.evidence)
        return self.store.finding(self.lease.run, finding.number), heard.reason

    def doubt(self, finding: int, why: str) -> str:
        """Have what bore a finding out run again, and only if it no longer does, refute it; what came of it."""
        doubts = Doubts(store=self.store, lease=self.lease, author=self.author, ground=self.ground, stopped=self.stopped)
        said = doubts.look_into(self.unfold(finding), why)
        if self.store.finding(self.lease.run, finding).state is FindingState.REFUTED:
            self._shown.add(-finding)  # it learns so here, and not once more as news
        return said

    def news(self) -> Sequence[Finding]:
        """What the agent has not been shown, and the fall of what it was shown; each once."""
        found = []
        for finding in self.store.findings(self.lease.run):
            fell = finding.number in self._shown and finding.state is FindingState.REFUTED
            new = finding.number not in self._shown and finding.state in STANDING
            if new or (fell and -finding.number not in self._shown):
                self._shown.add(finding.number if new else -finding.number)
                found.append(finding)
        return found

    def unfold(self, finding: int) -> Finding:
        """One finding with its summary."""
        found = self.store.finding(self.lease.run, finding)
        self._shown.add(finding)
        return found

    def tasks(self) -> Sequence[Task]:
        """All tasks of the run."""
        return self.store.tasks(self.lease.run)

    def add_task(self, new: NewTask) -> Task:
        """Put a task into the queue."""
        return self.store.add_task(self.lease.run, new)

    def split(self, parts: Sequence[NewTask]) -> Sequence[Task]:
        """Replace the task by smaller ones."""
        return self.store.split(self.lease, parts)

    def briefing(self, write: Callable[[], str]) -> str:
        """What all agents of the run are told first: of two that write it at once, the first one counts for both."""

        def written() -> BriefingWritten | None:
            return next((event for event in told(self.store, self.lease.run) if isinstance(event, BriefingWritten)), None)

        kept = written()
        if kept is None:
            digest = self.store.put_raw(write().encode())
            self.store.record(self.lease.run, BriefingWritten(digest, self.shown), lease=self.lease)
            kept = written()
        assert kept is not None
        self._shown.update(kept.shown)
        return self.store.raw(kept.digest).decode()

    def remember(self, messages: str, tree: str, action: str, *, anew: bool = False) -> None:
        """Keep what was said and what became of the files."""
        worker, task = self.lease.worker, self.lease.task
        kept = Conversed(worker, task, messages, tree, tuple(sorted(self._shown)), anew)
        self.store.record(self.lease.run, kept, WorkerActed(worker, task, action), lease=self.lease)

    def memory(self) -> Sequence[Conversed]:
        """What was remembered of this task, since it last began anew."""
        own = [
            event for event in told(self.store, self.lease.run) if isinstance(event, Conversed) and event.task == self.lease.task
        ]
        begin = max((at for at, event in enumerate(own) if event.anew), default=0)
        self._shown.update(*(event.shown for event in own))
        return own[begin:]

    def candidate(self, number: int) -> Candidate:
        """One candidate; what its author had been shown counts as shown."""
        found = self.store.candidate(self.lease.run, number)
        self._shown.update(found.shown)
        return found

    def review(self) -> Review:
        """What a critic may do to the verified candidates."""
        return Review(store=self.store, lease=self.lease, footing=self.footing, author=self.author, issue=self.issue)

    def purse(self, under_way: UnderWay) -> Purse:
        """What the agent may spend."""
        return Purse(self.store, self.lease.run, self.agent, under_way, self.lease.worker)

    def stopped(self) -> bool:
        """Whether the task is wanted no more: the worker is told to stop, or the task was cancelled or given to another."""
        task = self.store.task(self.lease.run, self.lease.task)
        return self.called_off() or task.state is not TaskState.CLAIMED or task.token != self.lease.token

    def act(self, action: str) -> None:
        """Tell everybody what the agent does right now."""
        self.store.record(self.lease.run, WorkerActed(self.lease.worker, self.lease.task, action), lease=self.lease)

    def ran(self, ran: Ran) -> None:
        """Tell everybody which command was run, and keep all that it said."""
        output = self.store.put_raw(ran.stdout.text().encode() + ran.stderr.text().encode())
        lease, ending = self.lease, ran.ending.value
        event = CommandRan(lease.worker, lease.task, ran.command.argv, ending, ran.exit_code, ran.seconds, output)
        self.store.record(lease.run, event, lease=lease)
