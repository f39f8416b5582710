"""What waits for what: needs and parts, and what becomes of those who wait."""

from swarm.blackboard.sqlite.part import Part
from swarm.blackboard.sqlite.rows import task_of
from swarm.blackboard.sqlite.transaction import Change, Reading
from swarm.blackboard.tasks import NewTask, Task, TaskState
from swarm.errors import CyclicNeeds, Refused, TooDeep, TooManyTasks, Unknown
from swarm.events import NeedAdded, TaskAdded, TaskCancelled


class SqliteNeeds(Part):
    """Tasks that wait for tasks, in SQLite."""

    def add_need(self, run: str, task: int, need: int) -> None:
        """Let a ready task wait for another one."""
        with self._database.changing() as change:
            seen = self._seen(change, run, task)
            if seen.state is not TaskState.READY:
                raise Refused(reason=f"t{task} is {seen.state.value}; only what is ready can be made to wait.")
            if change.run("waits_for", run=run, task=task, need=need):
                raise CyclicNeeds(task=task, need=need)
            if self._need(change, run, task, need):
                change.tell(run, NeedAdded(task, need))

    def cancel(self, run: str, task: int, reason: str) -> None:
        """Want a task no more, and nothing that needs it."""
        with self._database.changing() as change:
            seen = self._seen(change, run, task)
            if seen.state in (TaskState.DEAD, TaskState.CANCELLED):
                return
            if not self._cancel(change, run, task, reason):
                raise Refused(reason=f"t{task} is done already.")

    def _add(self, change: Change, run: str, new: NewTask, part_of: int | None = None) -> Task:
        """Add a task with its needs, as a part of the one that is being split or beside others."""
        number = change.value("next_task", run=run)
        if number > self._caps.tasks:
            raise TooManyTasks(count=number - 1)
        parent = new.parent if part_of is None else part_of
        depth, is_part = self._under(change, run, parent, is_part=part_of is not None)
        change.run(
            "add_task", run=run, number=number, kind=new.kind, goal=new.goal, priority=new.priority, parent=parent,
            is_part=is_part, depth=depth, payload=new.payload,
        )  # fmt: skip
        if is_part:
            change.run("add_part", run=run, parent=parent)
        needs = tuple(sorted(set(new.needs)))
        for need in needs:
            # Nobody can wait yet for a new task, except those who wait for the one of which it is a part.
            if is_part and change.run("waits_for", run=run, task=number, need=need):
                raise CyclicNeeds(task=number, need=need)
            self._need(change, run, number, need)
        change.tell(run, TaskAdded(number, new.kind, new.goal, needs, parent, new.priority))
        return self._seen(change, run, number)

    def _under(self, change: Change, run: str, parent: int | None, *, is_part: bool) -> tuple[int, bool]:
        """How deep a child of this parent is, and whether those who wait for the parent wait for the child."""
        if parent is None:
            return 0, False
        found = change.first("parent", run=run, number=parent)
        if found is None:
            raise Unknown(what=f"task t{parent}", remedy=f"`swarm show {run}` lists the tasks.")
        depth, is_split = found
        if depth >= self._caps.depth:
            raise TooDeep(parent=parent, depth=depth)
        return depth + 1, is_part or bool(is_split)

    def _need(self, change: Change, run: str, task: int, need: int) -> bool:
        """Let the task wait; whether it did not do so before."""
        self._seen(change, run, need)
        self._must_be_possible(change, run, task, need)
        if not change.run("add_need", run=run, task=task, need=need):
            return False
        change.run("wait_for", run=run, task=task, need=need)
        return True

    def _must_be_possible(self, change: Change, run: str, task: int, need: int) -> None:
        if found := change.first("hopeless", run=run, need=need):
            ended, state = found
            raise Refused(reason=f"t{task} would wait for ever, since t{ended} is {state}. Retry t{ended} first.")

    def _done(self, change: Change, run: str, task: int) -> None:
        """Offer what waited for this task alone; with its last part a split task is done as well."""
        while True:
            change.run("meet", run=run, need=task)
            whole = change.first("part_done", run=run, task=task)
            if whole is None or whole[1] > 0:
                return
            task = whole[0]

    def _cancel(self, change: Change, run: str, task: int, reason: str) -> bool:
        """Cancel an open task with its parts and whatever needs it; whether it was open."""
        parts = change.run("open_parts", run=run, task=task)
        if not change.run("cancel", run=run, task=task, reason=reason):
            return False
        change.tell(run, TaskCancelled(task, reason))
        cause = f"t{task}, which was cancelled: {reason}"
        lost = [(part, f"it is a part of {cause}") for (part,) in parts]
        self._cancel_all(change, run, lost + self._stranded(change, run, task, cause), cause)
        return True

    def _dead(self, change: Change, run: str, task: int) -> None:
        """Cancel whatever needs a task that died."""
        cause = f"t{task}, which is dead"
        self._cancel_all(change, run, self._stranded(change, run, task, cause), cause)

    def _cancel_all(self, change: Change, run: str, lost: list[tuple[int, str]], cause: str) -> None:
        """Cancel these tasks, each with its reason, and whatever needs them or is a part of them, to the end."""
        while lost:
            task, reason = lost.pop(0)
            parts = change.run("open_parts", run=run, task=task)
            if change.run("cancel", run=run, task=task, reason=reason):
                change.tell(run, TaskCancelled(task, reason))
                lost += [(part, f"it is a part of t{task} and so of no use without {cause}") for (part,) in parts]
                lost += self._stranded(change, run, task, cause)

    def _stranded(self, change: Change, run: str, task: int, cause: str) -> list[tuple[int, str]]:
        """What needs this task, or a task of which it is a part, with the reason why it cannot be done any more."""
        found: list[tuple[int, str]] = []
        lost: int | None = task
        while lost is not None:
            reason = f"it needs {cause}" if cause.startswith(f"t{lost},") else f"it needs t{lost}, and that needs {cause}"
            found += [(waiting, reason) for (waiting,) in change.run("needed_by", run=run, need=lost)]
            whole = change.first("whole", run=run, task=lost)
            lost = whole[0] if whole else None
        return found

    def _seen(self, reading: Reading, run: str, number: int) -> Task:
        row = reading.first("task", run=run, number=number)
        if row is None:
            reading.must_have_run(run)
            raise Unknown(what=f"task t{number}", remedy=f"`swarm show {run}` lists the tasks.")
        return task_of(row)
