"""One thing in depth: a task, a finding down to its evidence, a candidate's verdict or its diff."""

from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.widgets import Static

from tui.safe import safe_block

LONGEST = 200_000
"""Characters that are shown of one thing; `swarm show` prints all of them."""


class Detail(VerticalScroll, can_focus=True):
    """The pane in which a thing is opened."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j", "scroll_down", "Down", show=False),
        Binding("k", "scroll_up", "Up", show=False),
    ]

    def compose(self) -> ComposeResult:
        """One text."""
        yield Static(
            Text(
                "Enter opens a thing here: a task, a finding, a candidate.\nd shows its diff, t the tests, e the evidence.", "dim"
            )
        )

    def on_mount(self) -> None:
        """Name the pane."""
        self.border_title = "Detail"

    def show(self, title: str, text: str, *, diff: bool = False) -> None:
        """Show a text from the beginning."""
        self.border_title = title
        self.query_one(Static).update(coloured(text) if diff else Text(shortened(text)))
        self.scroll_home(animate=False)


def coloured(diff: str) -> Text:
    """A diff in colours; the signs at the beginnings of its lines say the same."""
    from rich.syntax import Syntax  # noqa: PLC0415 - it loads a library of languages, and the screen is there sooner without it

    return Syntax("", "diff", theme="ansi_dark").highlight(shortened(diff))


def shortened(text: str) -> str:
    """As much of a text as is shown."""
    kept = safe_block(text[:LONGEST])
    return kept if len(text) <= LONGEST else f"{kept}\n… {len(text) - LONGEST} more characters: `swarm show` prints them"
