"""Which of the tests that fail on base show the bug of the issue: named by the person, told by the issue, or all of them."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from swarm.errors import NoVerifiedFix, UsageError
from swarm.evidence.baseline import Baseline
from swarm.evidence.results import TestResult

NAMED, IN_ITS_FILE, SAME_MESSAGE, SAME_PLACE, SAME_ERROR, SAME_WORD = 10, 5, 6, 4, 3, 1
"""What it counts that the issue names a test, its file, what it says, where it goes through, its error, or one of its words."""
MOST_WORDS = 3
COMMON = frozenset(
    "test tests should does with that this from when have been what they will into than then there which only also more some"
    " error errors assert assertion python file line call last most recent traceback none true false value"
    " values return returns".split()
)
SHORTEST_MESSAGE = 12
"""Characters: a shorter message, as `assert 1 == 2`, is in many issues by chance."""


@dataclass(frozen=True)
class Chosen:
    """The reproductions of a run, and why it is these."""

    tests: tuple[str, ...]
    why: str
    decided: bool = True
    """Whether something speaks for these tests; otherwise they are all there are, or none."""


@dataclass(frozen=True)
class Score:
    """How much speaks for a test, and what."""

    test: str
    points: int
    why: str


def choose_reproductions(issue: str, baseline: Baseline, given: Sequence[str] = (), *, run: str = "last") -> Chosen:
    """The failing tests that a fix of this issue has to turn green."""
    if given:
        return Chosen(_given(baseline, given, run), "they were given with --test")
    red = baseline.red
    scores = [score(issue, test, baseline.failing[test]) for test in red]
    highest = max((each.points for each in scores), default=0)
    if not highest:
        why = "the issue tells none of the failing tests from the others, so all of them count"
        return Chosen(red, why if len(red) > 1 else "no other test fails on base", decided=False)
    least = highest / 2 if highest > MOST_WORDS * SAME_WORD else SAME_WORD  # shared words alone rule nobody out
    best = [each for each in scores if each.points >= least]
    asked = {_function(each.test) for each in best}
    first = max(best, key=lambda each: each.points)
    return Chosen(tuple(test for test in red if _function(test) in asked), f"the issue {first.why}")


def score(issue: str, test: str, result: TestResult) -> Score:
    """How closely a failing test fits an issue, in points, and what of it fits, weightiest first."""
    signs = sorted(_signs(issue, test, result), key=lambda sign: -sign[0])
    return Score(test, sum(points for points, _ in signs), " and ".join(why for _, why in signs[:2]))


def _signs(issue: str, test: str, result: TestResult) -> list[tuple[int, str]]:
    path, _, name = test.partition("::")
    function = name.rpartition("::")[2].partition("[")[0]
    signs = []
    if function and _has_word(issue, function):
        signs.append((NAMED, f"names {function}"))
    if path in issue or _has_word(issue, path.rpartition("/")[2]):
        signs.append((IN_ITS_FILE, f"names {path}"))
    message = " ".join(result.message.split())
    if len(message) >= SHORTEST_MESSAGE and message in " ".join(issue.split()):
        signs.append((SAME_MESSAGE, f"quotes its message `{message[:60]}`"))
    if places := [
        frame.function for frame in result.frames if frame.path != path and _is_told(issue, frame.path, frame.function)
    ]:
        signs.append((SAME_PLACE, f"names {places[-1]}, where it fails"))
    if result.error not in ("", "AssertionError", "Failed", "Exception") and _has_word(issue, result.error):
        signs.append((SAME_ERROR, f"tells of a {result.error}"))
    if shared := sorted(_words(issue) & _words(test.replace("/", " ").removesuffix(".py")))[:MOST_WORDS]:
        signs.append((SAME_WORD * len(shared), f"speaks of {', '.join(shared)}"))
    return signs


def _function(test: str) -> str:
    """A test whatever its parameters: those that the issue does not name show the same bug."""
    return test.partition("[")[0]


def _given(baseline: Baseline, given: Sequence[str], run: str) -> tuple[str, ...]:
    """The tests that the person named: whole, by their file, or by the end of their name."""
    found: dict[str, None] = {}
    for name in given:
        there = [test for test in baseline.tests if _is_called(test, name)]
        if not there:
            raise UsageError(
                what=f"There is no test `{name}` on base.", remedy="Name it as the runner does: tests/test_a.py::test_b."
            )
        red = [test for test in there if test in baseline.red]
        if not red:
            said = f"the test given with --test, {there[0]}, does not fail on base in every run for a reason of its own"
            raise NoVerifiedFix(sentence=f"{said}.", run=run)
        found |= dict.fromkeys(red)
    return tuple(found)


def _is_called(test: str, name: str) -> bool:
    return test == name or test.startswith((f"{name}::", f"{name}[")) or test.endswith((f"::{name}", f"/{name}"))


def _is_told(issue: str, path: str, function: str) -> bool:
    """Whether the issue speaks of a function, as in code or in a traceback; a common word alone does not name one."""
    as_code = re.search(rf"(?:`(?:\w+\.)*|\bin |\.){re.escape(function)}\b|\b{re.escape(function)}\(", issue)
    return as_code is not None or (path in issue and "/" in path)


def _has_word(text: str, word: str) -> bool:
    return re.search(rf"(?<![\w.]){re.escape(word)}(?!\w)", text) is not None


def _words(text: str) -> set[str]:
    """The words that carry meaning, in a form in which one and many are the same."""
    found = re.findall(r"[a-z]{4,}|\d+", text.lower().replace("_", " "))
    return {word.removesuffix("s") for word in found} - COMMON


def known_failures(baseline: Baseline, chosen: Sequence[str]) -> tuple[str, ...]:
    """The tests that fail on base and have nothing to do with the issue."""
    return tuple(test for test in baseline.failing if test not in chosen)
