"""Small general edits of Python source. Each changes as little text as it can; none needs to know what the program does."""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import CodeType

from swarm.repair.comparisons import comparisons
from swarm.repair.counting import off_by_one
from swarm.repair.source import Change, NotPython, Source, compiled
from swarm.repair.swaps import swaps

OPERATORS: Mapping[str, Callable[[Source], Iterator[Change]]] = {
    "comparison": comparisons,
    "off-by-one": off_by_one,
    "swapped-arguments": swaps,
}
"""The operators by name, the most fruitful first."""
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


def drafts(path: str, content: bytes, operators: Iterable[str]) -> list[Draft]:
    """Every edit of a file by these operators, in the order of the operators and of the file; none if it is no Python."""
    try:
        source = Source.read(path, content)
        return [Draft(source, operator, change) for operator in operators for change in OPERATORS[operator](source)]
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
            yield Edit(source.path, draft.line, draft.operator, _described(draft, new), encoded)


def edits(path: str, content: bytes, operators: Iterable[str] = tuple(OPERATORS)) -> Iterator[Edit]:
    """Every edit of a file by these operators."""
    return realised(drafts(path, content, operators))


def _described(draft: Draft, new: bytes) -> str:
    """The touched lines before and after, as much of them as is needed to see the difference."""
    source, end = draft.source, max(span.end for span, _ in draft.change)
    after = Source(source.path, new, source.encoding)
    old_line = " ".join(source.lines_around(draft.start, end).split())
    new_line = " ".join(after.lines_around(draft.start, end + len(new) - len(source.content)).split())
    common = next((at for at, (one, other) in enumerate(zip(old_line, new_line, strict=False)) if one != other), 0)
    return f"`{_short(old_line, common)}` becomes `{_short(new_line, common)}`"


def _short(line: str, middle: int) -> str:
    start = max(0, min(middle - WIDTH // 2, len(line) - WIDTH))
    head, tail = "…" if start else "", "…" if len(line) > start + WIDTH else ""
    return f"{head}{line[start : start + WIDTH]}{tail}"
