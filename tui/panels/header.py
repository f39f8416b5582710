"""The run in one look: what it is about, where it starts, what it may reach, what it cost, what came of it."""

from textual.content import Content
from textual.reactive import reactive
from textual.widgets import Static

from swarm.board import Board
from tui.pace import Pace
from tui.plain import dollars
from tui.safe import MUTED, safe
from tui.signs import state_text
from tui.story import story

BASE = 12
"""Characters of a commit's name that are shown."""
METER = 10
"""Cells of the bar of the budget."""


class Header(Static):
    """The four lines above all panels."""

    board: reactive[Board] = reactive(Board())
    pace: reactive[Pace] = reactive(Pace())
    elapsed: reactive[float] = reactive(0.0)
    plain_signs: reactive[bool] = reactive(False)
    doing: reactive[str] = reactive("")
    gone: reactive[bool] = reactive(False)

    def watch_board(self, board: Board) -> None:
        """Be loud where nothing holds the commands back."""
        self.set_class(board.sandbox == "none", "-loud")

    def render(self) -> Content:
        """All four lines, as wide as there is room."""
        width = self.content_size.width or 80
        lines = [
            spread(
                self._state(self.board), spent(self.board, self.elapsed, plain=self.plain_signs), width, plain=self.plain_signs
            ),
            self._issue(self.board),
            self._ground(self.board),
            story(self.pace, self.elapsed, width, plain=self.plain_signs),
        ]
        return Content("\n").join(lines)

    def _state(self, board: Board) -> Content:
        if board.state == "ended":
            word = state_text(board.outcome, plain=self.plain_signs)
            merged = f", merged into {board.merged}" if board.merged else ""
            where = f" on branch {board.branch}{merged}" if board.branch else f"{merged}: {board.sentence}"
            doing = (f" ({self.doing})" if self.doing else "", "bold $text-warning")
            return Content.assemble(("swarm ", "bold"), word, doing, safe(where))
        stage = safe(f", {board.stage}" if board.stage else "")
        state = "stopped" if self.gone else board.state
        return Content.assemble(("swarm ", "bold"), state_text(state, plain=self.plain_signs), stage)

    def _issue(self, board: Board) -> Content:
        if not board.title:
            return Content.styled("The issue appears here when the run starts.", MUTED)
        return Content.assemble(("issue ", MUTED), safe(board.title, "bold"), safe(f" ({board.source})", MUTED))

    def _ground(self, board: Board) -> Content:
        if not board.title:
            return Content("")
        loud = board.sandbox == "none"
        sandbox = Content.styled(" NO SANDBOX: commands run as you ", "bold reverse") if loud else safe(board.sandbox)
        before = Content("")
        if board.baseline is not None:
            before = Content(f"  {board.baseline.passing} tests pass on base, {len(board.baseline.failing)} fail")
        dirty = Content.styled("  uncommitted changes are not part of it" if board.dirty else "", "$text-warning")
        return Content.assemble(("sandbox ", MUTED), sandbox, ("  base ", MUTED), safe(board.base[:BASE]), before, dirty)


def spread(left: Content, right: Content, width: int, *, plain: bool) -> Content:
    """Two texts at the two ends of a line; where there is no room for both, the left one is cut."""
    room = width - right.cell_length - 2
    left = left.truncate(max(room, 8), ellipsis=not plain)
    return Content.assemble(left, " " * max(width - left.cell_length - right.cell_length, 2), right)


def clock(seconds: float) -> str:
    """A time as a person reads it."""
    minutes, rest = divmod(max(int(seconds), 0), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def spent(board: Board, elapsed: float, *, plain: bool) -> Content:
    """How long the run has taken and what it has cost, of what it may cost."""
    budget = board.budget
    tokens = f"{budget.tokens:,} tokens" if budget.tokens else ""
    if budget.tokens_cap:
        tokens = f"{budget.tokens:,} of {budget.tokens_cap:,} tokens"
    cap = f" of {dollars(budget.money_cap)}" if budget.money_cap is not None else ""
    money = f"{dollars(budget.money)}{cap}"
    used = _used(board)
    meter = Content("") if used is None else _meter(used, plain=plain)
    said = "  ".join(filter(None, (tokens, money)))
    return Content.assemble(meter, (said, ""), "  ", (clock(elapsed), "bold"))


def _used(board: Board) -> float | None:
    """The part of the caps that is spent, of whichever is nearer its end."""
    budget = board.budget
    parts = [used / cap for used, cap in ((budget.money, budget.money_cap), (budget.tokens, budget.tokens_cap)) if cap]
    return max(parts) if parts else None


def _meter(part: float, *, plain: bool) -> Content:
    full = min(round(part * METER), METER)
    on, off = ("#", "-") if plain else ("━", "─")
    style = "$text-error" if part >= 0.9 else "$text-warning" if part >= 0.7 else "$text-success"
    return Content.assemble((on * full, style), (off * (METER - full), MUTED), "  ")
