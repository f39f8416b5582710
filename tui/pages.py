"""What is opened, as lines for any width: a text, a diff in the colours of its language, two candidates side by side."""

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise, zip_longest

from rich.console import Console
from rich.segment import Segment
from rich.style import Style
from rich.text import Text
from textual.strip import Strip

from swarm.values import Value
from tui.safe import safe_block

Page = Callable[[int], Sequence[Strip]]
"""The lines of what is opened, for a width."""

LONGEST = 200_000
"""Characters that are shown of one thing; `swarm show` prints all of them."""

GUTTER = 14
"""Columns before the code of a diff: the two numbers and the sign."""
NUMBERED = re.compile(r"[ \d]{12}[-+ \\] ")
"""How a line of code in a diff begins."""
PROSE = 2000
"""Characters of a line that may be prose; what is longer is cut where it ends."""


class Ink(Value):
    """How a diff is coloured, on a dark ground or on a light one."""

    theme: str
    added: str
    removed: str
    sign_added: str
    sign_removed: str
    muted: str


DARK = Ink("ansi_dark", "on #12301c", "on #3a1618", "bold #6fd58a", "bold #ff8a80", "#9a9a9a")
LIGHT = Ink("ansi_light", "on #ddf4e2", "on #fde2e0", "bold #116329", "bold #a40e26", "#5c5c5c")


def text_page(text: str) -> Page:
    """A text, its long lines broken between words."""
    lines = shortened(text).split("\n")
    return lambda width: [part for line in lines for part in _wrapped(line, width)]


def diff_page(diff: str, ink: Ink) -> Page:
    """A diff; a long line goes on below its own code, so that the numbers stay in their columns."""
    lines = list(diff_lines(shortened(diff), ink))
    return lambda width: [part for line in lines for part in broken(line, width, GUTTER if NUMBERED.match(line.text) else 0)]


def pair_page(left: Page, right: Page, *, plain: bool) -> Page:
    """Two pages beside each other, or one below the other where there is no room."""
    bar = Segment(" | " if plain else " │ ")

    def make(width: int) -> Sequence[Strip]:
        half = (width - 3) // 2
        if half < 36:
            return [*left(width), Strip([]), *right(width)]
        rows = zip_longest(left(half), right(half), fillvalue=Strip([]))
        return [Strip([*one.adjust_cell_length(half), bar, *other]) for one, other in rows]

    return make


def _wrapped(line: str, width: int) -> Sequence[Strip]:
    strip = Strip([Segment(line)])
    if strip.cell_length <= width or len(line) > PROSE:
        return broken(strip, width)
    return [Strip([Segment(part.plain.rstrip())]) for part in Text(line).wrap(Console(), width)]


def broken(line: Strip, width: int, indent: int = 0) -> Sequence[Strip]:
    """A line as as many lines as it takes, those after the first one indented."""
    indent = indent if width > 2 * indent else 0
    if line.cell_length <= width or width < 1:
        return (line,)
    rest = range(width, line.cell_length, width - indent)
    gap = [Segment(" " * indent)] if indent else []
    return [line.crop(0, width), *(Strip([*gap, *line.crop(at, at + width - indent)]) for at in rest)]


def shortened(text: str) -> str:
    """As much of a text as is shown."""
    kept = safe_block(text[:LONGEST])
    return kept if len(text) <= LONGEST else f"{kept}\n… {len(text) - LONGEST} more characters: `swarm show` prints them"


def diff_lines(diff: str, ink: Ink) -> Iterator[Strip]:
    """The lines of a diff, each with its number; the signs at their beginnings say what the colours say."""
    name, hunk, begins = "", list[str](), (0, 0)
    for line in [*diff.split("\n"), ""]:
        if hunk and line[:1] in {"+", "-", " ", "\\"} and line:
            hunk.append(line)
            continue
        yield from _hunk(hunk, name, begins, ink)
        hunk = []
        if line.startswith("+++ "):
            name = line[4:].removeprefix("b/")
        if line.startswith("@@"):
            hunk, begins = [line], _begins(line)
        elif line.startswith("diff "):
            yield Strip([Segment(line, Style(bold=True))])
        elif line:
            yield Strip([Segment(line, Style.parse(ink.muted))])


def _begins(header: str) -> tuple[int, int]:
    """The first lines of a hunk, before and after."""
    numbers = [part[1:].split(",")[0] for part in header.split("@@")[1].split()] if header.count("@@") > 1 else []
    return (int(numbers[0]), int(numbers[1])) if len(numbers) == 2 and all(n.isdecimal() for n in numbers) else (0, 0)


def _hunk(lines: Sequence[str], name: str, begins: tuple[int, int], ink: Ink) -> Iterator[Strip]:
    if not lines:
        return
    yield Strip([Segment(lines[0], Style.parse(f"bold {ink.muted}"))])
    code = _highlighted([line[1:] for line in lines[1:]], name, ink)
    old, new = begins
    for line, text in zip(lines[1:], code, strict=True):
        sign = line[0]
        numbers = f"{old if sign != '+' else '':>5} {new if sign != '-' else '':>5} "
        old, new = old + (sign in "- "), new + (sign in "+ ")
        ground = Style.parse({"+": ink.added, "-": ink.removed}.get(sign, "none"))
        mark = Style.parse({"+": ink.sign_added, "-": ink.sign_removed}.get(sign, ink.muted))
        yield Strip([Segment(numbers, Style.parse(ink.muted)), Segment(f"{sign} ", mark + ground), *_on(text, ground)])


def _on(text: Text, ground: Style) -> Iterator[Segment]:
    """A line of code on a ground."""
    marks = sorted({0, len(text), *(span.start for span in text.spans), *(span.end for span in text.spans)})
    for begin, end in pairwise(marks):
        found = [s.style for s in text.spans if s.start <= begin and end <= s.end and isinstance(s.style, Style)]
        yield Segment(text.plain[begin:end], Style.combine([Style.null(), *found]) + ground)


def _highlighted(code: Sequence[str], name: str, ink: Ink) -> Sequence[Text]:
    """Lines of code in the colours of their language."""
    from rich.syntax import Syntax  # noqa: PLC0415 - it loads a library of languages, and the screen is there sooner without it

    lexer = Syntax.guess_lexer(name) if name and name != "/dev/null" else "text"
    text = Syntax("", lexer, theme=ink.theme).highlight("\n".join(code))
    lines = list(text.split("\n", allow_blank=True))
    return [*lines, *(Text("") for _ in code)][: len(code)]
