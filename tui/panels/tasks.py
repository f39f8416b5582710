"""The tasks of a run as a tree: what waits for a task stands below it."""

from collections.abc import Iterator, Mapping, Sequence

from textual.content import Content

from swarm.board import Board, TaskSeen
from tui.panels.rows import Row, Rows
from tui.safe import MUTED, safe
from tui.signs import state_text

DONE = frozenset({"done", "split"})


class Tasks(Rows):
    """The tasks of the run."""

    TITLE = "Tasks"
    EMPTY = "Tasks appear here once the tests have been run on base."

    def rows(self, board: Board) -> Sequence[Row]:
        """A row for each task, below the one it came from or waits for."""
        return [Row(f"t{task.task}", self._row(task, depth, board.tasks), task.state) for task, depth in tree(board.tasks)]

    def _row(self, task: TaskSeen, depth: int, tasks: Mapping[int, TaskSeen]) -> Content:
        branch = "  " * (depth - 1) + ("`- " if self.plain_signs else "└─ ") if depth else ""
        needs = f" (after {', '.join(f't{need}' for need in task.needs)})" if task.needs else ""
        who = f" {task.worker}" if task.state == "claimed" else ""
        return Content.assemble(
            state_text(state_of(task, tasks), plain=self.plain_signs, width=12), (branch, MUTED), safe(f"t{task.task} ", "bold"),
            safe(f"{task.kind}{who}: "), safe(task.result or task.goal), (needs, MUTED),
        )  # fmt: skip


def state_of(task: TaskSeen, tasks: Mapping[int, TaskSeen]) -> str:
    """The state of a task; one that is ready but needs another first is `waiting`."""
    open_needs = [need for need in task.needs if need in tasks and tasks[need].state not in DONE]
    return "waiting" if task.state == "ready" and open_needs else task.state


def tree(tasks: Mapping[int, TaskSeen]) -> Iterator[tuple[TaskSeen, int]]:
    """The tasks with their depths, each below its parent or else below the last task it needs. None is left out."""
    below: dict[int | None, list[TaskSeen]] = {}
    for task in tasks.values():
        below.setdefault(_above(task, tasks), []).append(task)
    stack = [(task, 0) for task in reversed(below.get(None, []))]
    while stack:
        task, depth = stack.pop()
        yield task, depth
        stack += [(child, depth + 1) for child in reversed(below.get(task.task, []))]


def _above(task: TaskSeen, tasks: Mapping[int, TaskSeen]) -> int | None:
    """Below which task this one stands. Only an older one, so that needs which run in a circle leave nothing out."""
    above = [number for number in (task.parent, *reversed(task.needs)) if number is not None]
    return next((number for number in above if number in tasks and number < task.task), None)
