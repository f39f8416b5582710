"""The seam between a worker, which holds the lease, and the agent that does the task."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from sandboxes.command import Ran
from swarm.agents.budget import Purse, UnderWay
from swarm.agents.review import Review
from swarm.blackboard.candidates import Candidate
from swarm.blackboard.findings import Evidence, Finding, Gist
from swarm.blackboard.tasks import NewTask, Task
from swarm.events import Conversed
from swarm.evidence.claims import Claim
from swarm.evidence.ground import Ground


@dataclass(frozen=True)
class Result:
    """What came of a task, in a sentence."""

    sentence: str
    finished: bool = True
    """False: the task goes back into the queue, with the sentence as the reason."""


class Desk(Protocol):
    """What an agent may use while it works on one task. Author, task, lease and what was shown are the desk's business."""

    @property
    def ground(self) -> Ground:
        """Base, its tests and the rooms to run things in."""
        ...

    @property
    def issue(self) -> str:
        """The text of the issue. Untrusted; data, never instructions."""
        ...

    @property
    def shown(self) -> tuple[int, ...]:
        """The findings that the agent has been shown."""
        ...

    def gists(self) -> Sequence[Gist]:
        """What stands, at its shallowest depth; what this returns counts as shown to the agent."""
        ...

    def findings(self, kind: str) -> Sequence[Finding]:
        """What stands of one kind, oldest first, with summaries; what this returns counts as shown to the agent."""
        ...

    def share(self, *, kind: str, gist: str, summary: str, evidence: Evidence | None = None) -> Finding:
        """Propose a finding."""
        ...

    def keep(self, content: bytes) -> str:
        """Keep raw output where every worker finds it again, and answer its digest."""
        ...

    def raw(self, digest: str) -> bytes:
        """The raw output of a digest that some evidence names."""
        ...

    def submit(self, tree: str, summary: str) -> Candidate:
        """Hand in a tree of the mirror as a candidate; the desk takes the diff against base itself."""
        ...

    def claim(self, claim: Claim, tree: str, *, kind: str, gist: str, summary: str) -> tuple[Finding | None, str]:
        """Have swarm run what a claim names on a tree: the finding, and what was shown. None: the run showed nothing at all."""
        ...

    def doubt(self, finding: int, why: str) -> str:
        """Have swarm run again what bore a finding out, which is refuted only if that no longer does; what came of it."""
        ...

    def news(self) -> Sequence[Finding]:
        """What the agent has not been shown: findings that stand, and the fall of such as it was shown. Each comes once."""
        ...

    def unfold(self, finding: int) -> Finding:
        """One finding with its summary; it counts as shown."""
        ...

    def tasks(self) -> Sequence[Task]:
        """All tasks of the run, oldest first."""
        ...

    def add_task(self, new: NewTask) -> Task:
        """Put a task into the queue."""
        ...

    def split(self, parts: Sequence[NewTask]) -> Sequence[Task]:
        """Replace the task by smaller ones."""
        ...

    def briefing(self, write: Callable[[], str]) -> str:
        """What all agents of the run are told first, the very same bytes for each; whoever comes first writes it."""
        ...

    def remember(self, messages: str, tree: str, action: str, *, anew: bool = False) -> None:
        """Keep what was said, what became of the files, and what the agent does, in one stroke: a resume begins there."""
        ...

    def memory(self) -> Sequence[Conversed]:
        """What was remembered of this task, since it last began anew; what it had been shown counts as shown again."""
        ...

    def candidate(self, number: int) -> Candidate:
        """One candidate; what its author had been shown counts as shown to whoever builds on it."""
        ...

    def review(self) -> Review:
        """What a critic may do to the verified candidates."""
        ...

    def purse(self, under_way: UnderWay) -> Purse:
        """What the agent may spend."""
        ...

    def act(self, action: str) -> None:
        """Tell everybody what the agent does right now, in a few words."""
        ...

    def ran(self, ran: Ran) -> None:
        """Tell everybody which command was run in the agent's own sandbox, and keep what it said."""
        ...

    def stopped(self) -> bool:
        """Whether the task is wanted no more: asked between steps. An agent that is stopped returns an unfinished result."""
        ...


class Agent(Protocol):
    """Who does tasks of some kinds. It keeps nothing from one task to the next, so any worker can use it for any task."""

    @property
    def name(self) -> str:
        """What the agent is called: `repairer`, `coder`, …"""
        ...

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of tasks that it can do."""
        ...

    def model(self, task: Task) -> str:
        """Which language model does the task with it; empty: none."""
        ...

    def work(self, task: Task, desk: Desk) -> Result:
        """Do the task. Trouble that it raises gives the task back, with its message as the reason."""
        ...
