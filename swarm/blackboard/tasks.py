"""Tasks: what is to be done, who holds it, and how long."""

from enum import Enum

from swarm.values import Value


class TaskState(Enum):
    """Where a task is: ready → claimed → done, split, or back to ready; dead after too many setbacks."""

    READY = "ready"
    """Offered to any worker once all its needs are done."""
    CLAIMED = "claimed"
    """Held by one worker under a lease."""
    DONE = "done"
    """Finished; its result is kept."""
    SPLIT = "split"
    """Replaced by its parts; done, for those that need it, when all of them are."""
    DEAD = "dead"
    """Given back or expired too often; its reasons are kept."""
    CANCELLED = "cancelled"
    """Not wanted any more, or in need of something that will never be done."""


class NewTask(Value, kw_only=True):
    """A task before the store has given it its number."""

    kind: str
    """Which agent can do it: `reproduce`, `locate`, `fix`, …"""
    goal: str
    """What is wanted, in a sentence or two."""
    needs: tuple[int, ...] = ()
    """Tasks that must be done before this one is offered."""
    priority: int = 0
    """Higher is offered first."""
    parent: int | None = None
    """The task that was split into this one and others."""
    payload: str = ""
    """What the agent needs to know beside the goal, as JSON."""


class Task(Value, kw_only=True):
    """A task as the store keeps it."""

    run: str
    number: int
    kind: str
    goal: str
    needs: tuple[int, ...]
    priority: int
    parent: int | None
    depth: int
    """How many splits lie between it and a task that nobody split."""
    payload: str
    state: TaskState
    worker: str
    """Who holds it or held it last."""
    token: int
    """Grows with every claim; a write that carries an older one is refused."""
    setbacks: tuple[str, ...]
    """Why it was given back, or that its lease ran out, once for each time."""
    result: str


class Lease(Value):
    """The right of one worker to one task, for a while. Every write for the task carries it."""

    run: str
    task: int
    worker: str
    token: int
    until: float
    """Seconds since the epoch, by the store's clock."""


class TaskCaps(Value, kw_only=True):
    """How far the tasks of a run may grow."""

    tasks: int = 1000
    depth: int = 4
    setbacks: int = 3
    """A task set back this often is dead."""
