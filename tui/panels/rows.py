"""A panel that lists things: the highlighted one can be opened, and one that has just changed stands out for a while."""

from collections.abc import Sequence
from dataclasses import replace
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from swarm.board import Board
from swarm.values import Value
from tui.safe import MUTED, contains

FRESH = 3.0
"""Seconds that a change stands out."""


class Row(Value):
    """A thing in a panel."""

    name: str
    """What it is called: t1, f1, c1, w1."""
    text: Content
    state: str = ""
    """What stands out for a while when it changes."""


class Rows(OptionList):
    """A list of things folded from the board."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j", "cursor_down", "Down", show=False),
        Binding("k", "cursor_up", "Up", show=False),
        Binding("g", "first", "First", show=False),
        Binding("G", "last", "Last", show=False),
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

    def __init__(self, *, id: str) -> None:  # noqa: A002 - Textual calls it so
        super().__init__(id=id, classes="-pane", markup=False)
        self._shown: list[Row] = []
        self._fresh: set[str] = set()
        self._behind = False
        """Whether something has changed that is not drawn yet."""

    def on_resize(self) -> None:
        """Use the room there is."""
        self._draw()

    def on_show(self) -> None:
        """Catch up with what has changed while nobody could see it."""
        self._catch_up()

    @property
    def room(self) -> int:
        """How many columns a row may take."""
        return self.scrollable_content_region.width

    @property
    def pointed(self) -> str:
        """The name of the highlighted row; empty if there is none."""
        self._catch_up()
        option = self.highlighted_option
        return option.id or "" if option else ""

    @property
    def copied(self) -> str:
        """What is copied of it."""
        self._catch_up()
        return next((row.text.plain for row in self._shown if row.name == self.pointed), "")

    def rows(self, board: Board) -> Sequence[Row]:
        """The rows that the board makes."""
        raise NotImplementedError

    def watch_board(self) -> None:
        """Draw what has changed."""
        self.draw()

    def watch_words(self) -> None:
        """Draw what the filter leaves."""
        self.draw()

    def watch_plain_signs(self) -> None:
        """Draw with other signs."""
        self.draw()

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Enter or a click opens a row."""
        event.stop()
        if event.option.id:
            self.post_message(self.Opened(event.option.id))

    def draw(self) -> None:
        """Draw the rows that the filter leaves: once, however many things change together, and when they can be seen."""
        if not self._behind:
            self._behind = True
            self.call_later(self._draw_if_seen)

    def _draw_if_seen(self) -> None:
        if all(node.display for node in self.ancestors_with_self):
            self._catch_up()

    def _catch_up(self) -> None:
        if self._behind:
            self._draw()

    def _draw(self) -> None:
        self._behind = False
        every = self.rows(self.board)
        rows = [row for row in every if contains(row.text.plain, self.words)]
        count = f"{len(rows)} of {len(every)}" if len(rows) < len(every) else str(len(rows))
        self.border_title = f"{self.TITLE} ({count})" if every else self.TITLE
        rows = self._with_what_is_fresh(rows)
        if [row.name for row in rows] == [row.name for row in self._shown] and rows:
            self._touch_up(rows)
        else:
            self._lay_out(rows, filtered=bool(every))
        self._shown = rows

    def _with_what_is_fresh(self, rows: list[Row]) -> list[Row]:
        before = {row.name: row.state for row in self._shown}
        for row in rows:
            if before.get(row.name, row.state) != row.state:
                self._fresh.add(row.name)
                self.set_timer(FRESH, lambda name=row.name: self._settle(name))
        return [replace(row, text=row.text.stylize("on $warning 25%")) if row.name in self._fresh else row for row in rows]

    def _settle(self, name: str) -> None:
        self._fresh.discard(name)
        self.draw()

    def _touch_up(self, rows: list[Row]) -> None:
        """The same rows as before: only those that read otherwise are drawn again."""
        for before, row in zip(self._shown, rows, strict=True):
            if not before.text.is_same(row.text):
                self.replace_option_prompt(row.name, row.text)

    def _lay_out(self, rows: list[Row], *, filtered: bool) -> None:
        pointed = self.pointed
        said = "nothing here has these words" if filtered else self.EMPTY
        self.set_class(not rows, "-empty")
        self.set_options([Option(row.text, id=row.name) for row in rows] or [Option(Content.styled(said, MUTED), disabled=True)])
        names = [row.name for row in rows]
        if names:
            self.highlighted = names.index(pointed) if pointed in names else 0
