"""Small general edits of Python source. Each changes as little text as it can; none needs to know what the program does."""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from types import CodeType

from swarm.repair.operators.catalogue import OPERATORS
from swarm.repair.scope import Scopes
from swarm.repair.source import Change, NotPython, Source, compiled

WIDTH = 60


@dataclass(frozen=True)
class Edit:
    """One small change of one file."""

    path: str
    line: int
    operator: str
    description: str
    """What becomes what, as people would say it."""
    new_source: bytes
    """The whole file after the edit, in its own encoding."""

    @property
    def digest(self) -> str:
        """A name made from its effect: whoever makes the same edit gives it the same name."""
        return hashlib.sha256(self.path.encode("utf-8", "surrogateescape") + b"\0" + self.new_source).hexdigest()[:16]


@dataclass(frozen=True)
class Stretch:
    """What an edit comes down to: a stretch of the file's UTF-8 form, and what comes into its place. Equal for equal edits."""

    start: int
    end: int
    text: str


@dataclass(frozen=True)
class Draft:
    """An edit that nobody has tried to compile yet: cheap, so that all of them can be ranked."""

    source: Source
    operator: str
    change: Change

    @property
    def start(self) -> int:
        """Where the change begins."""
        return min(span.start for span, _ in self.change)

    @property
    def line(self) -> int:
        """The line on which it begins."""
        return min(span.line for span, _ in self.change)

    @property
    def stretch(self) -> Stretch:
        """The smallest stretch that says the same."""
        return stretch_of(self.source, self.change)


def stretch_of(source: Source, change: Change) -> Stretch:
    """A change of several places as a single stretch, without what it leaves as it is at both ends."""
    start, end = min(span.start for span, _ in change), max(span.end for span, _ in change)
    old = new = source.content[start:end]
    for span, text in sorted(change, key=lambda one: one[0].start, reverse=True):
        new = new[: span.start - start] + text.encode() + new[span.end - start :]
    least = min(len(old), len(new))
    head = next((at for at in range(least) if old[at] != new[at]), least)
    tail = next((at for at in range(least - head) if old[-1 - at] != new[-1 - at]), least - head)
    while head and (new[head : head + 1] or b"\0")[0] & 0xC0 == 0x80:  # never in the middle of a character
        head -= 1
    while tail and old[len(old) - tail] & 0xC0 == 0x80:
        tail -= 1
    return Stretch(start + head, end - tail, new[head : len(new) - tail].decode())


def realised_as(source: Source, operator: str, line: int, stretch: Stretch) -> Edit:
    """The edit that puts this stretch into a source."""
    new = source.content[: stretch.start] + stretch.text.encode() + source.content[stretch.end :]
    return Edit(source.path, line, operator, described(source, stretch, new), source.encoded(new))


def drafts_of(source: Source, operators: Iterable[str]) -> Iterator[Draft]:
    """Every edit of a source on its wanted lines by these operators, in the order of the operators and of the file."""
    scopes = Scopes(source)
    return (Draft(source, operator, change) for operator in operators for change in OPERATORS[operator].find(scopes))


def drafts(path: str, content: bytes, operators: Iterable[str]) -> list[Draft]:
    """Every edit of a file by these operators; none if it is no Python."""
    try:
        return list(drafts_of(Source.read(path, content), operators))
    except NotPython:
        return []


def realised(ordered: Iterable[Draft]) -> Iterator[Edit]:
    """The edits that these drafts make, in order: without what does not compile, and once where several compile to the same."""
    seen: dict[str, set[CodeType]] = {}
    for draft in ordered:
        source = draft.source
        new = source.replaced(*draft.change)
        try:
            known = seen.setdefault(source.path, {compiled(source.content)})
            code, encoded = compiled(new), source.encoded(new)
        except (NotPython, UnicodeEncodeError):
            continue
        if code not in known:
            known.add(code)
            yield Edit(source.path, draft.line, draft.operator, described(source, draft.stretch, new), encoded)


def edits(path: str, content: bytes, operators: Iterable[str] = tuple(OPERATORS)) -> Iterator[Edit]:
    """Every edit of a file by these operators."""
    return realised(drafts(path, content, operators))


def described(source: Source, stretch: Stretch, new: bytes) -> str:
    """The touched lines before and after, as much of them as is needed to see the difference."""
    after = Source(source.path, new, source.encoding)
    end = stretch.start + len(stretch.text.encode())
    old_line = " ".join(source.lines_around(stretch.start, stretch.end).split())
    new_line = " ".join(after.lines_around(stretch.start, end).split())
    common = next((at for at, (one, other) in enumerate(zip(old_line, new_line, strict=False)) if one != other), 0)
    return f"`{_short(old_line, common)}` becomes `{_short(new_line, common)}`"


def _short(line: str, middle: int) -> str:
    start = max(0, min(middle - WIDTH // 2, len(line) - WIDTH))
    head, tail = "…" if start else "", "…" if len(line) > start + WIDTH else ""
    return f"{head}{line[start : start + WIDTH]}{tail}"
