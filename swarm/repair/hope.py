"""When it is hopeless to search: the tests ask for something that is not there at all, which no small edit can bring."""

import re
from collections.abc import Mapping, Sequence

from swarm.code.survey import Survey, Tour

MISSING = re.compile(
    r"has no attribute '(\w+)'|unexpected keyword argument '(\w+)'|cannot import name '(\w+)'|name '(\w+)' is not defined"
)


def hopeless(seen: Survey, red: Sequence[str], sources: Mapping[str, bytes]) -> str:
    """Why no small edit can make the failing tests pass; empty: one may."""
    words = {word for content in sources.values() for word in re.findall(r"\w+", content.decode("utf-8", "replace"))}
    missing: list[str] = []
    for tour in (seen.of[test] for test in red if test in seen.of):
        name = _missing(tour, sources)
        if not name or name in words:
            return ""
        missing.append(name)
    names = ", ".join(dict.fromkeys(missing))
    return f"the failing tests use {names}, which the source does not have anywhere" if missing else ""


def _missing(tour: Tour, sources: Mapping[str, bytes]) -> str:
    """What a test itself uses and does not find; empty: it fails in another way, or deeper."""
    found = MISSING.search(tour.message)
    if found is None or not tour.spots or tour.spots[-1].path in sources:
        return ""
    return next(name for name in found.groups() if name)
