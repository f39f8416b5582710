"""The screen: follows a run from a thread of its own, hands the board down to its panels, and wishes up."""

import asyncio
import signal
import threading
from collections.abc import Iterable, Sequence
from functools import partial
from typing import ClassVar

from rich.text import Text
from textual import on, work
from textual.app import ComposeResult, SystemCommand
from textual.binding import BindingType
from textual.containers import Container
from textual.events import Resize
from textual.reactive import reactive
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Footer, Input, Static
from textual.worker import Worker, WorkerState

from swarm.board import Board
from tui.depth import Depth
from tui.dialogs import Help
from tui.following import follow
from tui.given import Given, Moment
from tui.keys import KEYS, explained
from tui.messages import News, Remembered
from tui.panels.candidates import Candidates
from tui.panels.detail import Detail
from tui.panels.findings import Findings
from tui.panels.header import Header
from tui.panels.rows import Rows
from tui.panels.tasks import Tasks
from tui.panels.timeline import KEPT, Timeline
from tui.panels.workers import Workers

PANES = {
    "tasks": "Tasks",
    "workers": "Workers",
    "findings": "Findings",
    "candidates": "Candidates",
    "detail": "Detail",
    "log": "Log",
}
"""The panes in the order in which Tab goes through them."""

WIDE, HIGH = 110, 30
"""From these columns and lines on all panes are shown at once; below, they fold to tabs."""

HANDFUL = KEPT // 2
"""How many older moments the log gets at once."""


class SwarmApp(Depth):
    """A run on the screen."""

    CSS_PATH = "screen.tcss"
    TITLE = "swarm"
    BINDINGS: ClassVar[list[BindingType]] = list(KEYS)

    elapsed: reactive[float] = reactive(0.0)
    words: reactive[str] = reactive("")
    plain_signs: reactive[bool] = reactive(False)

    def __init__(self, given: Given) -> None:
        super().__init__(given)
        self.trouble: BaseException | None = None
        """What ended the screen, if it was not the person; whoever opened it raises it."""
        self._over = threading.Event()
        self._last, self._position = 0.0, 0
        self.set_reactive(SwarmApp.plain_signs, given.plain_signs)

    def compose(self) -> ComposeResult:
        """The header, the panes, and the keys."""
        yield Header(id="header").data_bind(SwarmApp.board, SwarmApp.elapsed, SwarmApp.plain_signs)
        yield Static(id="tabs")
        with Container(id="panes"):
            yield self._rows(Workers, "workers")
            yield self._rows(Findings, "findings")
            yield Detail(id="detail")
            yield self._rows(Tasks, "tasks")
            yield self._rows(Candidates, "candidates")
            yield Timeline(id="log").data_bind(SwarmApp.words)
        yield Input(id="filter", placeholder="only what has these words", compact=True)
        yield Footer(show_command_palette=False, compact=True)

    def _rows(self, kind: type[Rows], name: str) -> Rows:
        return kind(id=name).data_bind(SwarmApp.board, SwarmApp.words, SwarmApp.plain_signs)

    def on_mount(self) -> None:
        """Begin to follow the run."""
        self.set_class(self.plain_signs, "-plain")
        self.query_one("#filter").display = False
        self.set_interval(0.5, self._tick)
        # Whoever opened the screen may end it; the terminal has to be left in order then.
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, self.exit)
        self._follow()
        self._focus_pane()

    def on_unmount(self) -> None:
        """Let the thread end."""
        self._over.set()
        asyncio.get_running_loop().remove_signal_handler(signal.SIGTERM)

    # --- news

    @work(thread=True, exit_on_error=False)
    def _follow(self) -> None:
        def tell(board: Board, moments: Sequence[Moment]) -> None:
            self.post_message(News(board, moments))

        follow(self.given.source, self._over, tell, kept=KEPT, standing=self.given.standing)

    @on(News)
    def take_in(self, news: News) -> None:
        """Show what happened."""
        self._last, self._position = news.moments[-1].seconds, news.moments[-1].position
        self.tell_answers(self.board, news.board)
        self.board = news.board
        self.query_one(Timeline).add(news.moments)
        self._tick()

    def _tick(self) -> None:
        self.elapsed = self._last if self.board.state in {"ended", "waiting"} else max(self.given.clock(), self._last)

    @on(Worker.StateChanged)
    def end_in_trouble(self, event: Worker.StateChanged) -> None:
        """A thread that failed ends the screen; its trouble leaves by the one door for trouble."""
        if event.state is WorkerState.ERROR and self.trouble is None:
            self.trouble = event.worker.error
            self.exit()

    # --- panes

    def on_resize(self, event: Resize) -> None:
        """Fold the panes to tabs where there is no room for all of them."""
        self.screen_stack[0].set_class(event.size.width < WIDE or event.size.height < HIGH, "-folded")

    def watch_pane(self) -> None:
        """Bring a pane to the front."""
        if self.is_running:
            self._focus_pane()

    def action_pane(self, step: int) -> None:
        """Go on to another pane."""
        names = list(PANES)
        self.pane = names[(names.index(self.pane) + step) % len(names)]
        self._focus_pane()

    def _focus_pane(self) -> None:
        for name in PANES:
            self._pane(name).set_class(name == self.pane, "-current")
        self._pane(self.pane).focus()
        tabs = (f"[{title}]" if name == self.pane else f" {title} " for name, title in PANES.items())
        styled = [Text(tab, "bold reverse" if tab.startswith("[") else "") for tab in tabs]
        self.query_one("#tabs", Static).update(Text(" ", no_wrap=True).join(styled))

    def _pane(self, name: str) -> Widget:
        return self.screen_stack[0].query_one(f"#{name}")

    def on_descendant_focus(self) -> None:
        """A click brings a pane to the front as well."""
        if self.focused is not None and self.focused.id in PANES:
            self.pane = self.focused.id

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002 - Textual calls it so
        """While something is asked, the keys of the panes belong to the question."""
        return not (action in {"pane", "end"} and len(self.screen_stack) > 1)

    # --- the log

    def action_log(self) -> None:
        """Go to the log."""
        self.pane = "log"

    @on(Timeline.OlderWanted)
    def fetch_older(self, wanted: Timeline.OlderWanted) -> None:
        """Get what happened before the window."""
        self._remember(max(wanted.before - 1 - HANDFUL, 0), wanted.before)

    @on(Timeline.NewestWanted)
    def fetch_newest(self) -> None:
        """Get what happened last."""
        self._remember(max(self._position - HANDFUL, 0))

    @work(thread=True, exit_on_error=False, group="remember")
    def _remember(self, after: int, before: int | None = None) -> None:
        moments = self.given.source(after, HANDFUL)
        earlier = [moment for moment in moments if before is None or moment.position < before]
        self.post_message(Remembered(earlier, newest=before is None))

    @on(Remembered)
    def put_into_log(self, remembered: Remembered) -> None:
        """Show what was fetched."""
        timeline = self.query_one(Timeline)
        (timeline.start_over if remembered.newest else timeline.put_before)(remembered.moments)

    # --- words

    def action_filter(self) -> None:
        """Let the person type words."""
        field = self.screen_stack[0].query_one("#filter", Input)
        field.display = True
        field.focus()

    @on(Input.Changed, "#filter")
    def apply_filter(self, event: Input.Changed) -> None:
        """Show only what has these words, as they are typed."""
        self.words = event.value

    @on(Input.Submitted, "#filter")
    def keep_filter(self) -> None:
        """Back to the panes; the field stays in sight as long as it hides something."""
        self.query_one("#filter").display = bool(self.words)
        self._focus_pane()

    async def action_back(self) -> None:
        """Take back the filter, or the look into depth."""
        field = self.screen_stack[0].query_one("#filter", Input)
        if field.display:
            field.value, field.display = "", False
            self._focus_pane()
        elif self.pane == "detail":
            self.come_back()

    # --- commands

    def action_help(self) -> None:
        """Say what every key does."""
        self.push_screen(Help(explained()))

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """Every action by its name, and the looks of the screen."""
        for binding in KEYS:
            yield SystemCommand(binding.description, binding.tooltip, partial(self.run_action, binding.action))
        yield from (command for command in super().get_system_commands(screen) if command.title == "Theme")
