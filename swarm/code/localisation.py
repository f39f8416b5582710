"""Where a fault may lie, from what the tests executed: every line with a score between 0 and 1, and the reasons for it.

A score is a weighted sum of what is known of a line, divided by the largest sum there can be. The weights say what counts for
more; they are general and learned from no benchmark:

- the spectrum (`SPECTRUM`): lines that failing tests execute and passing ones do not. The mean of Ochiai and of DStar, the one
  careful, the other quick to trust a difference. Where nothing is known beside it, it alone orders the lines.
- the traceback (`RAISED`): the line in which the exception was raised, and with less weight (`OUTER`) each line that led there.
- the interruption (`HANGING`): where a test stood when its time was over, and the loops around it.
- names (`NAMED`): what the issue calls by its name, and less so what the failure's message does.
- age (`RECENT`): lines that the last commits changed.
"""

import math
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from swarm.code.functions import MODULE, Function, functions
from swarm.code.survey import Survey, Tour
from swarm.code.suspects import MOST, Suspect

SPECTRUM = 1.0
RAISED = 0.4
OUTER = 0.6  # of the weight of the frame further in
HANGING = 0.4
NAMED = 0.2
RECENT = 0.15
IN_PASSING = 0.5  # of the weight of a name that stands in the text like any other word, or only in the message of the failure
WHOLE = SPECTRUM + max(RAISED, HANGING) + NAMED
WORD = re.compile(r"[A-Za-z_]\w*")
CODE = re.compile(r"`([^`\n]+)`|\b([A-Za-z_][\w.]*)\(|\b(\w+\.\w[\w.]*)|\b(\w*_\w+)\b")
"""What a person writes as code: in backticks, with a parenthesis behind it, with a dot or an underscore inside."""


@dataclass(frozen=True)
class Suspicion:
    """One line, how suspicious it is, and why."""

    path: str
    line: int
    score: float
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class Localisation:
    """Everything that is suspected, worst first."""

    lines: tuple[Suspicion, ...]
    functions: tuple[Suspect, ...]
    """Whole functions, ranked by the worst of their lines."""

    def suspects(self, most: int = MOST) -> tuple[Suspect, ...]:
        """The worst stretches of neighbouring lines that have the same score for the same reasons."""
        return tuple(_stretches(self.lines))[:most]


def localise(
    survey: Survey,
    failing: Sequence[str],
    passing: Sequence[str],
    sources: Mapping[str, bytes],
    issue: str = "",
    recent: Mapping[tuple[str, int], float] | None = None,
) -> Localisation:
    """Score every line of the sources that a failing test executes; `recent` says how new a line is, between 0 and 1."""
    red = [survey.of[test] for test in failing if test in survey.of]
    green = [survey.of[test] for test in passing if test in survey.of and survey.of[test].outcome == "passed"]
    known = {path: functions(path, content) for path, content in sources.items()}
    scores = _Scores(WHOLE + (RECENT if recent else 0.0))
    for path in sources:
        _spectrum(scores, path, red, green)
    for tour in red:
        _raised(scores, tour, known)
    _named(scores, [one for found in known.values() for one in found], issue, " ".join(tour.message for tour in red))
    suspected = scores.places()
    for (path, line), age in (recent or {}).items():
        if (path, line) in suspected:
            scores.add(path, line, "age", RECENT * age, "one of the last commits changed it")
    lines = scores.ranked()
    return Localisation(lines, tuple(_functions(lines, known)))


class _Scores:
    """The sums that grow, line by line."""

    def __init__(self, whole: float) -> None:
        self._whole = whole
        self._parts: dict[tuple[str, int], dict[str, tuple[float, str]]] = defaultdict(dict)

    def add(self, path: str, line: int, kind: str, weight: float, reason: str) -> None:
        """Count a reason for a line; of several of one kind the strongest counts."""
        here = self._parts[path, line]
        if weight > here.get(kind, (0.0, ""))[0]:
            here[kind] = (weight, reason)

    def lines(self, path: str) -> list[int]:
        """The lines of a file that are suspected so far."""
        return [line for other, line in self._parts if other == path]

    def places(self) -> frozenset[tuple[str, int]]:
        """All lines that are suspected so far."""
        return frozenset(self._parts)

    def ranked(self) -> tuple[Suspicion, ...]:
        """All lines, worst first."""
        found = [
            Suspicion(
                path,
                line,
                round(sum(weight for weight, _ in parts.values()) / self._whole, 4),
                tuple(why for _, why in parts.values()),
            )
            for (path, line), parts in self._parts.items()
        ]
        return tuple(sorted(found, key=lambda one: (-one.score, one.path, one.line)))


def _spectrum(scores: _Scores, path: str, red: Sequence[Tour], green: Sequence[Tour]) -> None:
    """What failing tests execute, and how many passing ones do as well."""
    reds, greens = _counts(path, red), _counts(path, green)
    for line, bad in reds.items():
        good = greens.get(line, 0)
        weight = SPECTRUM * (ochiai(bad, good, len(red)) + dstar(bad, good, len(red))) / 2
        scores.add(path, line, "spectrum", weight, f"{_of(bad, red)} failing and {_of(good, green)} passing tests execute it")


def ochiai(bad: int, good: int, failing: int) -> float:
    """How alike two sets are: the tests that execute a line, and the tests that fail."""
    return bad / math.sqrt(failing * (bad + good)) if bad else 0.0


def dstar(bad: int, good: int, failing: int) -> float:
    """DStar with the exponent 2, brought from zero-to-infinity to zero-to-one."""
    square = bad * bad
    return square / (square + good + failing - bad) if bad else 0.0


def _counts(path: str, tours: Iterable[Tour]) -> dict[int, int]:
    counts: dict[int, int] = defaultdict(int)
    for tour in tours:
        for line in _bits(tour.lines.get(path, 0)):
            counts[line] += 1
    return counts


def _bits(number: int) -> Iterator[int]:
    while number:
        lowest = number & -number
        yield lowest.bit_length() - 1
        number ^= lowest


def _raised(scores: _Scores, tour: Tour, known: Mapping[str, Sequence[Function]]) -> None:
    """The places of a failure in the sources, the innermost first."""
    inside = [spot for spot in tour.spots if spot.path in known]
    hanging = tour.outcome == "timed out"
    for depth, spot in enumerate(reversed(inside)):
        kind, weight = ("interruption", HANGING) if hanging else ("traceback", RAISED)
        reason = f"{tour.test} was interrupted here" if hanging else f"in the traceback of {tour.test} ({tour.error})"
        scores.add(spot.path, spot.line, kind, weight * OUTER**depth, reason)
        for function in _around(known[spot.path], spot.line) if hanging and depth == 0 else ():
            for line in scores.lines(spot.path):
                if function.first <= line <= function.last:
                    scores.add(spot.path, line, kind, weight * OUTER, f"in {function.label}, where {tour.test} was interrupted")


def _around(known: Sequence[Function], line: int) -> list[Function]:
    """The innermost function in which a line lies."""
    holding = [one for one in known if one.name != MODULE and one.first <= line <= one.last]
    return sorted(holding, key=lambda one: one.last - one.first)[:1]


def _named(scores: _Scores, known: Sequence[Function], issue: str, messages: str) -> None:
    """What the issue or the failure names: a function by its own name, a method by its class as well."""
    written = {word for found in CODE.findall(issue) for part in found for word in WORD.findall(part)}
    mentioned = set(WORD.findall(issue)) | set(WORD.findall(messages))
    for function in known:
        if function.name == MODULE:
            continue
        for name in (function.name, function.owner):
            share = 1.0 if name in written else IN_PASSING if name in mentioned else 0.0
            weight = NAMED * share * (1.0 if name == function.name else IN_PASSING)
            for line in scores.lines(function.path) if weight else ():
                if function.first <= line <= function.last:
                    scores.add(function.path, line, "name", weight, f"the issue or the failure names {name}")


def _functions(lines: Sequence[Suspicion], known: Mapping[str, Sequence[Function]]) -> Iterator[Suspect]:
    """The innermost functions of suspicious lines, each once, at its worst line."""
    seen: set[Function] = set()
    for suspicion in lines:
        for function in _around(known.get(suspicion.path, ()), suspicion.line):
            if function not in seen:
                seen.add(function)
                why = f"{function.label}: line {suspicion.line}, {'; '.join(suspicion.reasons)}"
                yield Suspect(function.path, function.first, function.last, suspicion.score, why)


def _stretches(lines: Sequence[Suspicion]) -> list[Suspect]:
    """Neighbours with equal scores and reasons become one."""
    found: list[Suspect] = []
    for one in sorted(lines, key=lambda one: (one.path, one.line)):
        why = "; ".join(one.reasons)
        last = found[-1] if found else None
        if last and (last.path, last.last + 1, last.weight, last.why) == (one.path, one.line, one.score, why):
            found[-1] = Suspect(one.path, last.first, one.line, one.score, why)
        else:
            found.append(Suspect(one.path, one.line, one.line, one.score, why))
    return sorted(found, key=lambda suspect: (-suspect.weight, suspect.path, suspect.first))


def _of(count: int, tours: Sequence[Tour]) -> str:
    return f"{count} of {len(tours)}"
