"""A patch as lines that a reader can tell apart."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

MOST = 3000
"""Lines of a patch that a report shows; whoever wants more wants the patch itself."""
KINDS = {"+": "added", "-": "removed", "@": "place"}
"""What a line is, by its first sign, once the header of its file is over."""


@dataclass(frozen=True)
class Line:
    """A line of a patch."""

    kind: str
    """`head`, `place`, `added`, `removed`, or `same`."""
    text: str


@dataclass(frozen=True)
class Patch:
    """A patch, as much of it as anybody reads."""

    lines: tuple[Line, ...] = ()
    left_out: int = 0
    """Lines that are not shown."""


def patch_of(content: bytes) -> Patch:
    """The lines of a unified diff. Only a line end parts lines: other signs that do so elsewhere belong to somebody's code."""
    lines = content.decode("utf-8", "replace").removesuffix("\n").split("\n") if content else []
    return Patch(tuple(islice(_told_apart(lines), MOST)), max(len(lines) - MOST, 0))


def _told_apart(lines: Sequence[str]) -> Iterator[Line]:
    """In the header of a file `---` is no removed line, and behind it `--- ` is one."""
    header = True
    for line in lines:
        header = line.startswith("diff ") or (header and not line.startswith("@@"))
        yield Line("head" if header else KINDS.get(line[:1], "same"), line)
