"""The baseline: what the tests say on base, before anybody changed anything."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from swarm.errors import Inconclusive
from swarm.evidence.patch import serves_tests
from swarm.evidence.results import Outcome, TestResult, TestRun
from swarm.evidence.rooms import Rooms
from swarm.evidence.runner import Manner, Runner

NOT_REACHED = ("ImportError", "ModuleNotFoundError", "SyntaxError", "IndentationError", "TabError")
"""A test that dies of one of these never got to the behaviour that it asks about."""
FAULTS = (
    "ArithmeticError", "AssertionError", "AttributeError", "IndexError", "KeyError", "LookupError", "NameError",
    "NotImplementedError", "OverflowError", "RecursionError", "TypeError", "UnboundLocalError", "ValueError", "ZeroDivisionError",
)  # fmt: skip
"""What source raises by a fault of its own; a fixture that dies of anything else may only lack what it needs on this machine."""
NOT_THERE = re.compile(r"No module named ['\"]([\w.]+)['\"]")
PATIENCE, SILENCE = 60.0, 30.0
"""Seconds that a whole run, and a single test, get at least before they count as hanging."""
AGAIN, KNOWN = 5, 1.5
"""How many times longer the first test that was taken for hanging gets when it is asked again; and how many seconds of CPU time
tests get once it is known that some hang."""
HANGS = "Hangs"
"""The error of a test that was interrupted."""
HANGING = 5
"""How many hanging tests are left out, one after another, before the suite as a whole counts as hanging."""


class NotMeasured(Inconclusive):
    """The tests could not be run on base: {reason}
    Without them nothing can be verified.
    Run `{command}` in a clean checkout to see it."""


@dataclass(frozen=True, kw_only=True)
class Thoroughness:
    """How thoroughly a baseline is measured."""

    runs: int = 3
    """How many runs; the last one in another order."""
    limit: float = 300.0
    """Seconds: after a run that takes longer, only the tests that failed are run again."""
    timeout: float = 1800.0
    """Seconds that a single run may take."""
    cpu: float = 3.0
    """Seconds of CPU time after which a test is taken for hanging, at first."""
    silence: float | None = 120.0
    """Seconds without a sign of life after which the running test counts as hanging."""


@dataclass(frozen=True, kw_only=True)
class Baseline:
    """Several runs of all tests on base, in a fresh sandbox each, folded into one."""

    argv: tuple[str, ...]
    tests: tuple[str, ...]
    """Every test there is, in the order of its run."""
    passing: tuple[str, ...]
    """The tests that passed in every run."""
    failing: Mapping[str, TestResult]
    """The tests that failed in every run, with what they said in the first."""
    varying: tuple[str, ...]
    """The tests whose outcome differed from run to run: named, and never decisive."""
    hanging: tuple[str, ...] = ()
    """The tests that never end: left out from then on, since nothing after them would be run."""
    uncollected: Mapping[str, str] = field(default_factory=dict)
    """The files in which no tests could be found, with the reason."""
    origins: Mapping[str, str] = field(default_factory=dict)
    """From which file each of the project's modules was imported."""
    exit_code: int
    """Of the first run."""
    runs: int
    whole_runs: int = 0
    """How many of them were of all tests; in the rest, for want of time, only those that had failed were run."""
    coarse: bool = False
    """Nothing but the exit code of a command is known."""
    seconds: float
    """How long the longest run took."""
    longest_silence: float = 0.0

    @property
    def red(self) -> tuple[str, ...]:
        """The tests that fail for the right reason: by a fault of the source, and not for want of a module or a server."""
        return tuple(test for test, result in self.failing.items() if is_red(result) and test not in self.hanging)

    @property
    def cpu(self) -> float:
        """Seconds of CPU time after which a test counts as hanging; zero, so that nothing is interrupted, where none does."""
        return KNOWN if any(result.error == HANGS for result in self.failing.values()) else 0.0

    @property
    def missing(self) -> tuple[str, ...]:
        """The modules that are not installed: a dependency that the environment lacks, and no fault of the tests."""
        texts = (*self.uncollected.values(), *(result.message for result in self.failing.values()))
        return tuple(sorted({name for text in texts for name in NOT_THERE.findall(text)}))

    @property
    def patience(self) -> float:
        """How many seconds a run of all tests may take before it counts as hanging."""
        return max(PATIENCE, 4 * self.seconds)

    @property
    def silence(self) -> float:
        """How many seconds a test may take before it counts as hanging."""
        return max(SILENCE, 10 * self.longest_silence)

    @property
    def caveat(self) -> str:
        """What was not done for want of time; empty: everything was."""
        if self.whole_runs == self.runs:
            return ""
        return (
            f"The suite takes {self.seconds:.0f} s, so all of it was run {self.whole_runs} times on base, and the failing "
            f"tests {self.runs} times."
        )


def is_red(result: TestResult) -> bool:
    """Whether a test failed by itself, or in a fixture by a fault of the source that it calls; not before its question."""
    if result.outcome is Outcome.ERROR:
        home = result.test.partition("::")[0]
        return result.error in FAULTS and bool(result.frames) and not serves_tests(result.frames[-1].path, (home,))
    return result.outcome is Outcome.FAILED and result.error not in NOT_REACHED


def measure(runner: Runner, rooms: Rooms, tree: str, thoroughness: Thoroughness | None = None) -> Baseline:
    """Run the tests on a tree several times, each time in a fresh sandbox, and the last time in another order."""
    thorough = thoroughness or Thoroughness()
    manner = Manner(own=own_modules(rooms, tree), cpu=thorough.cpu)
    first, hung = _without_hanging(runner, rooms, tree, thorough, manner)
    if interrupted := {test: result for test, result in first.results.items() if result.error == HANGS}:
        if _ends_after_all(runner, rooms, tree, thorough, manner, next(iter(interrupted))):
            manner, interrupted = replace(manner, cpu=0.0), {}
            first, hung = _without_hanging(runner, rooms, tree, thorough, manner)
        else:
            first = _left_out(first, interrupted)
    manner = replace(manner, without=(*hung, *interrupted))
    limited = first.seconds > thorough.limit
    done = [first]
    for number in range(1, thorough.runs if first.failed or not limited else 1):
        order = "another order" if number == thorough.runs - 1 else ""
        unlike = replace(manner, shuffle=order, hash_seed=number)
        done.append(_once(runner, rooms, tree, thorough, unlike, first.failed if limited else ()))
        _must_be_whole(done[-1])
    baseline = fold(done, targeted=limited)
    tests = (*baseline.tests, *interrupted)
    return replace(baseline, tests=tests, failing={**baseline.failing, **interrupted, **hung}, hanging=tuple(hung))


def _ends_after_all(runner: Runner, rooms: Rooms, tree: str, thorough: Thoroughness, manner: Manner, test: str) -> bool:
    """Whether a test that was interrupted comes to its end when it gets much more time: then none was hanging."""
    longer = replace(manner, cpu=AGAIN * manner.cpu)
    with rooms.open(tree) as room:
        run = runner.run(room.sandbox, [test], timeout=thorough.timeout, silence=thorough.silence, manner=longer)
    return test in run.results and run.results[test].error != HANGS and run.hung != test


def _left_out(run: TestRun, tests: Mapping[str, TestResult]) -> TestRun:
    """A run as if it had been made without these tests."""
    collected = tuple(test for test in run.collected if test not in tests)
    seconds = max(run.seconds - sum(result.seconds for result in tests.values()), 0.0)
    kept = {test: result for test, result in run.results.items() if test not in tests}
    return replace(run, collected=collected, results=kept, seconds=seconds)


def own_modules(rooms: Rooms, tree: str) -> tuple[str, ...]:
    """The names by which the project's own packages and modules are imported, as far as the tree tells."""
    names: set[str] = set()
    paths = rooms.mirror.paths(tree)
    for folder in rooms.environment.first:
        start = "" if folder == "." else f"{folder.rstrip('/')}/"
        for path in (path.removeprefix(start) for path in paths if path.startswith(start) and path.endswith(".py")):
            name, _, rest = path.partition("/")
            if not rest:
                names.add(name.removesuffix(".py"))
            elif rest == "__init__.py":
                names.add(name)
    return tuple(sorted(name for name in names if name.isidentifier()))


def _without_hanging(
    runner: Runner, rooms: Rooms, tree: str, thorough: Thoroughness, manner: Manner
) -> tuple[TestRun, dict[str, TestResult]]:
    """A run to its end, without the tests that hang; and these."""
    hung: dict[str, TestResult] = {}
    while True:
        run = _once(runner, rooms, tree, thorough, replace(manner, without=tuple(hung)), ())
        if not run.hung or len(hung) == HANGING or run.hung in hung:
            _must_be_whole(run)
            return run, hung
        hung[run.hung] = run.results[run.hung]


def _once(runner: Runner, rooms: Rooms, tree: str, thorough: Thoroughness, manner: Manner, tests: Sequence[str]) -> TestRun:
    with rooms.open(tree) as room:
        return runner.run(room.sandbox, tests, timeout=thorough.timeout, silence=thorough.silence, manner=manner)


def _must_be_whole(run: TestRun) -> None:
    if not run.complete:
        raise NotMeasured(reason=run.why_incomplete, command=" ".join(run.argv))


def fold(runs: Sequence[TestRun], *, targeted: bool = False) -> Baseline:
    """What holds in every one of these runs, and what does not; `targeted`: only the first is of all tests."""
    first = runs[0]
    tests = tuple(dict.fromkeys(test for run in runs for test in run.collected))
    seen = {test: [run for run in runs if not targeted or run is first or test in run.collected] for test in tests}
    outcomes = {test: {_outcome(run, test) for run in seen[test]} for test in tests}
    bad = {Outcome.FAILED, Outcome.ERROR}
    failing = {test: first.results[test] for test in tests if outcomes[test] <= bad}
    return Baseline(
        argv=first.argv,
        tests=tests,
        passing=tuple(test for test in tests if outcomes[test] == {Outcome.PASSED}),
        failing=failing,
        varying=tuple(test for test in tests if len(outcomes[test]) > 1 and test not in failing),
        uncollected={where: text for run in runs for where, text in run.collection_errors.items()},
        origins=first.origins,
        exit_code=first.exit_code,
        runs=len(runs),
        whole_runs=1 if targeted else len(runs),
        coarse=first.coarse,
        seconds=max(run.seconds for run in runs),
        longest_silence=max(run.longest_silence for run in runs),
    )


def _outcome(run: TestRun, test: str) -> Outcome | None:
    return run.results[test].outcome if test in run.results else None
