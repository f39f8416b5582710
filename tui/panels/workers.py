"""Who works, and on what."""

from collections.abc import Sequence

from textual.content import Content
from textual.reactive import reactive

from swarm.board import Board, WorkerSeen
from swarm.visible import visible
from tui.pace import Pace
from tui.panels.rows import Row, Rows
from tui.plain import dollars
from tui.safe import MUTED, safe
from tui.signs import state_text

ROOMY = 84
"""From so many columns on, a worker is told in one line."""
BARS = 8


class Workers(Rows):
    """The workers of the run, each with the agent that does its task."""

    TITLE = "Agents"
    EMPTY = "Each worker appears here with its agent, and what it does right now; Enter shows all it says."

    pace: reactive[Pace] = reactive(Pace())
    elapsed: reactive[float] = reactive(0.0)

    def watch_elapsed(self) -> None:
        """Let the lines of activity move on."""
        self.draw()

    def rows(self, board: Board) -> Sequence[Row]:
        """A row for each worker."""
        return [Row(name, self._row(worker)) for name, worker in board.workers.items()]

    def _row(self, worker: WorkerSeen) -> Content:
        task = f"t{worker.task}" if worker.task is not None else ""
        agent = "/".join(filter(None, (worker.agent, worker.model.rpartition("/")[2])))
        count = self.pace.steps.get(worker.worker, 0)
        steps = f"step {count}" if count else ""
        cost = dollars(worker.money) if worker.money else ""
        bars = self.pace.activity(worker.worker, self.elapsed, BARS, plain=self.plain_signs)
        doing = safe(
            worker.action or ("" if worker.task is not None else f"does {', '.join(worker.kinds)}"),
            MUTED if not worker.action else "",
        )
        state = state_text(worker.state, plain=self.plain_signs, width=10)
        name = safe(f"{worker.worker:<4}", "bold")
        if self.room >= ROOMY:
            facts = f"{visible(agent)[:22]:<22} {task:<4} {steps:<9} "
            return Content.assemble(name, state, facts, (bars, "$text-primary"), f" {cost:>6}  ", doing)
        facts = "  ".join(filter(None, (task, visible(agent), steps, cost)))
        return Content.assemble(name, state, f" {facts}\n", " " * 4, (bars, "$text-primary"), "  ", doing)
