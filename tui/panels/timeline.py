"""All that happened, as sentences. Only a window is kept: what is older comes from the source again when somebody looks there."""

from collections.abc import Sequence
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.message import Message
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip

from swarm.events import Conversed
from swarm.visible import visible
from tui.given import Moment
from tui.plain import line
from tui.safe import contains, cut

KEPT = 2000
"""How many moments the window holds."""


class Timeline(ScrollView, can_focus=True):
    """The log of the run."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j", "scroll_down", "Down", show=False),
        Binding("k", "scroll_up", "Up", show=False),
        Binding("home,g", "oldest", "Oldest of the window", show=False),
        Binding("end,G", "newest", "Newest", show=False),
    ]

    words: reactive[str] = reactive("")
    plain_signs: reactive[bool] = reactive(False)

    class OlderWanted(Message):
        """The person looks at the beginning of the window, and there is something before it."""

        def __init__(self, before: int) -> None:
            super().__init__()
            self.before = before

    class NewestWanted(Message):
        """The person wants to see what happens now, but the window has moved away from it."""

    def __init__(self, *, id: str) -> None:  # noqa: A002 - Textual calls it so
        super().__init__(id=id, classes="-pane")
        self._window: list[tuple[Moment, str]] = []
        self._lines: list[str] = []
        self._away = False
        """Whether the window does not reach to the newest moment."""
        self._asked = 0
        self._follows = True
        """Whether the person looks at the end, where things happen."""

    def on_mount(self) -> None:
        """Name the panel."""
        self.border_title = "Log"

    def on_resize(self) -> None:
        """Stay at the end, where there is another one now."""
        self._lay_out()
        if self._follows:
            self.scroll_end(animate=False, immediate=True, force=True)

    @property
    def moments(self) -> Sequence[Moment]:
        """What the window holds."""
        return tuple(moment for moment, _ in self._window)

    @property
    def copied(self) -> str:
        """What is copied of it: the lines in sight."""
        first = self.scroll_offset.y
        return "\n".join(self._lines[first : first + self.scrollable_content_region.height])

    def add(self, news: Sequence[Moment]) -> None:
        """Put what has happened at the end, and stay there if the person looks there."""
        if self._away:
            return
        gone = max(len(self._window) + len(news) - KEPT, 0)
        self._window = [*self._window, *told(news)][-KEPT:]
        before = len(self._lines)
        self._lay_out()
        if self._follows:
            self.scroll_end(animate=False, immediate=True, force=True)
        elif gone:
            self.scroll_to(y=max(self.scroll_offset.y - (before + len(news) - len(self._lines)), 0), animate=False)

    def put_before(self, older: Sequence[Moment]) -> None:
        """Put what was before the window into it; what falls out at the other end comes again with `newest`."""
        self._away = self._away or len(older) + len(self._window) > KEPT
        self._window = [*told(older), *self._window][:KEPT]
        before = len(self._lines)
        self._lay_out()
        self.scroll_to(y=max(len(self._lines) - before, min(len(older), len(self._lines)) - 1), animate=False)

    def start_over(self, news: Sequence[Moment]) -> None:
        """Hold the newest moments again."""
        self._away, self._window = False, []
        self._follows = True
        self.add(news)

    def action_newest(self) -> None:
        """Go to where things happen."""
        if self._away:
            self.post_message(self.NewestWanted())
        else:
            self._follows = True
            self.scroll_end(animate=False)

    def action_oldest(self) -> None:
        """Go to the beginning of the window, and beyond it when there is something."""
        self.scroll_home(animate=False, immediate=True)
        self._ask_for_older()

    def watch_words(self) -> None:
        """Show only lines with these words."""
        self._lay_out()
        self.scroll_end(animate=False)

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """At the beginning of the window, ask for what was before."""
        super().watch_scroll_y(old_value, new_value)
        self._follows = new_value >= self.max_scroll_y
        if new_value <= 0 < old_value:
            self._ask_for_older()

    def _ask_for_older(self) -> None:
        first = self._window[0][0].position if self._window else 0
        if first > 1 and first != self._asked:
            self._asked = first
            self.post_message(self.OlderWanted(first))

    def _lay_out(self) -> None:
        words = self.words
        self._lines = [text for _, text in self._window if text and (not words or contains(text, words))]
        self.virtual_size = Size(self.scrollable_content_region.width, len(self._lines))
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """A line of what is visible; the only ones that cost anything."""
        row, style = y + self.scroll_offset.y, self.rich_style
        if not self._lines and y == 0:
            empty = "nothing here has these words" if self._window else "What happens is told here, one sentence each."
            return self._strip([Segment(empty, style + Style(dim=True))], style)
        if row >= len(self._lines):
            return Strip.blank(self.scrollable_content_region.width, style)
        text = self._lines[row]
        return self._strip([Segment(text[:9], style + Style(dim=True)), Segment(text[9:], style)], style)

    def _strip(self, segments: list[Segment], style: Style) -> Strip:
        strip, width = Strip(segments), self.scrollable_content_region.width
        if strip.cell_length > width > 1:
            strip = Strip([*strip.crop(0, width - 1), Segment(cut(plain=self.plain_signs), style + Style(dim=True))])
        return strip.adjust_cell_length(width, style)


def told(moments: Sequence[Moment]) -> list[tuple[Moment, str]]:
    """Moments with their sentences; what is said in a conversation stands in its transcript."""
    return [(moment, _sentence(moment)) for moment in moments]


def _sentence(moment: Moment) -> str:
    return "" if isinstance(moment.event, Conversed) else visible(line(moment.seconds, moment.event))
