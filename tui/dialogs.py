"""The screens above the screen: a question before something cannot be taken back, a line to write, and the help."""

from collections.abc import Sequence
from typing import ClassVar

from rich.table import Table
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Button, Input, Static

from tui.pages import Page
from tui.panels.detail import Detail
from tui.safe import MUTED


class Question(ModalScreen[bool]):
    """Asks; everything but a clear yes is a no."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "dismiss(True)", "Yes"),
        Binding("n,escape,q", "dismiss(False)", "No"),
        Binding("left,right,h,l", "app.focus_next", "Other button", show=False),
        Binding("down,j", "scroll(1)", "Down", show=False),
        Binding("up,k", "scroll(-1)", "Up", show=False),
        Binding("pagedown", "scroll(10)", "Page down", show=False),
        Binding("pageup", "scroll(-10)", "Page up", show=False),
    ]

    def __init__(self, question: Content, page: Page | None = None) -> None:
        super().__init__()
        self._question, self._page = question, page

    def compose(self) -> ComposeResult:
        """The question, what it is about, and two answers of which `no` is the nearer one."""
        with Vertical(id="question", classes="" if self._page is None else "-large"):
            yield Static(self._question)
            if self._page is not None:
                yield Detail(id="matter")
            with Horizontal():
                yield Button("No (n)", id="no", compact=True)
                yield Button("Yes (y)", id="yes", compact=True)

    def on_mount(self) -> None:
        """Show what it is about; the nearer answer is no."""
        if self._page is not None:
            self.query_one(Detail).show("What it is about: arrows scroll", self._page)
        self.query_one("#no").focus()

    def action_scroll(self, lines: int) -> None:
        """Read on."""
        for matter in self.query(Detail):
            matter.scroll_relative(y=lines, animate=False)

    @on(Button.Pressed)
    def answer(self, event: Button.Pressed) -> None:
        """A pressed button answers."""
        self.dismiss(event.button.id == "yes")


class Entry(ModalScreen[str]):
    """Lets the person write a line; an empty one is nothing."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss('')", "Back")]

    def __init__(self, prompt: Content, hint: str) -> None:
        super().__init__()
        self._prompt, self._hint = prompt, hint

    def compose(self) -> ComposeResult:
        """What is asked for, a line, and how to go on."""
        with Vertical(id="question"):
            yield Static(self._prompt)
            yield Input(id="entry", placeholder=self._hint, compact=True)
            yield Static(Content.styled("Enter sends it, Esc goes back.", MUTED))

    @on(Input.Submitted)
    def send(self, event: Input.Submitted) -> None:
        """Enter sends what was written."""
        self.dismiss(event.value.strip())


class Help(ModalScreen[None]):
    """Says what every key does."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,question_mark,q,enter", "dismiss", "Back")]

    def __init__(self, keys: Sequence[tuple[str, str]]) -> None:
        super().__init__()
        self._keys = keys

    def compose(self) -> ComposeResult:
        """A row for each key; what it does stands below itself where it takes more than a line."""
        rows = Table.grid(padding=(0, 2))
        rows.add_column(style="bold", no_wrap=True)
        for key, what in self._keys:
            rows.add_row(key, what)
        with VerticalScroll(id="help") as box:
            box.border_title = "Keys"
            box.border_subtitle = "Esc leads back"
            yield Static(rows)
