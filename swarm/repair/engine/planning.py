"""Which tests decide about an edit, in which order, and how long they may take."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from swarm.code.survey import Survey, Tour
from swarm.repair.edits import Edit
from swarm.repair.engine.program import EngineFailed
from swarm.repair.inside.units import Base, Unit

FAILING = frozenset({"failed", "error", "timed out", "died"})
FUEL = 4, 4_000
"""How often the loops of an edited function may turn: so many times what tests needed that ended, and so much more."""
CPU = 10, 0.05
"""How many seconds a test may take with an edit: so many times what it takes without, and so much more."""
WALL = 2, 1.0
"""The same on the clock, beside the CPU time that is allowed; the machine may be busy."""


class Planner:
    """Makes jobs of edits."""

    def __init__(self, survey: Survey, failing: Sequence[str], passing: Sequence[str], sources: Mapping[str, bytes]) -> None:
        """Rely on tests that say here what they say elsewhere; others decide nothing."""
        tours = survey.of
        self._survey, self._sources = survey, sources
        self._failing = sorted((tours[one] for one in failing if one in tours and tours[one].outcome in FAILING), key=_cost)
        self._passing = sorted((tours[one] for one in passing if one in tours and tours[one].outcome == "passed"), key=_cost)
        if failing and not self._failing:
            raise EngineFailed(reason="none of the failing tests fails in it")
        self._tests = {tour.test: number for number, tour in enumerate((*self._failing, *self._passing))}
        self._bases: dict[str, Base] = {}
        self._plans: dict[tuple[str, int], int] = {}

    @property
    def tests(self) -> tuple[str, ...]:
        """The tests by their numbers."""
        return tuple(self._tests)

    def job(self, edits: Sequence[Edit]) -> dict[str, Any]:
        """Everything that the engine has to know to try these edits."""
        self._plans = {}
        plans: list[dict[str, Any]] = []
        told = [self._told(edit, plans) for edit in edits]
        tours = (*self._failing, *self._passing)
        usual = max((tour.seconds for tour in self._survey.tours if tour.outcome != "timed out"), default=0.0)
        return {
            "tests": [tour.test for tour in tours],
            "failing": len(self._failing),
            "limits": [_limits(usual if tour.outcome == "timed out" else tour.seconds) for tour in tours],
            "files": {path: self._sources[path].decode("latin-1") for path in sorted({edit.path for edit in edits})},
            "plans": plans,
            "edits": told,
            "startup": self._survey.startup,
        }

    def _told(self, edit: Edit, plans: list[dict[str, Any]]) -> list[Any]:
        start, end, text = difference(self._sources[edit.path], edit.new_source)
        if edit.path not in self._bases:
            self._bases[edit.path] = Base(edit.path, self._sources[edit.path], edit.path)
        unit = self._bases[edit.path].unit(start, end)
        key = (edit.path, unit.line if unit else 0)
        if key not in self._plans:
            self._plans[key] = len(plans)
            plans.append(self._plan(edit.path, unit))
        return [edit.path, start, end, text.decode("latin-1"), self._plans[key]]

    def _plan(self, path: str, unit: Unit | None) -> dict[str, Any]:
        """First what fails, the cheapest first; then what passes and leads here. An edit outside functions concerns all tests."""
        first, last = (unit.line, unit.node.end_lineno or unit.line) if unit else (0, 1 << 20)
        failing = sorted(self._failing, key=lambda tour: not tour.executes(path, first, last))
        passing = [tour for tour in self._passing if unit is None or tour.executes(path, first, last)]
        turns = sum(count for line, count in self._survey.peaks.get(path, {}).items() if first <= line <= last)
        return {
            "tests": [self._tests[tour.test] for tour in (*failing, *passing)],
            "first": len(failing),
            "canaries": [
                self._tests[one.test] for one in (*failing, *passing[:1]) if one.outcome in ("failed", "error", "passed")
            ][-2:],
            "fuel": FUEL[0] * turns + FUEL[1],
        }


def difference(old: bytes, new: bytes) -> tuple[int, int, bytes]:
    """The stretch of the old content that is replaced, and what comes into its place."""
    start = _common(min(len(old), len(new)), lambda size: old[:size] == new[:size])
    rest = min(len(old), len(new)) - start
    tail = _common(rest, lambda size: old[len(old) - size :] == new[len(new) - size :])
    return start, len(old) - tail, new[start : len(new) - tail]


def _common(most: int, equal: Callable[[int], bool]) -> int:
    """The largest size up to `most` for which the contents are equal; halving it each time, since comparing bytes is fast."""
    least = 0
    while least < most:
        middle = (least + most + 1) // 2
        least, most = (middle, most) if equal(middle) else (least, middle - 1)
    return least


def _limits(seconds: float) -> tuple[float, float]:
    """The limits of a test that takes so long without an edit. One that hangs is to be like the others once it is repaired."""
    cpu = CPU[0] * seconds + CPU[1]
    return cpu, WALL[0] * cpu + WALL[1]


def _cost(tour: Tour) -> float:
    return tour.seconds
