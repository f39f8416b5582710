"""The screen: follows a run from a thread of its own, hands the board down to its panels, and wishes up."""

import asyncio
import signal
import threading
from collections.abc import Iterable, Sequence
from functools import partial
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult, SystemCommand
from textual.binding import BindingType
from textual.containers import Container
from textual.content import Content
from textual.reactive import reactive
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Input, Static
from textual.worker import Worker, WorkerState

from swarm.board import Board
from tui.depth import FIRST
from tui.dialogs import Help
from tui.dressing import Dressed
from tui.following import follow
from tui.given import Given, Moment
from tui.keys import KEYS, explained
from tui.looks import ringing
from tui.messages import News, Remembered
from tui.pace import Pace
from tui.panels.candidates import Candidates
from tui.panels.detail import Detail
from tui.panels.findings import Findings
from tui.panels.header import Header
from tui.panels.keybar import Keybar
from tui.panels.rows import Rows
from tui.panels.tasks import Tasks
from tui.panels.timeline import KEPT, Timeline
from tui.panels.transcript import Transcript
from tui.panels.waiting import Waiting
from tui.panels.workers import Workers
from tui.waiting import Wait, waits

PANES = {
    "workers": "Agents",
    "tasks": "Tasks",
    "findings": "Findings",
    "candidates": "Candidates",
    "detail": "Detail",
    "transcript": "Transcript",
    "log": "Log",
}
"""The panes in the order in which Tab goes through them."""

PULSE = 1.5
"""Seconds between two looks at whether anybody works on the run."""

SOON = 0.05
"""Seconds that the panes wait for what has happened so far: made with it, they are there sooner than drawn twice."""

HANDFUL = KEPT // 2
"""How many older moments the log gets at once."""


class Panes(Screen[None]):
    """The screen under all others."""

    AUTO_FOCUS: ClassVar[str] = f"#{FIRST}"


class SwarmApp(Dressed):
    """A run on the screen."""

    CSS_PATH = "screen.tcss"
    TITLE = "swarm"
    BINDINGS: ClassVar[list[BindingType]] = list(KEYS)

    elapsed: reactive[float] = reactive(0.0)
    gone: reactive[bool] = reactive(False)
    """Whether nobody works on the run any more, although it has not ended."""
    pace: reactive[Pace] = reactive(Pace())
    words: reactive[str] = reactive("")
    waits: reactive[Sequence[Wait]] = reactive(())
    bell_rings: reactive[bool] = reactive(True)

    def __init__(self, given: Given) -> None:
        super().__init__(given)
        self.trouble: BaseException | None = None
        """What ended the screen, if it was not the person; whoever opened it raises it."""
        self._last, self._unseen = 0.0, 0
        self._told, self._begun = threading.Event(), (self.board, self.pace)
        self.rang: list[str] = []
        """What the bell has rung for, in words."""
        self._rung: set[str] | None = None
        """What the bell has rung for; None: nothing has been seen yet, and what was there before rings for nobody."""
        self.set_reactive(SwarmApp.plain_signs, given.plain_signs)
        self.set_reactive(SwarmApp.bell_rings, given.bell)

    async def on_load(self) -> None:
        """Begin to follow the run."""
        self._follow()
        await asyncio.to_thread(self._told.wait, SOON)

    def get_default_screen(self) -> Screen[None]:
        """The screen of the panes."""
        return Panes(id="_default")

    def compose(self) -> ComposeResult:
        """The header, what waits for the person, the panes, and the keys; they are made in the looks that they will have."""
        self.dress()
        self.board, self.pace = self._begun
        yield Waiting(id="waiting").data_bind(SwarmApp.waits, SwarmApp.plain_signs)
        header = Header(id="header").data_bind(SwarmApp.board, SwarmApp.pace, SwarmApp.elapsed, SwarmApp.plain_signs)
        yield header.data_bind(SwarmApp.doing, SwarmApp.gone)
        yield Static(id="tabs")
        with Container(id="panes"):
            with Container(id="lists", classes="-current"):
                yield self._rows(Workers, "workers").data_bind(SwarmApp.pace, SwarmApp.elapsed)
                yield self._rows(Tasks, FIRST).add_class("-current", update=False)
                yield self._rows(Findings, "findings")
                yield self._rows(Candidates, "candidates")
            with Container(id="depth"):
                yield Detail(id="detail")
                yield Transcript(id="transcript")
            yield Timeline(id="log").data_bind(SwarmApp.words, SwarmApp.plain_signs)
        yield Keybar()

    def _rows(self, kind: type[Rows], name: str) -> Rows:
        return kind(id=name).data_bind(SwarmApp.board, SwarmApp.words, SwarmApp.plain_signs)

    def on_mount(self) -> None:
        """Begin to move on."""
        self.query_one(Transcript).plain_signs = self.plain_signs
        self.set_interval(0.5, self._tick)
        self.set_interval(PULSE, self._feel)
        # Whoever opened the screen may end it; the terminal has to be left in order then.
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, self.exit)
        self._focus_pane()

    def on_unmount(self) -> None:
        """Let the threads end."""
        self.over.set()
        asyncio.get_running_loop().remove_signal_handler(signal.SIGTERM)

    # --- news

    @work(thread=True, exit_on_error=False)
    def _follow(self) -> None:
        def tell(board: Board, pace: Pace, moments: Sequence[Moment]) -> None:
            self.post_message(News(board, pace, moments))
            if not self._told.is_set():
                self._begun = (board, pace)
                self._told.set()

        follow(self.given.source, self.over, tell, kept=KEPT, standing=self.given.standing)

    @on(News)
    def take_in(self, news: News) -> None:
        """Show what happened."""
        before = self.board
        self._last, self.position = news.moments[-1].seconds, news.moments[-1].position
        self.tell_answers(before, news.board)
        self.pace, self.board = news.pace, news.board
        self.query_one(Timeline).add(news.moments)
        self.listen_on(news.moments)
        self.look_again(before, news.board)
        self._tick()

    def _tick(self) -> None:
        still = self.gone or self.board.state in {"ended", "waiting"}
        self.elapsed = self._last if still else max(self.given.clock(), self._last)
        self._tell_what_waits()

    def _feel(self) -> None:
        """Find out whether anybody works on the run; one that is not seen twice is gone."""
        self._unseen = 0 if self.given.alive() else self._unseen + 1
        self.gone = self._unseen >= 2 and self.board.state in {"running", "paused"}
        self._tick()

    def _tell_what_waits(self) -> None:
        self.waits = tuple(waits(self.board, alive=not self.gone))
        if self.board.state != "waiting":
            if self._rung is not None and self.bell_rings:
                for wait in self.waits:
                    if wait.name not in self._rung:
                        self._ring(wait.text)
            self._rung = {wait.name for wait in self.waits}

    def _ring(self, text: str) -> None:
        self.rang.append(text)
        if self._driver is not None:
            self._driver.write(ringing(text))

    @on(Worker.StateChanged)
    def end_in_trouble(self, event: Worker.StateChanged) -> None:
        """A thread that failed ends the screen; its trouble leaves by the one door for trouble."""
        if event.state is WorkerState.ERROR and self.trouble is None:
            self.trouble = event.worker.error
            self.exit()

    # --- panes

    def watch_pane(self) -> None:
        """Bring a pane to the front."""
        if self.is_running:
            self._focus_pane()

    def action_pane(self, step: int) -> None:
        """Go on to another pane."""
        names = list(PANES)
        self.pane = names[(names.index(self.pane) + step) % len(names)]
        self._focus_pane()

    def action_zoom(self) -> None:
        """Give the pane all the room, or take it back."""
        self.screen_stack[0].toggle_class("-zoomed")

    def _focus_pane(self) -> None:
        for name in PANES:
            self._pane(name).set_class(name == self.pane, "-current")
        base, deep = self.screen_stack[0], self.pane in {"detail", "transcript"}
        base.query_one("#depth").set_class(deep, "-current")
        base.query_one("#lists").set_class(not deep and self.pane != "log", "-current")
        if deep:
            base.query_one("#depth").set_class(self.pane == "transcript", "-said")
        self._pane(self.pane).focus()
        tabs = [(f"[{title}]", "bold reverse") if name == self.pane else (f" {title} ", "") for name, title in PANES.items()]
        base.query_one("#tabs", Static).update(Content.assemble(*tabs))

    def _pane(self, name: str) -> Widget:
        return self.screen_stack[0].query_one(f"#{name}")

    def on_descendant_focus(self) -> None:
        """A click brings a pane to the front as well."""
        if self.focused is not None and self.focused.id in PANES:
            self.pane = self.focused.id

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002 - Textual calls it so
        """While something is asked, the keys of the panes belong to the question."""
        return not (len(self.screen_stack) > 1 and action in {"end", *(binding.action.split("(")[0] for binding in KEYS)})

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
        self._remember(max(self.position - HANDFUL, 0))

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

    async def action_filter(self) -> None:
        """Let the person type words."""
        base = self.screen_stack[0]
        if not base.query("#filter"):
            await base.mount(Input(id="filter", compact=True), before=base.query_one(Keybar))
        field = base.query_one("#filter", Input)
        field.placeholder = "go to these words" if self._finds else "only what has these words"
        field.display = True
        field.focus()

    @property
    def _finds(self) -> bool:
        """Whether words are looked for in what is opened, rather than filtering the lists."""
        return self.pane in {"detail", "transcript"}

    @on(Input.Changed, "#filter")
    def apply_filter(self, event: Input.Changed) -> None:
        """Show only what has these words, as they are typed."""
        if not self._finds:
            self.words = event.value

    @on(Input.Submitted, "#filter")
    def keep_filter(self, event: Input.Submitted) -> None:
        """Back to the panes; the field stays in sight as long as it hides something."""
        if self._finds:
            pane = self._pane(self.pane)
            assert isinstance(pane, Detail | Transcript)
            hits = pane.find(event.value)
            self.say(f"{hits} places: n and N go through them" if hits else "nothing here has these words")
            event.input.value = ""
        event.input.display = bool(self.words)
        self._focus_pane()

    async def action_back(self) -> None:
        """Take back the filter, the zoom, or the look into depth."""
        base = self.screen_stack[0]
        if fields := [field for field in base.query("#filter").results(Input) if field.display]:
            fields[0].value, fields[0].display = "", False
            self._focus_pane()
        elif base.has_class("-zoomed"):
            base.remove_class("-zoomed")
        elif self.pane in {"detail", "transcript"}:
            self.come_back()

    # --- commands

    def action_help(self) -> None:
        """Say what every key does."""
        self.push_screen(Help(explained()))

    def action_copy(self) -> None:
        """Copy what is pointed at, or all that is opened."""
        pane = self._pane(self.pane)
        text = pane.copied if isinstance(pane, Rows | Detail | Transcript | Timeline) else ""
        if text:
            self.copy_to_clipboard(text)
            self.say(f"copied {len(text):,} characters, if the terminal lets programs copy (OSC 52)")
        else:
            self.say("there is nothing to copy here")

    def action_bell_rings(self) -> None:
        """Switch the bell off, or on."""
        self.bell_rings = not self.bell_rings
        self.say(f"the bell {'rings for what waits for you' if self.bell_rings else 'is off'}")

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:  # noqa: ARG002 - Textual calls it so
        """Every action by its name, and the looks of the screen."""
        for binding in KEYS:
            yield SystemCommand(binding.description, binding.tooltip, partial(self.run_action, binding.action))
        for theme, title in (("dark", "Dark"), ("light", "Light"), ("contrast", "High contrast")):
            yield SystemCommand(title, "The looks of the screen", partial(self.action_look, theme))
        yield SystemCommand("Bell", "Switch the bell off, or on", self.action_bell_rings)
        yield SystemCommand("Theme", "Choose among all themes", self.action_change_theme)
