"""Two edits of one function at once, where one alone does not do."""

from collections.abc import Iterator, Mapping, Sequence

from swarm.repair.edits import Stretch
from swarm.repair.ranking import Ranked
from swarm.repair.source import NotPython, Source

FIRST, SECOND = 40, 120
"""How many promising edits are paired with how many likely ones."""
NEAR = 60
"""Lines between two edits that belong together, at most."""


def pairs(promising: Sequence[Ranked], likely: Sequence[Ranked], sources: Mapping[str, bytes]) -> list[Ranked]:
    """Both edits of each pair as one, the likeliest first."""
    read: dict[str, Source] = {}
    firsts = list(promising[:FIRST]) or list(likely[:FIRST])
    for path in {one.path for one in firsts}:
        try:
            read[path] = Source.read(path, sources[path])
        except (NotPython, KeyError):
            continue
    found = {one.stretch: one for one in _joined(firsts, likely[:SECOND], read)}
    return sorted(found.values(), key=lambda one: (-one.score, one.stretch.start, one.stretch.text))


def _joined(firsts: Sequence[Ranked], seconds: Sequence[Ranked], read: Mapping[str, Source]) -> Iterator[Ranked]:
    for one in firsts:
        for other in seconds:
            if one.path != other.path or one.path not in read or abs(one.line - other.line) > NEAR:
                continue
            left, right = sorted((one, other), key=lambda each: each.stretch.start)
            if left.stretch.end < right.stretch.start:
                middle = read[one.path].content[left.stretch.end : right.stretch.start].decode()
                stretch = Stretch(left.stretch.start, right.stretch.end, left.stretch.text + middle + right.stretch.text)
                yield Ranked(one.path, left.operator, left.line, stretch, left.score + right.score)
