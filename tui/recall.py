"""Getting from the source what happened before: only a window of a run is ever kept."""

from collections.abc import Callable, Sequence

from tui.given import Moment, Source

CHUNK = 1000
"""Moments that are looked through at once."""


def earlier(source: Source, before: int, wanted: int, keep: Callable[[Moment], bool]) -> Sequence[Moment]:
    """The last so many moments before a position that are to be kept, oldest first; fewer if there are no more."""
    found: list[Moment] = []
    while before > 1 and len(found) < wanted:
        begin = max(before - 1 - CHUNK, 0)
        chunk = [moment for moment in source(begin, before - 1 - begin) if moment.position < before and keep(moment)]
        found = [*chunk, *found]
        before = begin + 1
    return found[-wanted:]
