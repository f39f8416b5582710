"""The patches that were handed in, and what verification says of them."""

from collections.abc import Sequence

from textual.content import Content

from swarm.board import Board, CandidateSeen
from tui.panels.rows import Row, Rows
from tui.safe import MUTED, safe
from tui.signs import state_text

ROOMY = 110
"""From so many columns on, a candidate is told in one line."""


class Candidates(Rows):
    """The candidates of the run."""

    TITLE = "Candidates"
    EMPTY = "Patches appear here with their verdicts; d shows the diff, t the tests, c two of them side by side."

    def rows(self, board: Board) -> Sequence[Row]:
        """A row for each candidate, the chosen one first, then the newest."""
        ordered = sorted(board.candidates.values(), key=lambda candidate: (not candidate.chosen, -candidate.candidate))
        return [Row(f"c{candidate.candidate}", self._row(candidate, board), candidate.verdict) for candidate in ordered]

    def _row(self, candidate: CandidateSeen, board: Board) -> Content:
        chosen = ("* CHOSEN " if self.plain_signs else "★ CHOSEN ") if candidate.chosen else ""
        verdict = state_text(candidate.verdict or "judging", plain=self.plain_signs, width=15)
        size = Content.assemble((f"+{candidate.added}", "$text-success"), " ", (f"-{candidate.removed}", "$text-error"))
        break_ = " " if self.room >= ROOMY else "\n" + " " * 4
        return Content.assemble(
            verdict, safe(f" c{candidate.candidate} ", "bold"), (chosen, "bold $text-warning"), tests_of(candidate, board),
            break_, size, safe(f" {candidate.author}: ", MUTED), safe(candidate.summary),
        )  # fmt: skip


def tests_of(candidate: CandidateSeen, board: Board) -> str:
    """How many tests pass with it, and how many failed before and fail after."""
    if not (candidate.passed or candidate.failed):
        return ""
    before = f"{len(board.baseline.failing)} -> " if board.baseline is not None else ""
    return f"{candidate.passed} passed, {before}{candidate.failed} failed"
