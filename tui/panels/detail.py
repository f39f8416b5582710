"""One thing in depth: a task, a finding down to its evidence, a candidate's verdict or its diff, two candidates side by side."""

from collections.abc import Sequence
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.strip import Strip

from tui.pages import Page, text_page
from tui.safe import contains

NOTHING = (
    "Enter opens a thing here: a task, a finding, a candidate; once more, and it goes deeper, down to the raw evidence.\n"
    "d shows a candidate's diff, t its tests, c two side by side, e the evidence of a finding, / finds words in it."
)


class Detail(ScrollView, can_focus=True):
    """The pane in which a thing is opened."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j", "scroll_down", "Down", show=False),
        Binding("k", "scroll_up", "Up", show=False),
        Binding("g", "scroll_home", "Beginning", show=False),
        Binding("G", "scroll_end", "End", show=False),
        Binding("n", "hit(1)", "Next hit", show=False),
        Binding("N", "hit(-1)", "Hit before", show=False),
    ]

    def __init__(self, *, id: str) -> None:  # noqa: A002 - Textual calls it so
        super().__init__(id=id, classes="-pane")
        self._page: Page = text_page(NOTHING)
        self._lines: Sequence[Strip] = ()
        self._words, self._hit = "", -1

    @property
    def copied(self) -> str:
        """All that is opened, without its looks; what is copied of it."""
        return "\n".join(line.text.rstrip() for line in self._lines)

    def on_mount(self) -> None:
        """Name the pane."""
        self.border_title = "Detail"

    def on_resize(self) -> None:
        """Break the lines anew."""
        self._lay_out()

    def watch_show_vertical_scrollbar(self) -> None:
        """Break the lines anew: the bar takes a column from them, or gives it back."""
        self.call_later(self._lay_out)

    def show(self, title: str, page: Page, *, again: bool = False) -> None:
        """Show a page from the beginning, or where the person was if it is the same thing again."""
        self.border_title, self._page = title, page
        self._lay_out()
        if not again:
            self._words, self._hit = "", -1
            self.scroll_home(animate=False)

    def find(self, words: str) -> int:
        """Go to the first line with these words, and say how many have them."""
        self._words, self._hit = words, -1
        self.action_hit(1)
        self.refresh()
        return len(self._hits())

    def action_hit(self, step: int) -> None:
        """Go on to another line with the words."""
        if hits := self._hits():
            self._hit = (self._hit + step) % len(hits) if self._hit >= 0 else 0
            self.scroll_to(y=max(hits[self._hit] - 2, 0), animate=False)

    def _hits(self) -> list[int]:
        return [at for at, line in enumerate(self._lines) if self._words and contains(line.text, self._words)]

    def _lay_out(self) -> None:
        width = self.scrollable_content_region.width
        self._lines = self._page(width) if width else ()
        self.virtual_size = Size(width, len(self._lines))
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """A line of what is visible."""
        row, style, width = y + self.scroll_offset.y, self.rich_style, self.scrollable_content_region.width
        if row >= len(self._lines):
            return Strip.blank(width, style)
        line = self._lines[row]
        if self._words and contains(line.text, self._words):
            line = Strip([Segment(segment.text, (segment.style or Style()) + Style(reverse=True)) for segment in line])
        return line.apply_style(style).adjust_cell_length(width, style)
