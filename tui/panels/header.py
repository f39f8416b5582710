"""The run in one look: what it is about, where it starts, what it may reach, what it cost, what came of it."""

from rich.text import Text
from textual.reactive import reactive
from textual.widgets import Static

from swarm.board import Board
from tui.plain import dollars
from tui.safe import safe
from tui.signs import state_text

BASE = 12
"""Characters of a commit's name that are shown."""


class Header(Static):
    """The three lines above all panels."""

    board: reactive[Board] = reactive(Board())
    elapsed: reactive[float] = reactive(0.0)
    plain_signs: reactive[bool] = reactive(False)

    def watch_board(self) -> None:
        """Draw the board."""
        self._draw()

    def watch_elapsed(self) -> None:
        """Draw the time."""
        self._draw()

    def watch_plain_signs(self) -> None:
        """Draw with other signs."""
        self._draw()

    def _draw(self) -> None:
        lines = [self._state(self.board), self._issue(self.board), self._ground(self.board)]
        self.update(Text("\n", no_wrap=True, overflow="ellipsis").join(lines))

    def _state(self, board: Board) -> Text:
        line = Text.assemble(("swarm ", "bold"), state_text(board.state, plain=self.plain_signs))
        if board.state == "ended":
            word = state_text(board.outcome, plain=self.plain_signs)
            where = f" on branch {board.branch}" if board.branch else ""
            line = Text.assemble(("swarm ", "bold"), word, safe(where or f": {board.sentence}"))
        elif board.stage:
            line.append_text(safe(f", {board.stage}"))
        return Text.assemble(clock(self.elapsed), "  ", spent(board), "  ", line)

    def _issue(self, board: Board) -> Text:
        if not board.title:
            return Text("The issue appears here when the run starts.", "dim")
        return Text.assemble(("issue ", "dim"), safe(board.title, "bold"), safe(f" ({board.source})", "dim"))

    def _ground(self, board: Board) -> Text:
        if not board.title:
            return Text("")
        loud = board.sandbox == "none"
        sandbox = Text(" NO SANDBOX: commands run as you ", "bold reverse") if loud else safe(board.sandbox)
        before = Text()
        if board.baseline is not None:
            before = Text(f"  {board.baseline.passing} tests pass on base, {len(board.baseline.failing)} fail")
        dirty = Text("  uncommitted changes are not part of it" if board.dirty else "", "yellow")
        base = safe(board.base[:BASE])
        return Text.assemble(("sandbox ", "dim"), sandbox, ("  base ", "dim"), base, before, dirty)


def clock(seconds: float) -> str:
    """A time as a person reads it."""
    minutes, rest = divmod(max(int(seconds), 0), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def spent(board: Board) -> str:
    """What the run has cost, of what it may cost."""
    budget = board.budget
    cap = f" of {dollars(budget.money_cap)}" if budget.money_cap is not None else ""
    tokens = f", {budget.tokens:,} tokens" if budget.tokens else ""
    return f"{dollars(budget.money)}{cap}{tokens}"
