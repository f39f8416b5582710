"""The leaderless loop: claim a task, let its agent work, finish or give back. Every worker is this same program."""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from sandboxes.trouble import Trouble
from swarm.agents.agent import Agent, Result
from swarm.agents.faults import ProviderTrouble
from swarm.blackboard.store import Store
from swarm.blackboard.tasks import Lease, Task
from swarm.desk import WorkerDesk
from swarm.errors import SettingsError, StaleLease, StoreTrouble, shown
from swarm.events import AgentBegan, WorkerStarted, WorkerStopped
from swarm.steering import Switches

IDLE = 0.1
"""Seconds between two looks at a queue that offers nothing."""


@dataclass(frozen=True, kw_only=True)
class Worker:
    """A loop that claims tasks and lets agents do them. No worker is special."""

    name: str
    run: str
    store: Store
    agents: Sequence[Agent]
    desk: Callable[[Agent, Lease, Callable[[], bool]], WorkerDesk]
    switches: Switches
    lease_seconds: float

    def work(self) -> None:
        """Do tasks until there are none left to do, or the run stops this worker."""
        self.store.record(self.run, WorkerStarted(self.name, self._kinds))
        claimed = None
        while claimed or (not self.switches.stops(self.name) and self.store.open_tasks(self.run)):
            if claimed is None and self._may_claim:
                claimed = self.store.claim(self.run, self.name, self._kinds, lease_seconds=self.lease_seconds)
            if claimed is None:
                self.switches.stop.wait(IDLE)
            else:
                claimed = self._do(*claimed)
        reason = "the run stops it" if self.switches.stops(self.name) else "nothing is left to do"
        self.store.record(self.run, WorkerStopped(self.name, reason))

    @property
    def _kinds(self) -> tuple[str, ...]:
        return tuple(kind for agent in self.agents for kind in agent.kinds)

    @property
    def _may_claim(self) -> bool:
        return not (self.switches.pause.is_set() or self.switches.stops(self.name))

    def _do(self, task: Task, lease: Lease) -> tuple[Task, Lease] | None:
        """Do a task; the next one, where it was claimed as this one was finished."""
        agent = next(agent for agent in self.agents if task.kind in agent.kinds)
        with self._heartbeat(lease) as lost:
            result = self._result(agent, task, lease, lost)
        try:
            if result.finished and self._may_claim:
                return self.store.exchange(lease, result.sentence, self._kinds, lease_seconds=self.lease_seconds)
            if result.finished:
                self.store.finish(lease, result.sentence)
            elif self.switches.stops(self.name):
                self.store.put_down(lease)
            else:
                self.store.give_back(lease, result.sentence)
        except StaleLease:
            # Another worker holds the task, or it was cancelled: what this one did is not wanted, and the journal says so.
            pass
        return None

    def _result(self, agent: Agent, task: Task, lease: Lease, lost: threading.Event) -> Result:
        desk = self.desk(agent, lease, lambda: lost.is_set() or self.switches.stops(self.name))
        try:
            self.store.record(self.run, AgentBegan(self.name, task.number, agent.name, agent.model(task)), lease=lease)
            return agent.work(task, desk)
        except (StoreTrouble, ProviderTrouble, SettingsError):
            raise
        except Trouble as trouble:
            return Result(shown(trouble).splitlines()[0], finished=False)

    @contextmanager
    def _heartbeat(self, lease: Lease) -> Iterator[threading.Event]:
        """Keep the lease alive from a thread of its own, so that a long command cannot starve it."""
        lost, over = threading.Event(), threading.Event()

        def beat() -> None:
            while not over.wait(self.lease_seconds / 4):
                try:
                    self.store.renew(lease, lease_seconds=self.lease_seconds)
                except (StaleLease, StoreTrouble):
                    lost.set()
                    return

        thread = threading.Thread(target=beat, name=f"heartbeat of {lease.worker} for t{lease.task}", daemon=True)
        thread.start()
        try:
            yield lost
        finally:
            over.set()
            thread.join()
