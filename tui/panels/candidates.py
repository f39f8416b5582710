"""The patches that were handed in, and what verification says of them."""

from collections.abc import Sequence

from rich.text import Text

from swarm.board import Board, CandidateSeen
from tui.panels.rows import Row, Rows
from tui.safe import safe
from tui.signs import state_text


class Candidates(Rows):
    """The candidates of the run."""

    TITLE = "Candidates"
    EMPTY = "Patches appear here, each with its verdict; d shows the diff, t the tests."

    def rows(self, board: Board) -> Sequence[Row]:
        """A row for each candidate, the chosen one first, then the newest."""
        ordered = sorted(board.candidates.values(), key=lambda candidate: (not candidate.chosen, -candidate.candidate))
        return [Row(f"c{candidate.candidate}", self._row(candidate)) for candidate in ordered]

    def _row(self, candidate: CandidateSeen) -> Text:
        judged = candidate.passed or candidate.failed
        tests = f"{candidate.passed} passed, {candidate.failed} failed, " if judged else ""
        chosen = ("* CHOSEN " if self.plain_signs else "★ CHOSEN ") if candidate.chosen else ""
        verdict = state_text(candidate.verdict or "judging", plain=self.plain_signs, width=12)
        return Text.assemble(
            verdict, safe(f" c{candidate.candidate} ", "bold"),
            (chosen, "bold yellow"), f"{tests}+{candidate.added} -{candidate.removed}, ", safe(f"{candidate.author}: "),
            safe(candidate.summary),
        )  # fmt: skip
