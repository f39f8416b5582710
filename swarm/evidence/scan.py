"""Reads the lines that a patch adds to the source for what looks at the tests, their runner, or the process they share."""

import ast
import io
import string
import tokenize
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

from sandboxes.mirror import Mirror
from swarm.evidence import suspicious
from swarm.evidence.added import Added, added_lines
from swarm.evidence.patch import Patch
from swarm.evidence.special import literals_of, measures_of
from swarm.evidence.tricks import RULES, Seen
from swarm.syntax import module_of

SHOWN = 160
"""Characters of a line that are shown."""


@dataclass(frozen=True)
class Suspicion:
    """A line of the patch that a person should look at, and why."""

    path: str
    line: int
    reason: str
    text: str

    @property
    def sentence(self) -> str:
        """The place, the reason, and the line."""
        return f"{self.path}:{self.line} {self.reason}: `{self.text}`"


def scan(mirror: Mirror, patch: Patch, tests: Iterable[str] = (), asking: Sequence[ast.AST] = ()) -> tuple[Suspicion, ...]:
    """Everything suspicious in the source part of a patch, for what asks whether it is right; each reason once for a line."""
    literals, measures = literals_of(asking), measures_of(asking)
    names = {part for test in tests for part in _names(test)}
    base, new = set(mirror.paths(patch.base)), set(mirror.paths(patch.tree))
    found: dict[tuple[str, int, str], Suspicion] = {}
    for path in (path for path in patch.source if path in new):
        after = mirror.read(patch.tree, path)
        before = mirror.read(patch.base, path) if path in base else b""
        lines = _decoded(after)
        for number, reason in _scan_file(path, before, after, names, literals, measures):
            text = lines[number - 1].strip()[:SHOWN] if 0 < number <= len(lines) else ""
            text = f"{len(after)} bytes" if b"\0" in after else text
            found.setdefault((path, number, reason), Suspicion(path, number, reason, text))
    return tuple(found[place] for place in sorted(found))


def _scan_file(
    path: str, before: bytes, after: bytes, tests: Collection[str], literals: Collection[object], measures: Collection[str]
) -> Seen:
    if b"\0" in after:
        yield 1, "is binary"
        return
    lines = added_lines(before, after)
    for number in lines:
        if suspicious.HIDDEN.intersection(_decoded(after)[number - 1]):
            yield number, "holds characters that cannot be seen"
    if not path.endswith((".py", ".pyi")):
        return
    try:
        module = module_of(after)
    except (SyntaxError, ValueError, RecursionError) as error:
        yield getattr(error, "lineno", 1) or 1, "cannot be read as Python"
        return
    if not _reads_as_it_looks(after):
        yield 1, "is written in signs that mean others"
    added = Added(module, _parsed(before), lines, tests, literals, measures)
    for rule in RULES:
        yield from rule(added)


def _decoded(content: bytes) -> list[str]:
    return [line.decode("utf-8", "replace") for line in content.splitlines()] or [""]


def _reads_as_it_looks(source: bytes) -> bool:
    """Whether plain letters and signs stand for themselves: where they do not, a comment may hold code."""
    encoding, _ = tokenize.detect_encoding(io.BytesIO(source).readline)
    signs = string.printable.encode("ascii")
    return all(bytes([sign]).decode(encoding, "replace") == chr(sign) for sign in signs)


def _names(test: str) -> Iterator[str]:
    """The name of a test function, and those of its file."""
    path, _, inner = test.partition("::")
    yield inner.partition("[")[0].rpartition("::")[2]
    yield path
    yield path.rpartition("/")[2].removesuffix(".py")


def _parsed(before: bytes) -> ast.Module:
    """The file on base; one that cannot be read has nothing that was there before."""
    try:
        return module_of(before)
    except (SyntaxError, ValueError, RecursionError):
        return ast.Module(body=[], type_ignores=[])
