"""Who works, and on what."""

from collections.abc import Sequence

from rich.text import Text

from swarm.board import Board, WorkerSeen
from tui.panels.rows import Row, Rows
from tui.plain import dollars
from tui.safe import safe
from tui.signs import state_text


class Workers(Rows):
    """The workers of the run."""

    TITLE = "Workers"
    EMPTY = "Each worker appears here, with what it does right now."

    def rows(self, board: Board) -> Sequence[Row]:
        """A row for each worker."""
        return [Row(name, self._row(worker)) for name, worker in board.workers.items()]

    def _row(self, worker: WorkerSeen) -> Text:
        cost = f" {dollars(worker.money)}" if worker.money else ""
        task = f" t{worker.task}" if worker.task is not None else ""
        return Text.assemble(
            safe(f"{worker.worker:<4}", "bold"), state_text(worker.state, plain=self.plain_signs, width=10), f"{cost}{task} ",
            safe(worker.action or ", ".join(worker.kinds), "" if worker.action else "dim"),
        )  # fmt: skip
