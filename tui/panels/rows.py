"""A panel that lists things, one line each: the highlighted one can be opened."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.text import Text
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.reactive import reactive
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from swarm.board import Board
from tui.safe import contains


@dataclass(frozen=True)
class Row:
    """A line of a panel."""

    name: str
    """What it is called: t1, f1, c1, w1."""
    text: Text


class Rows(OptionList):
    """A list of things folded from the board."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j", "cursor_down", "Down", show=False),
        Binding("k", "cursor_up", "Up", show=False),
    ]

    board: reactive[Board] = reactive(Board())
    words: reactive[str] = reactive("")
    """Only rows with all of these words are shown."""
    plain_signs: reactive[bool] = reactive(False)

    TITLE = ""
    EMPTY = ""
    """What will appear here."""

    class Opened(Message):
        """The person wants to see a thing in depth."""

        def __init__(self, name: str) -> None:
            super().__init__()
            self.name = name

    class Pointed(Message):
        """The person points at a thing, or the news does."""

        def __init__(self, name: str) -> None:
            super().__init__()
            self.name = name

    def __init__(self, *, id: str) -> None:  # noqa: A002 - Textual calls it so
        super().__init__(id=id, markup=False)
        self._shown: list[Row] = []

    def on_mount(self) -> None:
        """Say at once what will appear."""
        self._draw()

    @property
    def pointed(self) -> str:
        """The name of the highlighted row; empty if there is none."""
        option = self.highlighted_option
        return option.id or "" if option else ""

    def rows(self, board: Board) -> Sequence[Row]:
        """The rows that the board makes."""
        raise NotImplementedError

    def watch_board(self) -> None:
        """Draw what has changed."""
        self._draw()

    def watch_words(self) -> None:
        """Draw what the filter leaves."""
        self._draw()

    def watch_plain_signs(self) -> None:
        """Draw with other signs."""
        self._draw()

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Enter or a click opens a row."""
        event.stop()
        if event.option.id:
            self.post_message(self.Opened(event.option.id))

    def _draw(self) -> None:
        every = self.rows(self.board)
        rows = [row for row in every if contains(row.text.plain, self.words)]
        count = f"{len(rows)} of {len(every)}" if len(rows) < len(every) else str(len(rows))
        self.border_title = f"{self.TITLE} ({count})" if every else self.TITLE
        if [row.name for row in rows] == [row.name for row in self._shown] and rows:
            self._touch_up(rows)
        else:
            self._lay_out(rows, filtered=bool(every))
        self._shown = rows

    def _touch_up(self, rows: list[Row]) -> None:
        """The same rows as before: only those that read otherwise are drawn again."""
        for before, row in zip(self._shown, rows, strict=True):
            if before.text != row.text:
                self.replace_option_prompt(row.name, row.text)

    def _lay_out(self, rows: list[Row], *, filtered: bool) -> None:
        pointed = self.pointed
        empty = Option(Text("nothing here has these words" if filtered else self.EMPTY, "dim"), disabled=True)
        self.set_options([Option(row.text, id=row.name) for row in rows] or [empty])
        names = [row.name for row in rows]
        if names:
            self.highlighted = names.index(pointed) if pointed in names else 0
