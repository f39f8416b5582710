"""What has been learned, newest verified first."""

from collections.abc import Sequence

from rich.text import Text

from swarm.board import Board, FindingSeen
from tui.panels.rows import Row, Rows
from tui.safe import safe
from tui.signs import state_text


class Findings(Rows):
    """The findings of the run."""

    TITLE = "Findings"
    EMPTY = "What the workers learn appears here; Enter opens it, down to its evidence."

    def rows(self, board: Board) -> Sequence[Row]:
        """A row for each finding."""
        ordered = sorted(board.findings.values(), key=lambda finding: (finding.state != "verified", -finding.finding))
        return [Row(f"f{finding.finding}", self._row(finding)) for finding in ordered]

    def _row(self, finding: FindingSeen) -> Text:
        others = f" (found by {len(finding.witnesses)})" if len(finding.witnesses) > 1 else ""
        return Text.assemble(
            state_text(finding.state, plain=self.plain_signs, width=12), safe(f" f{finding.finding} ", "bold"),
            safe(f"{finding.kind}: "), safe(finding.gist), others,
        )  # fmt: skip
