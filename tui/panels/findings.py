"""What has been learned, newest verified first."""

from collections.abc import Sequence

from textual.content import Content

from swarm.board import Board, FindingSeen
from tui.panels.rows import Row, Rows
from tui.safe import MUTED, safe
from tui.signs import state_text

FALLEN = frozenset({"rejected", "refuted", "superseded"})


class Findings(Rows):
    """The findings of the run."""

    TITLE = "Findings"
    EMPTY = "What the agents learn appears here; Enter opens it, down to its evidence."

    def rows(self, board: Board) -> Sequence[Row]:
        """A row for each finding: what is verified, then what is open, then what fell, each newest first."""
        ordered = sorted(board.findings.values(), key=lambda finding: (_rank(finding), -finding.finding))
        return [Row(f"f{finding.finding}", self._row(finding), finding.state) for finding in ordered]

    def _row(self, finding: FindingSeen) -> Content:
        others = f" (found by {len(finding.witnesses)})" if len(finding.witnesses) > 1 else ""
        why = f" - {finding.reason}" if finding.state in FALLEN and finding.reason else ""
        return Content.assemble(
            state_text(finding.state, plain=self.plain_signs, width=12), safe(f" f{finding.finding} ", "bold"),
            safe(f"{finding.kind}: ", MUTED), safe(finding.gist), (others, MUTED), safe(why, MUTED),
        )  # fmt: skip


def _rank(finding: FindingSeen) -> int:
    return 0 if finding.state == "verified" else 2 if finding.state in FALLEN else 1
