"""The contract of the store: what every keeper of the blackboard promises, whatever it is built on.

Every call that changes something commits the change together with the events that report it, durably, before it returns.
A call that is refused changes nothing. Nobody's model call or command runs while a transaction is open.
"""

from collections.abc import Iterator, Sequence
from typing import Protocol

from swarm.blackboard.candidates import Candidate, Judgement, NewCandidate
from swarm.blackboard.findings import Evidence, Finding, FindingState, Gist, NewFinding
from swarm.blackboard.journal import Entry
from swarm.blackboard.ledger import Account, Amount, Caps, Reservation
from swarm.blackboard.requests import Request, Wish
from swarm.blackboard.runs import NewRun, Run
from swarm.blackboard.tasks import Lease, NewTask, Task
from swarm.events import Event


class Runs(Protocol):
    """The runs of a repository."""

    def start_run(self, new: NewRun, *told: Event) -> Run:
        """Begin a run, and write down what else was said of it then."""
        ...

    def end_run(self, run: str, *, outcome: str, exit_code: int, sentence: str, branch: str = "") -> None:
        """End a run. Ending it again changes nothing."""
        ...

    def sign_of_life(self, run: str) -> None:
        """Note that the run's process is alive. No event: nothing happened."""
        ...

    def run(self, name: str) -> Run:
        """The run of this name, or of this unambiguous beginning of one, or `last`."""
        ...

    def runs(self) -> Sequence[Run]:
        """All runs, newest first."""
        ...


class Queue(Protocol):
    """Tasks."""

    def add_task(self, run: str, new: NewTask) -> Task:
        """Put a task into the queue. Unknown needs, cycles, and what passes the caps are refused."""
        ...

    def add_need(self, run: str, task: int, need: int) -> None:
        """Let a ready task wait for another one. What would make a cycle is refused."""
        ...

    def claim(self, run: str, worker: str, kinds: Sequence[str], *, lease_seconds: float) -> tuple[Task, Lease] | None:
        """Take the best task on offer: expired leases first, then by priority, then the oldest. None: nothing is on offer."""
        ...

    def renew(self, lease: Lease, *, lease_seconds: float) -> Lease:
        """Hold the task for longer."""
        ...

    def finish(self, lease: Lease, result: str) -> None:
        """Note that the task is done."""
        ...

    def exchange(self, lease: Lease, result: str, kinds: Sequence[str], *, lease_seconds: float) -> tuple[Task, Lease] | None:
        """Finish a task and claim the next one for the same worker, in one change."""
        ...

    def give_back(self, lease: Lease, reason: str) -> None:
        """Leave the task to others, with the reason. Too many setbacks and it is dead."""
        ...

    def put_down(self, lease: Lease) -> None:
        """Leave the task as it was, because the worker was told to stop. That is no setback."""
        ...

    def reclaim(self, run: str) -> None:
        """Free whatever is claimed: the process in which all workers of the run lived is known to be gone."""
        ...

    def split(self, lease: Lease, parts: Sequence[NewTask]) -> Sequence[Task]:
        """Replace the task by smaller ones; what needed it waits for all of them."""
        ...

    def cancel(self, run: str, task: int, reason: str) -> None:
        """Want a task no more, and nothing that needs it. A worker that holds it is fenced off."""
        ...

    def retry(self, run: str, task: int) -> None:
        """Offer a dead or cancelled task again, its setbacks forgotten."""
        ...

    def task(self, run: str, number: int) -> Task:
        """One task."""
        ...

    def tasks(self, run: str) -> Sequence[Task]:
        """All tasks of a run, oldest first."""
        ...

    def open_tasks(self, run: str) -> int:
        """How many tasks are ready (offered or waiting for needs) or claimed."""
        ...


class Knowledge(Protocol):
    """Findings and candidates."""

    def propose(self, run: str, new: NewFinding, lease: Lease | None = None) -> Finding:
        """Write down what somebody claims. Borne out, and near-identical to one that stands, it is a witness of that one."""
        ...

    def settle_finding(
        self, run: str, finding: int, state: FindingState, reason: str, *, evidence: Evidence | None = None, by: int | None = None
    ) -> None:
        """Note what became of a finding. Refuting it reopens everything built on it, and so on to the end."""
        ...

    def finding(self, run: str, number: int) -> Finding:
        """One finding with its summary: the second depth. Its evidence names the raw output, the third."""
        ...

    def findings(self, run: str) -> Sequence[Finding]:
        """All findings of a run, oldest first."""
        ...

    def gists(self, run: str, *, budget: int) -> Sequence[Gist]:
        """The first depth of what stands, in at most `budget` characters, with room kept for failures and for candidates."""
        ...

    def submit(self, lease: Lease, new: NewCandidate) -> Candidate:
        """Hand in a patch. The same tree again is the same candidate."""
        ...

    def judge(self, run: str, candidate: int, judgement: Judgement) -> None:
        """Note what verification says of a candidate."""
        ...

    def choose(self, run: str, candidate: int, reason: str, doubts: Sequence[str] = ()) -> None:
        """Note that this candidate is the outcome of the run, and what a person should look at all the same."""
        ...

    def candidate(self, run: str, number: int) -> Candidate:
        """One candidate."""
        ...

    def candidates(self, run: str) -> Sequence[Candidate]:
        """All candidates of a run, oldest first."""
        ...


class Ledger(Protocol):
    """Money and tokens."""

    def set_caps(self, run: str, scope: str, caps: Caps) -> None:
        """Cap a scope: `run`, `agent:NAME` or `day` (today, over all runs of the repository)."""
        ...

    def reserve(self, run: str, agent: str, worst: Amount, worker: str = "") -> Reservation:
        """Set the worst case of a call aside in all its scopes at once, or refuse it where it would pass a cap."""
        ...

    def settle(self, reservation: Reservation, real: Amount) -> None:
        """Replace what was set aside by what the call cost. Settling again changes nothing."""
        ...

    def release(self, reservation: Reservation) -> None:
        """Free what was set aside for a call that was not made."""
        ...

    def accounts(self, run: str) -> Sequence[Account]:
        """What the run, its agents and the day have spent and set aside."""
        ...


class Wishes(Protocol):
    """What the person wants."""

    def request(self, run: str, wish: Wish, target: str = "", text: str = "") -> Request:
        """Ask something of a run."""
        ...

    def open_requests(self, run: str) -> Sequence[Request]:
        """What has not been answered, oldest first."""
        ...

    def answer(self, run: str, number: int, text: str) -> None:
        """Say what was done about it."""
        ...


class Journal(Protocol):
    """The list of everything that happened."""

    def record(self, run: str, *events: Event, lease: Lease | None = None) -> None:
        """Write down what happened to nothing the store keeps otherwise: a stage, a step, a command."""
        ...

    def entries(self, run: str, after: int = 0, limit: int = 1000) -> Sequence[Entry]:
        """What happened after a position, in order."""
        ...

    def standing(self, run: str) -> Sequence[Entry]:
        """As much of what happened as the board of this moment is made of, in order: a long run can be joined at once."""
        ...

    def follow(self, run: str, after: int = 0, *, idle: float = 0.05) -> Iterator[Entry]:
        """What happened and what happens, without end, until the run ends; waits without turning in circles."""
        ...


class Store(Runs, Queue, Knowledge, Ledger, Wishes, Journal, Protocol):
    """The blackboard of one repository."""

    def put_raw(self, content: bytes) -> str:
        """Keep raw output, synced before this returns; its digest is its name."""
        ...

    def raw(self, digest: str) -> bytes:
        """The raw output of this digest."""
        ...

    def close(self) -> None:
        """Let go of the files."""
        ...
