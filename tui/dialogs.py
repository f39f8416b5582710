"""The screens above the screen: a question before something cannot be taken back, and the help."""

from collections.abc import Sequence
from typing import ClassVar

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Button, Static


class Question(ModalScreen[bool]):
    """Asks; everything but a clear yes is a no."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "dismiss(True)", "Yes"),
        Binding("n,escape,q", "dismiss(False)", "No"),
        Binding("left,right,h,l", "app.focus_next", "Other button", show=False),
    ]

    def __init__(self, question: Text) -> None:
        super().__init__()
        self._question = question

    def compose(self) -> ComposeResult:
        """The question, and two answers of which `no` is the nearer one."""
        with Vertical(id="question"):
            yield Static(self._question)
            with Horizontal():
                yield Button("No (n)", id="no")
                yield Button("Yes (y)", id="yes")

    @on(Button.Pressed)
    def answer(self, event: Button.Pressed) -> None:
        """A pressed button answers."""
        self.dismiss(event.button.id == "yes")


class Help(ModalScreen[None]):
    """Says what every key does."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,question_mark,q,enter", "dismiss", "Back")]

    def __init__(self, keys: Sequence[tuple[str, str]]) -> None:
        super().__init__()
        self._keys = keys

    def compose(self) -> ComposeResult:
        """A line for each key."""
        width = max(len(key) for key, _ in self._keys)
        lines = [f"{key:<{width}}  {what}" for key, what in self._keys]
        with VerticalScroll(id="help"):
            yield Static(Text("\n".join(["Keys", "", *lines, "", "Esc leads back."])))
