"""The transcript of one agent: its words as Markdown, its commands with their output folded. It follows, or stays where it is."""

from collections.abc import Sequence
from dataclasses import replace
from io import StringIO
from typing import ClassVar

from rich.console import Console
from rich.segment import Segment
from rich.style import Style
from rich.theme import Theme
from textual.binding import Binding, BindingType
from textual.events import Click
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from tui.pages import broken, text_page
from tui.safe import contains, cut, safe_block
from tui.sayings import Saying

KEPT = 400
"""How many sayings the window holds."""
LONGEST = 20_000
"""Characters of one saying that are shown."""
NOTHING = "What an agent says and does appears here: point at one and press Enter or a. End follows it, / finds words in it."
MARKDOWN = Theme(
    {"markdown.code": "bold", "markdown.code_block": "none", "markdown.block_quote": "italic", "markdown.item.bullet": "bold",
     "markdown.h1": "bold underline", "markdown.h2": "bold underline", "markdown.list": "none", "markdown.item.number": "bold",
     "markdown.table.border": "none", "markdown.table.header": "bold", "markdown.hr": "none"}
)  # fmt: skip
"""Plain, so that it reads on a dark ground and on a light one."""


class Transcript(ScrollView, can_focus=True):
    """What one worker and its agents said, did and ran."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down,j", "move(1)", "Down", show=False),
        Binding("up,k", "move(-1)", "Up", show=False),
        Binding("enter,space", "fold", "Fold or unfold", show=False),
        Binding("home,g", "oldest", "Older", show=False),
        Binding("end,G", "follow", "Follow", show=False),
        Binding("n", "hit(1)", "Next hit", show=False),
        Binding("N", "hit(-1)", "Hit before", show=False),
    ]

    class OlderWanted(Message):
        """The person wants to see what was before the window."""

        def __init__(self, before: int) -> None:
            super().__init__()
            self.before = before

    class NewestWanted(Message):
        """The person wants to follow, but the window has moved away from the end."""

    class OutputWanted(Message):
        """The person unfolds a command whose output is kept elsewhere."""

        def __init__(self, saying: Saying) -> None:
            super().__init__()
            self.saying = saying

    def __init__(self, *, id: str) -> None:  # noqa: A002 - Textual calls it so
        super().__init__(id=id, classes="-pane")
        self.plain_signs = False
        self._sayings: list[Saying] = []
        self._blocks: dict[tuple[int, int], Sequence[Strip]] = {}
        self._lines: list[tuple[int, Strip]] = []
        """Every line, and the number of the saying it belongs to."""
        self._open: set[tuple[int, int]] = set()
        self._at, self._follows, self._away, self._words, self._asked = 0, True, False, "", 0

    def on_mount(self) -> None:
        """Name the pane."""
        self.border_title = "Transcript"

    def on_resize(self) -> None:
        """Break the lines anew."""
        self._blocks.clear()
        self._lay_out()

    def watch_show_vertical_scrollbar(self) -> None:
        """Break the lines anew: the bar takes a column from them, or gives it back."""
        self.call_later(self.on_resize)

    @property
    def follows(self) -> bool:
        """Whether it stays at the end, where things happen."""
        return self._follows and not self._away

    @property
    def sayings(self) -> Sequence[Saying]:
        """What the window holds."""
        return tuple(self._sayings)

    @property
    def copied(self) -> str:
        """What is copied of it: the saying that is pointed at."""
        if not self._sayings:
            return ""
        saying = self._sayings[self._at]
        return safe_block("\n".join(filter(None, (saying.head, saying.body))))

    # --- what is in it

    def show(self, sayings: Sequence[Saying]) -> None:
        """Begin with these."""
        self._sayings, self._away, self._follows, self._words, self._asked = list(sayings[-KEPT:]), False, True, "", 0
        self._blocks.clear()
        self._at = max(len(self._sayings) - 1, 0)
        self._lay_out()

    def add(self, news: Sequence[Saying]) -> None:
        """Put what has happened at the end, and stay there if the person looks there."""
        if self._away or not news:
            return
        gone = max(len(self._sayings) + len(news) - KEPT, 0)
        self._sayings = [*self._sayings, *news][-KEPT:]
        self._at = len(self._sayings) - 1 if self._follows else max(self._at - gone, 0)
        self._lay_out()

    def put_before(self, older: Sequence[Saying]) -> None:
        """Put what was before the window into it."""
        self._away = self._away or len(older) + len(self._sayings) > KEPT
        self._sayings = [*older, *self._sayings][:KEPT]
        self._at, self._follows = max(min(len(older), KEPT) - 1, 0), False
        self._lay_out()

    def put_output(self, saying: Saying, text: str) -> None:
        """Unfold a command with what it had printed."""
        for at, one in enumerate(self._sayings):
            if one.place == saying.place:
                self._sayings[at] = replace(one, body=text or "(it printed nothing)", digest="")
                self._unfold(at)

    # --- keys

    def action_move(self, step: int) -> None:
        """Point at another saying."""
        at = self._at + step
        if at < 0:
            self._ask_for_older()
        self._at = min(max(at, 0), max(len(self._sayings) - 1, 0))
        self._follows = not self._away and self._at == len(self._sayings) - 1
        self._reveal()

    def action_fold(self) -> None:
        """Fold or unfold what is pointed at."""
        if self._at >= len(self._sayings) or not (saying := self._sayings[self._at]).folds:
            return
        if saying.place in self._open:
            self._open.discard(saying.place)
            self._blocks.pop(saying.place, None)
            self._lay_out()
        elif saying.body:
            self._unfold(self._at)
        else:
            self.post_message(self.OutputWanted(saying))

    def action_oldest(self) -> None:
        """Go to the beginning of the window, and beyond it when there is something."""
        self._at, self._follows = 0, False
        self._ask_for_older()
        self._reveal()

    def action_follow(self) -> None:
        """Go to where things happen, and stay there."""
        if self._away:
            self.post_message(self.NewestWanted())
            return
        self._at, self._follows = max(len(self._sayings) - 1, 0), True
        self.border_subtitle = "following"
        self.scroll_end(animate=False)
        self.refresh()

    def on_click(self, event: Click) -> None:
        """A click points at a saying; one on what is pointed at folds it."""
        row = event.y - self.gutter.top + self.scroll_offset.y
        if 0 <= row < len(self._lines):
            before, self._at = self._at, self._lines[row][0]
            self.refresh()
            if before == self._at:
                self.action_fold()

    def find(self, words: str) -> int:
        """Go to the last saying with these words, and say how many have them."""
        self._words = words
        hits = self._hits()
        if hits:
            self._at, self._follows = hits[-1], False
            self._reveal()
        self.refresh()
        return len(hits)

    def action_hit(self, step: int) -> None:
        """Go on to another saying with the words."""
        hits = self._hits()
        further = [at for at in hits if (at - self._at) * step > 0]
        if hits:
            self._at = (min(further) if step > 0 else max(further)) if further else hits[0 if step > 0 else -1]
            self._follows = False
            self._reveal()

    def _hits(self) -> list[int]:
        return [at for at, one in enumerate(self._sayings) if self._words and contains(f"{one.head}\n{one.body}", self._words)]

    def _ask_for_older(self) -> None:
        first = self._sayings[0].place[0] if self._sayings else 0
        if first > 1 and first != self._asked:
            self._asked = first
            self.post_message(self.OlderWanted(first))

    def _unfold(self, at: int) -> None:
        self._open.add(self._sayings[at].place)
        self._blocks.pop(self._sayings[at].place, None)
        self._follows = False
        self._lay_out()

    # --- how it looks

    def _lay_out(self) -> None:
        width = self.scrollable_content_region.width
        if not width:
            return
        kept = {saying.place for saying in self._sayings}
        self._blocks = {place: block for place, block in self._blocks.items() if place in kept}
        self._lines = []
        for number, saying in enumerate(self._sayings):
            if saying.place not in self._blocks:
                self._blocks[saying.place] = self._block(saying, width)
            self._lines += [(number, strip) for strip in self._blocks[saying.place]]
        self.virtual_size = Size(width, len(self._lines))
        self.border_subtitle = "following" if self.follows else "End follows"
        if self._follows:
            self.scroll_end(animate=False)
        else:
            self._reveal()
        self.refresh()

    def _reveal(self) -> None:
        """Bring what is pointed at into sight."""
        self.border_subtitle = "following" if self.follows else "End follows"
        rows = [row for row, (number, _) in enumerate(self._lines) if number == self._at]
        if rows:
            height = min(len(rows), max(self.scrollable_content_region.height, 1))
            self.scroll_to_region(Region(0, rows[0], 1, height), animate=False)
        self.refresh()

    def _block(self, saying: Saying, width: int) -> Sequence[Strip]:
        """The lines of a saying."""
        room = max(width - 2, 10)
        if saying.kind == "said":
            return [Strip([Segment("  "), *strip]) for strip in marked_down(saying.body, room)] + [Strip([])]
        if saying.kind == "rule":
            dash = "-" if self.plain_signs else "─"
            title = f"{dash * 2} {safe_line(saying.head)} "[:width]
            return [Strip([Segment(title + dash * (width - len(title)), Style(bold=True))])]
        open_, quiet = saying.place in self._open, saying.kind in {"told", "answered", "act"}
        sign = self._sign(saying, open_=open_)
        head = Strip([Segment(f"{sign} {safe_line(saying.head)}", Style(dim=quiet, bold=saying.kind == "called"))])
        lines = [head if head.cell_length <= width else Strip([*head.crop(0, width - 1), Segment(cut(plain=self.plain_signs))])]
        if open_ and saying.body:
            body = text_page(saying.body[:LONGEST])(room - 2)
            lines += [Strip([Segment("    "), *strip]) for strip in body]
        return lines

    def _sign(self, saying: Saying, *, open_: bool) -> str:
        if not saying.folds:
            return "." if self.plain_signs else "·"
        return ("v" if open_ else ">") if self.plain_signs else ("▾" if open_ else "▸")

    def render_line(self, y: int) -> Strip:
        """A line of what is visible."""
        row, style, width = y + self.scroll_offset.y, self.rich_style, self.scrollable_content_region.width
        if not self._lines:
            said = list(broken(Strip([Segment(NOTHING, Style(dim=True))]), width)) if self._sayings == [] else []
            return (said[y] if y < len(said) else Strip.blank(width)).apply_style(style).adjust_cell_length(width, style)
        if row >= len(self._lines):
            return Strip.blank(width, style)
        number, line = self._lines[row]
        if self._words and contains(line.text, self._words):
            line = Strip([Segment(segment.text, (segment.style or Style()) + Style(reverse=True)) for segment in line])
        if number == self._at and self.has_focus:
            style += self.get_component_rich_style("transcript--cursor")
        return line.apply_style(style).adjust_cell_length(width, style)

    COMPONENT_CLASSES: ClassVar[set[str]] = {"transcript--cursor"}


def marked_down(text: str, width: int) -> Sequence[Strip]:
    """The words of a model as Markdown. Links show where they lead; none can be followed."""
    from rich.markdown import Markdown  # noqa: PLC0415 - the screen is there sooner without it, and no transcript is open then

    console = Console(
        file=StringIO(), width=width, force_terminal=True, color_system="truecolor", theme=MARKDOWN, legacy_windows=False
    )
    shown = Markdown(safe_block(text[:LONGEST]), hyperlinks=False, code_theme="ansi_dark")
    return [Strip(line) for line in console.render_lines(shown, pad=False)]


def safe_line(text: str) -> str:
    """A text of strangers as one line."""
    return safe_block(text).replace("\n", " ")
