"""Asks the engine what edited functions answer to inputs that the tests give them, and to inputs a little different."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from sandboxes.environment import Environment
from swarm.code.survey import Survey, Tour
from swarm.evidence.rooms import Room
from swarm.repair.edits import Edit
from swarm.repair.engine.planning import FAILING, difference
from swarm.repair.engine.program import EngineFailed, run
from swarm.repair.engine.survey import MEMORY
from swarm.repair.inside.units import Base

Job = Sequence[object]
"""A path, a stretch of its file with what comes into its place, and the tests that lead there."""
TESTS = 30
"""How many tests are run to see what a function is called with."""
LIMIT = 0.5
"""Seconds of CPU time for each of them."""
PATIENCE = 20.0


@dataclass(frozen=True)
class Observation:
    """What one function answers, with an edit or without."""

    function: str
    asked: tuple[str, ...]
    """The inputs, in words; the same for all edits of a function."""
    answers: tuple[str, ...]
    complaints: tuple[str, ...] = ()
    """What it raises for each of them, in a line; empty: it answers."""


def observe(
    room: Room, environment: Environment, sources: Mapping[str, bytes], seen: Survey, edits: Sequence[Edit], *, seconds: float
) -> tuple[dict[Edit, Observation], dict[Edit, Observation]]:
    """What each edit answers, and what the function answered before; edits that cannot be asked are in neither."""
    bases = {path: Base(path, sources[path], path) for path in {edit.path for edit in edits}}
    tours = [tour for tour in seen.tours if tour.outcome == "passed" or tour.outcome in FAILING]
    tours.sort(key=lambda tour: (tour.outcome == "passed", tour.seconds))
    told: list[Job] = []
    places: dict[tuple[str, int], int] = {}
    owners: list[tuple[int, int]] = []
    for edit in edits:
        start, end, text = difference(sources[edit.path], edit.new_source)
        unit = bases[edit.path].unit(start, end)
        if unit is None:
            owners.append((-1, -1))
            continue
        tests = _leading(tours, edit.path, unit.line, unit.node.end_lineno or unit.line)
        if (key := (edit.path, unit.start)) not in places:
            places[key] = len(told)
            told.append([edit.path, start, start, "", tests])
        owners.append((len(told), places[key]))
        told.append([edit.path, start, end, text.decode("latin-1"), tests])
    answers = asked_twice(partial(_asked, room, environment, sources, tours, seconds=seconds), told)
    after = {edit: answers[own] for edit, (own, base) in zip(edits, owners, strict=True) if own in answers and base in answers}
    before = {edit: answers[base] for edit, (own, base) in zip(edits, owners, strict=True) if own in answers and base in answers}
    return after, before


def asked_twice(ask: Callable[[Sequence[Job]], dict[int, Observation | None]], told: Sequence[Job]) -> dict[int, Observation]:
    """What was seen of each; whatever did not come to its end, on a machine that is busy, gets another chance."""
    found: dict[int, Observation | None] = {}
    for last in (False, True):
        left = [number for number in range(len(told)) if number not in found]
        try:
            found |= {left[place]: seen for place, seen in ask([told[number] for number in left]).items()}
        except EngineFailed:
            if last and not found:
                raise
    return {number: seen for number, seen in found.items() if seen is not None}


def _asked(
    room: Room,
    environment: Environment,
    sources: Mapping[str, bytes],
    tours: Sequence[Tour],
    told: Sequence[Job],
    *,
    seconds: float,
) -> dict[int, Observation | None]:
    """What came of each that came to its end; None: it is nothing that can be asked."""
    if not told:
        return {}
    job = {
        "mode": "observe",
        "tests": [tour.test for tour in tours],
        "limits": [(min(10 * tour.seconds + 0.05, LIMIT), 4 * LIMIT + 1) for tour in tours],
        "files": {path: sources[path].decode("latin-1") for path in sorted({str(one[0]) for one in told})},
        "edits": told,
        "cores": 2,
        "memory": MEMORY,
        "patience": PATIENCE,
    }
    found: dict[int, Observation | None] = {}
    try:
        for record in run(room.sandbox, environment, job, seconds=seconds).of("observed"):
            if record["outcome"] == "nothing":
                found[int(record["edit"])] = None
            elif record["outcome"] == "observed":
                asked, answers = tuple(map(str, record["asked"])), tuple(map(str, record["answers"]))
                complaints = tuple(map(str, record["complaints"]))
                found[int(record["edit"])] = Observation(str(record["function"]), asked, answers, complaints)
    except (KeyError, TypeError, ValueError) as error:
        raise EngineFailed(reason=f"a record of an observation does not fit: {error!r}") from error
    return found


def _leading(tours: Sequence[Tour], path: str, first: int, last: int) -> list[int]:
    """The tests that lead to a function, failing ones first."""
    return [number for number, tour in enumerate(tours) if tour.executes(path, first, last)][:TESTS]
