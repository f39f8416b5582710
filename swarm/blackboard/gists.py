"""Which gists everybody is shown: a bounded choice in which failures and candidates have room of their own."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from swarm.blackboard.findings import Gist

SHORTEST = 20
"""Characters that no line falls short of; so many gists at most can be worth reading from the store."""
LONGEST = 300
"""Characters of one gist, however much room there is."""
ROOM = 4
"""One in so many characters is kept for failures, and as many for verified candidates."""


def longest_list(budget: int) -> int:
    """How many gists of one sort can be shown at most."""
    return max(budget, 0) // SHORTEST + 1


def select(candidates: Sequence[Gist], standing: Sequence[Gist], failures: Sequence[Gist], budget: int) -> Sequence[Gist]:
    """The gists to show, the most useful first, each list given in its own order; a line each, in at most `budget` characters.

    Whatever the others leave of their room goes to the rest, in the order candidates, standing, failures.
    """
    room = budget // ROOM
    first = {id(gist): line for kept in (candidates, failures) for gist, line in _fill(kept, room)}
    left = budget - sum(_size(gist) for gist in first.values())
    rest = [gist for gist in (*candidates, *standing, *failures) if id(gist) not in first]
    chosen = first | {id(gist): line for gist, line in _fill(rest, left)}
    return [chosen[id(gist)] for gist in (*candidates, *standing, *failures) if id(gist) in chosen]


def _fill(gists: Iterable[Gist], room: int) -> Iterator[tuple[Gist, Gist]]:
    """Each gist that finds room, with what is shown of it."""
    for gist in gists:
        shown = _clipped(gist, min(room, LONGEST))
        if _size(shown) <= room:
            yield gist, shown
            room -= _size(shown)


def _clipped(gist: Gist, longest: int) -> Gist:
    """The gist, cut where its line would be longer."""
    surplus = _size(gist) - longest
    if surplus <= 0:
        return gist
    return replace(gist, text=gist.text[: max(len(gist.text) - surplus - 1, 0)] + "…")


def _size(gist: Gist) -> int:
    """The characters of its line and of the line's end."""
    return len(gist.line()) + 1
