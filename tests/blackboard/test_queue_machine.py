"""Queue, leases and fencing against a model: any order of steps that Hypothesis can think of.

A failure prints its steps; `--hypothesis-seed=N` replays a whole search.
"""

import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from swarm.blackboard.runs import NewRun
from swarm.blackboard.sqlite import SqliteStore
from swarm.blackboard.tasks import Lease, NewTask, Task, TaskCaps
from swarm.board import Board
from swarm.errors import CyclicNeeds, Refused, StaleLease, TooDeep, TooManyTasks

KINDS = ("fix", "plan")
CAPS = TaskCaps(tasks=12, depth=2, setbacks=3)
LEASE = 10


@dataclass
class Modelled:
    """A task as the contract has it."""

    kind: str
    priority: int
    needs: set[int]
    parent: int | None
    part: bool
    depth: int
    state: str = "ready"
    worker: str = ""
    token: int = 0
    until: float = 0.0
    expired: bool = False
    setbacks: list[str] = field(default_factory=list)
    result: str = ""


class Model:
    """The queue as the contract has it, in the plainest way."""

    def __init__(self) -> None:
        self.tasks: dict[int, Modelled] = {}

    def parts(self, number: int) -> list[int]:
        return [n for n, task in self.tasks.items() if task.part and task.parent == number]

    def done(self, number: int) -> bool:
        state = self.tasks[number].state
        return state == "done" or (state == "split" and all(self.done(part) for part in self.parts(number)))

    def hopeless(self, number: int) -> bool:
        return self.tasks[number].state in ("dead", "cancelled") or any(self.hopeless(part) for part in self.parts(number))

    def waits_for(self, number: int, other: int) -> bool:
        before = self.tasks[number].needs | set(self.parts(number))
        return number == other or any(self.waits_for(one, other) for one in before)

    def offered(self, kinds: tuple[str, ...]) -> list[int]:
        ready = [n for n, t in self.tasks.items() if t.state == "ready" and t.kind in kinds and all(map(self.done, t.needs))]
        return sorted(ready, key=lambda n: (not self.tasks[n].expired, -self.tasks[n].priority, n))

    def set_back(self, number: int, why: str) -> None:
        task = self.tasks[number]
        task.setbacks.append(why)
        task.state = "dead" if len(task.setbacks) >= CAPS.setbacks else "ready"
        if task.state == "dead":
            self.strand(number)

    def sweep(self, now: float) -> None:
        for number, task in self.tasks.items():
            if task.state == "claimed" and task.until <= now:
                task.expired = True
                self.set_back(number, f"{task.worker}: lease expired")

    def strand(self, number: int) -> None:
        """Cancel what needs a task that will never be done, or the one of which it is a part."""
        for other, task in self.tasks.items():
            if number in task.needs and task.state == "ready":
                self.cancel(other)
        task = self.tasks[number]
        if task.part and task.parent is not None and self.tasks[task.parent].state == "split":
            self.strand(task.parent)

    def cancel(self, number: int) -> None:
        task = self.tasks[number]
        if task.state in ("ready", "claimed") or (task.state == "split" and not self.done(number)):
            parts = self.parts(number)
            task.state = "cancelled"
            for part in parts:
                self.cancel(part)
            self.strand(number)


class Queue(RuleBasedStateMachine):
    """Every step is done to the store and to the model, and both must say the same."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.now = 1000.0
        self.store = SqliteStore.open(Path(self.folder.name), clock=lambda: self.now, caps=CAPS)
        new = NewRun(title="t", issue="i", source="s", base="b", sandbox="none", workers=1)
        self.run = self.store.start_run(new).name
        self.model = Model()
        self.leases: list[Lease] = []

    def teardown(self) -> None:
        self.store.close()
        self.folder.cleanup()

    def current(self, lease: Lease) -> bool:
        task = self.model.tasks[lease.task]
        return task.state == "claimed" and task.token == lease.token

    def some(self, number: int) -> int:
        return number % len(self.model.tasks) + 1

    def add(self, kind: str, priority: int, needs: set[int], parent: int | None, *, part: bool) -> int:
        depth = 0 if parent is None else self.model.tasks[parent].depth + 1
        number = len(self.model.tasks) + 1
        self.model.tasks[number] = Modelled(kind, priority, needs, parent, part, depth)
        return number

    @rule(
        kind=st.sampled_from(KINDS),
        priority=st.integers(-1, 1),
        needs=st.sets(st.integers(0, 11), max_size=2),
        child=st.booleans(),
    )
    def adds(self, kind: str, priority: int, needs: set[int], child: bool) -> None:
        known = {self.some(need) for need in needs} if self.model.tasks else set()
        parent = min(known) if child and known else None
        known -= {parent}
        new = NewTask(kind=kind, goal="g", priority=priority, needs=tuple(known), parent=parent)
        error = self.why_not(known, parent)
        if error is None:
            waited_for = parent is not None and self.model.tasks[parent].state == "split" and not self.model.done(parent)
            self.add(kind, priority, known, parent, part=waited_for)
            self.store.add_task(self.run, new)
        else:
            self.refused(error, lambda: self.store.add_task(self.run, new))

    def why_not(self, needs: set[int], parent: int | None) -> type[Refused] | None:
        if len(self.model.tasks) >= CAPS.tasks:
            return TooManyTasks
        if parent is not None and self.model.tasks[parent].depth >= CAPS.depth:
            return TooDeep
        is_part = parent is not None and self.model.tasks[parent].state == "split" and not self.model.done(parent)
        if is_part and any(self.model.waits_for(need, parent) for need in needs):
            return CyclicNeeds
        return Refused if any(map(self.model.hopeless, needs)) else None

    def refused(self, error: type[Refused], step) -> None:
        before = (self.store.tasks(self.run), self.store.entries(self.run, limit=10_000))
        try:
            step()
        except error:
            assert (self.store.tasks(self.run), self.store.entries(self.run, limit=10_000)) == before
            return
        raise AssertionError(f"{error.__name__} was expected")

    @precondition(lambda self: self.model.tasks)
    @rule(task=st.integers(0, 11), need=st.integers(0, 11))
    def adds_a_need(self, task: int, need: int) -> None:
        task, need = self.some(task), self.some(need)
        model, seen = self.model, self.model.tasks[task]
        if seen.state != "ready" or model.hopeless(need):
            self.refused(Refused, lambda: self.store.add_need(self.run, task, need))
        elif model.waits_for(need, task):
            self.refused(CyclicNeeds, lambda: self.store.add_need(self.run, task, need))
        else:
            seen.needs.add(need)
            self.store.add_need(self.run, task, need)

    @rule(worker=st.sampled_from(("w1", "w2", "w3")), kinds=st.sampled_from((KINDS, ("fix",), ("plan",))))
    def claims(self, worker: str, kinds: tuple[str, ...]) -> None:
        claimed = self.store.claim(self.run, worker, kinds, lease_seconds=LEASE)
        self.claimed(worker, kinds, claimed)

    def claimed(self, worker: str, kinds: tuple[str, ...], claimed: tuple[Task, Lease] | None) -> None:
        self.model.sweep(self.now)
        offered = self.model.offered(kinds)
        assert (claimed[0].number if claimed else None) == (offered[0] if offered else None)
        if claimed:
            task = self.model.tasks[claimed[0].number]
            task.state, task.worker, task.token, task.until = "claimed", worker, task.token + 1, self.now + LEASE
            task.expired = False
            assert claimed[1] == Lease(self.run, offered[0], worker, task.token, task.until)
            self.leases.append(claimed[1])

    @rule(seconds=st.sampled_from((1.0, 6.0, 11.0)))
    def time_passes(self, seconds: float) -> None:
        self.now += seconds

    def step(self, which: int, write) -> Modelled | None:
        """The task of a lease, if a write with this lease is accepted; an old lease must be refused."""
        lease = self.leases[which % len(self.leases)]
        if self.current(lease):
            write(lease)
            return self.model.tasks[lease.task]
        self.refused(StaleLease, lambda: write(lease))
        return None

    @precondition(lambda self: self.leases)
    @rule(which=st.integers(0, 50))
    def renews(self, which: int) -> None:
        if task := self.step(which, lambda lease: self.store.renew(lease, lease_seconds=LEASE)):
            task.until = self.now + LEASE

    @precondition(lambda self: self.leases)
    @rule(which=st.integers(0, 50))
    def finishes(self, which: int) -> None:
        if task := self.step(which, lambda lease: self.store.finish(lease, f"by {lease.token}")):
            task.state, task.result = "done", f"by {task.token}"

    @precondition(lambda self: self.leases)
    @rule(which=st.integers(0, 50), kinds=st.sampled_from((KINDS, ("fix",), ("plan",))))
    def exchanges(self, which: int, kinds: tuple[str, ...]) -> None:
        claimed = []

        def exchange(lease: Lease) -> None:
            claimed.append(self.store.exchange(lease, f"by {lease.token}", kinds, lease_seconds=LEASE))

        if task := self.step(which, exchange):
            task.state, task.result = "done", f"by {task.token}"
            self.claimed(task.worker, kinds, *claimed)

    @precondition(lambda self: self.leases)
    @rule(which=st.integers(0, 50))
    def gives_back(self, which: int) -> None:
        if self.step(which, lambda lease: self.store.give_back(lease, "no")):
            lease = self.leases[which % len(self.leases)]
            self.model.set_back(lease.task, f"{lease.worker}: no")

    @precondition(lambda self: self.leases and len(self.model.tasks) < CAPS.tasks - 1)
    @rule(which=st.integers(0, 50), number=st.integers(1, 2), need=st.none() | st.integers(0, 11))
    def splits(self, which: int, number: int, need: int | None) -> None:
        lease = self.leases[which % len(self.leases)]
        needs = set() if need is None else {self.some(need)}
        parts = [NewTask(kind="fix", goal="part", needs=tuple(needs)) for _ in range(number)]
        model = self.model
        wrong = any(model.waits_for(one, lease.task) or model.hopeless(one) for one in needs)
        if self.current(lease) and (wrong or model.tasks[lease.task].depth >= CAPS.depth):
            self.refused(Refused, lambda: self.store.split(lease, parts))
        elif task := self.step(which, lambda lease: self.store.split(lease, parts)):
            task.state = "split"
            for _ in parts:
                self.add("fix", 0, set(needs), lease.task, part=True)

    @precondition(lambda self: self.model.tasks)
    @rule(task=st.integers(0, 11))
    def cancels(self, task: int) -> None:
        number = self.some(task)
        if self.model.done(number):
            self.refused(Refused, lambda: self.store.cancel(self.run, number, "no"))
        else:
            self.model.cancel(number)
            self.store.cancel(self.run, number, "no")

    @precondition(lambda self: self.model.tasks)
    @rule(task=st.integers(0, 11))
    def retries(self, task: int) -> None:
        number = self.some(task)
        seen = self.model.tasks[number]
        if seen.state not in ("dead", "cancelled") or any(map(self.model.hopeless, seen.needs)):
            self.refused(Refused, lambda: self.store.retry(self.run, number))
        else:
            seen.state, seen.worker, seen.setbacks, seen.expired = "ready", "", [], False
            for part in self.model.parts(number):
                self.model.tasks[part].part = False
            self.store.retry(self.run, number)

    @invariant()
    def store_and_model_agree(self) -> None:
        kept = self.store.tasks(self.run)
        assert [(t.state.value, t.token, set(t.needs), list(t.setbacks), t.depth, t.parent) for t in kept] == [
            (m.state, m.token, m.needs, m.setbacks, m.depth, m.parent) for m in self.model.tasks.values()
        ]
        assert [t.result for t in kept if t.state.value == "done"] == [
            m.result for m in self.model.tasks.values() if m.state == "done"
        ]
        assert self.store.open_tasks(self.run) == sum(m.state in ("ready", "claimed") for m in self.model.tasks.values())

    @invariant()
    def the_journal_tells_the_same_as_the_store(self) -> None:
        board = Board().after_all(entry.event for entry in self.store.entries(self.run, limit=10_000))
        told = [(t.task, t.kind, t.state, t.needs, t.parent, t.setbacks) for t in board.tasks.values()]
        kept = [(t.number, t.kind, t.state.value, t.needs, t.parent, t.setbacks) for t in self.store.tasks(self.run)]
        assert told == kept


TestQueue = Queue.TestCase
TestQueue.settings = settings(
    max_examples=50, stateful_step_count=40, deadline=None, suppress_health_check=list(HealthCheck), database=None
)
