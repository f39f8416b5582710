"""The queue: who does what, under a lease."""

import json
from collections.abc import Sequence

from swarm.blackboard.sqlite.needs import SqliteNeeds
from swarm.blackboard.sqlite.rows import task_of
from swarm.blackboard.sqlite.transaction import Change
from swarm.blackboard.tasks import Lease, NewTask, Task
from swarm.errors import Refused
from swarm.events import TaskClaimed, TaskDied, TaskExpired, TaskFinished, TaskGivenBack, TaskPutDown, TaskRetried, TaskSplit


class SqliteTasks(SqliteNeeds):
    """Tasks in SQLite."""

    def add_task(self, run: str, new: NewTask) -> Task:
        """Put a task into the queue."""
        with self._database.changing() as change:
            change.must_have_run(run)
            return self._add(change, run, new)

    def claim(self, run: str, worker: str, kinds: Sequence[str], *, lease_seconds: float) -> tuple[Task, Lease] | None:
        """Take the best task that is offered."""
        with self._database.changing() as change:
            return self._claim(change, run, worker, kinds, change.now + lease_seconds)

    def renew(self, lease: Lease, *, lease_seconds: float) -> Lease:
        """Hold the task for longer."""
        with self._database.changing() as change:
            until = change.now + lease_seconds
            change.must_hold(lease, "renew", until=until)
            return Lease(lease.run, lease.task, lease.worker, lease.token, until)

    def finish(self, lease: Lease, result: str) -> None:
        """Note that the task is done."""
        with self._database.changing() as change:
            self._finish(change, lease, result)

    def exchange(self, lease: Lease, result: str, kinds: Sequence[str], *, lease_seconds: float) -> tuple[Task, Lease] | None:
        """Finish a task and claim the next one, for which the worker waits for the disk only once."""
        with self._database.changing() as change:
            self._finish(change, lease, result)
            return self._claim(change, lease.run, lease.worker, kinds, change.now + lease_seconds)

    def give_back(self, lease: Lease, reason: str) -> None:
        """Leave the task to others, with the reason."""
        with self._database.changing() as change:
            setback = f"{lease.worker}: {reason}"
            state, setbacks = change.must_hold(lease, "give_back", setback=setback, cap=self._caps.setbacks)
            change.tell(lease.run, TaskGivenBack(lease.task, lease.worker, reason))
            if state == "dead":
                self._died(change, lease.run, lease.task, setbacks)

    def put_down(self, lease: Lease) -> None:
        """Leave the task as it was."""
        with self._database.changing() as change:
            change.must_hold(lease, "put_down")
            change.tell(lease.run, TaskPutDown(lease.task, lease.worker))

    def reclaim(self, run: str) -> None:
        """Free whatever is claimed."""
        with self._database.changing() as change:
            change.must_have_run(run)
            for number, worker in change.run("reclaim", run=run):
                change.tell(run, TaskPutDown(number, worker))

    def split(self, lease: Lease, parts: Sequence[NewTask]) -> Sequence[Task]:
        """Replace the task by smaller ones; what needed it waits for all of them."""
        if not parts:
            raise Refused(reason=f"t{lease.task} cannot be split into nothing.")
        with self._database.changing() as change:
            change.must_hold(lease, "split")
            added = [self._add(change, lease.run, part, part_of=lease.task) for part in parts]
            change.tell(lease.run, TaskSplit(lease.task, lease.worker, tuple(task.number for task in added)))
            return added

    def retry(self, run: str, task: int) -> None:
        """Offer a dead or cancelled task again, its setbacks forgotten."""
        with self._database.changing() as change:
            seen = self._seen(change, run, task)
            for need in seen.needs:
                self._must_be_possible(change, run, task, need)
            if not change.run("retry", run=run, task=task):
                raise Refused(reason=f"t{task} is {seen.state.value}; only what is dead or cancelled can be retried.")
            change.run("disown_parts", run=run, task=task)
            change.tell(run, TaskRetried(task))

    def task(self, run: str, number: int) -> Task:
        """One task."""
        with self._database.reading() as reading:
            return self._seen(reading, run, number)

    def tasks(self, run: str) -> Sequence[Task]:
        """All tasks of a run, oldest first."""
        with self._database.reading() as reading:
            reading.must_have_run(run)
            return [task_of(row) for row in reading.run("tasks", run=run)]

    def open_tasks(self, run: str) -> int:
        """How many tasks are ready or claimed."""
        with self._database.reading() as reading:
            reading.must_have_run(run)
            return int(reading.value("count_open", run=run))

    def _claim(self, change: Change, run: str, worker: str, kinds: Sequence[str], until: float) -> tuple[Task, Lease] | None:
        self._sweep(change, run)
        row = change.first("claim", run=run, worker=worker, kinds=json.dumps(list(kinds)), until=until)
        if row is None:
            change.must_have_run(run)
            return None
        task = task_of(row)
        change.tell(run, TaskClaimed(task.number, worker, task.token))
        return task, Lease(run, task.number, worker, task.token, until)

    def _finish(self, change: Change, lease: Lease, result: str) -> None:
        (is_waited_for,) = change.must_hold(lease, "finish", result=result)
        change.tell(lease.run, TaskFinished(lease.task, lease.worker, result))
        if is_waited_for:
            self._done(change, lease.run, lease.task)

    def _sweep(self, change: Change, run: str) -> None:
        """Take back what was claimed by workers that gave no sign of life."""
        for number, worker, state, setbacks in change.run("sweep", run=run, now=change.now, cap=self._caps.setbacks):
            change.tell(run, TaskExpired(number, worker))
            if state == "dead":
                self._died(change, run, number, setbacks)

    def _died(self, change: Change, run: str, task: int, setbacks: str) -> None:
        change.tell(run, TaskDied(task, tuple(json.loads(setbacks))))
        self._dead(change, run, task)
