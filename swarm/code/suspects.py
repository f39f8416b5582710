"""Suspicious lines: where a failure comes from, told by tracebacks and by what failing tests lead to and passing ones do not."""

import math
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from swarm.code.functions import MODULE, Function, functions
from swarm.values import Value

FRAME = 1.0  # the line where the exception was raised; each frame further out counts less
OUTER = 0.6
BESIDE = 0.8  # the other lines of the same function: what is checked in vain stands before what is raised
REACHED = 0.7  # what only failing tests reach; a traceback is the better witness
REACH = 0.8  # how much of a function's suspicion is left one call further away from the test
AROUND = 0.3  # what is left of it for the lines around the functions of a module
DEPTH = 8
MOST = 40  # suspects worth telling
LINE = re.compile(r"^(?P<weight>\d\.\d{3}) (?P<path>.+):(?P<first>\d+)-(?P<last>\d+) (?P<why>.*)$")


class Suspect(Value):
    """A stretch of lines, how suspicious it is, and why."""

    path: str
    first: int
    last: int
    weight: float
    why: str

    def line(self) -> str:
        """The suspect in one line, which `read_suspects` understands."""
        return f"{self.weight:.3f} {self.path}:{self.first}-{self.last} {self.why}"


class Failure(Value):
    """A failing test and the places its exception passed through, outermost first."""

    test: str
    places: tuple[tuple[str, int], ...] = ()


def suspects(
    sources: Mapping[str, bytes], tests: Mapping[str, bytes], failures: Sequence[Failure], passing: Sequence[str]
) -> tuple[Suspect, ...]:
    """The most suspicious stretches of the sources, worst first; `tests` are the test files, `passing` the tests that pass."""
    known = [function for path, source in sources.items() for function in functions(path, source)]
    suspicion = _by_reach(known, tests, failures, passing)
    raised = [suspect for failure in failures for suspect in _by_frames(sources, known, failure)]
    reached = [
        Suspect(function.path, function.first, function.last, weight, f"{function.label}: {why}")
        for function, (weight, why) in suspicion.items()
    ]
    best: dict[tuple[str, int, int], Suspect] = {}
    for suspect in (*raised, *reached):
        place = (suspect.path, suspect.first, suspect.last)
        if place not in best or best[place].weight < suspect.weight:
            best[place] = suspect
    ranked = sorted(best.values(), key=lambda suspect: (-suspect.weight, suspect.path, suspect.first, suspect.last))
    return tuple(ranked[:MOST])


def read_suspects(text: str) -> tuple[Suspect, ...]:
    """The suspects that somebody wrote down, one in a line; other lines are prose."""
    found = (LINE.match(line) for line in text.splitlines())
    return tuple(
        Suspect(match["path"], int(match["first"]), int(match["last"]), float(match["weight"]), match["why"])
        for match in found
        if match
    )


def weight_of(ranked: Iterable[Suspect], path: str, line: int) -> float:
    """How suspicious a line is: as much as the worst stretch that it lies in."""
    return max((one.weight for one in ranked if one.path == path and one.first <= line <= one.last), default=0.0)


def _by_frames(sources: Mapping[str, bytes], known: Iterable[Function], failure: Failure) -> Iterator[Suspect]:
    """The lines that the exception passed through, the innermost first, and the functions around them."""
    inside = [(path, line) for path, line in failure.places if path in sources]
    for depth, (path, line) in enumerate(reversed(inside)):
        weight = FRAME * OUTER**depth
        yield Suspect(path, line, line, round(weight, 3), f"in the traceback of {failure.test}")
        for one in known:
            if one.path == path and one.name != MODULE and one.first <= line <= one.last:
                why = f"{one.label}: around a line in the traceback of {failure.test}"
                yield Suspect(path, one.first, one.last, round(weight * BESIDE, 3), why)


def _by_reach(
    known: Sequence[Function], tests: Mapping[str, bytes], failures: Sequence[Failure], passing: Sequence[str]
) -> dict[Function, tuple[float, str]]:
    """Ochiai over functions: reached by failing tests and by few passing ones; less, the more calls lie between."""
    reach = _Reach(known, tests)
    failing = [reach.of(failure.test) for failure in failures]
    others = [reach.of(test) for test in passing]
    suspicion = {}
    for function in known:
        distances = [found[function] for found in failing if function in found]
        if distances:
            harmless = sum(function in found for found in others)
            ochiai = len(distances) / math.sqrt(len(failing) * (len(distances) + harmless))
            weight = round(REACHED * ochiai * REACH ** min(distances), 3)
            why = f"reached by {len(distances)} of {len(failing)} failing and {harmless} of {len(others)} passing tests"
            suspicion[function] = (weight, why)
    return suspicion | _around(known, suspicion)


def _around(known: Iterable[Function], suspicion: Mapping[Function, tuple[float, str]]) -> dict[Function, tuple[float, str]]:
    """What stands around suspicious functions in their modules: constants, defaults, class bodies."""
    worst: dict[str, float] = defaultdict(float)
    for function, (weight, _) in suspicion.items():
        worst[function.path] = max(worst[function.path], weight)
    modules = [one for one in known if one.name == MODULE and worst[one.path]]
    return {one: (round(worst[one.path] * AROUND, 3), "around suspicious functions") for one in modules}


class _Reach:
    """Which functions a test may lead to, by the names it uses."""

    def __init__(self, known: Iterable[Function], tests: Mapping[str, bytes]) -> None:
        self._tests = {path: functions(path, source) for path, source in tests.items()}
        self._sources = frozenset(known)
        self._by_name: dict[str, list[Function]] = defaultdict(list)
        for function in (*self._sources, *(one for found in self._tests.values() for one in found)):
            if function.name != MODULE:
                self._by_name[function.name].append(function)
                # Whoever names a class makes and uses its instances, and calls what Python calls for them.
                if function.owner and function.name.startswith("__"):
                    self._by_name[function.owner].append(function)
        self._known: dict[tuple[str, str], dict[Function, int]] = {}

    def of(self, test: str) -> dict[Function, int]:
        """The source functions that a test may lead to, each with the number of calls in between."""
        path, _, rest = test.partition("::")
        name = rest.partition("[")[0].rpartition("::")[2]
        if (path, name) not in self._known:
            self._known[path, name] = self._walk(path, name)
        return self._known[path, name]

    def _walk(self, path: str, name: str) -> dict[Function, int]:
        frontier = [function for function in self._tests.get(path, ()) if function.name == name]
        found: dict[Function, int] = {}
        seen = set(frontier)
        for distance in range(DEPTH):
            names = {use for function in frontier for use in function.uses}
            frontier = [function for use in sorted(names) for function in self._by_name[use] if function not in seen]
            frontier = list(dict.fromkeys(frontier))
            seen.update(frontier)
            found.update({function: distance for function in frontier if function in self._sources})
        return found
