"""The baseline: what the tests say on base, before anybody changed anything."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from swarm.errors import Inconclusive
from swarm.evidence.results import Outcome, TestResult, TestRun
from swarm.evidence.rooms import Rooms
from swarm.evidence.runner import Runner

RUNS = 3
NOT_REACHED = ("ImportError", "ModuleNotFoundError", "SyntaxError", "IndentationError", "TabError")
"""A test that dies of one of these never got to the behaviour that it asks about."""


class NotMeasured(Inconclusive):
    """The tests could not be run on base: {reason}
    Without them nothing can be verified.
    Run `{command}` in a clean checkout to see it."""


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
    uncollected: Mapping[str, str] = field(default_factory=dict)
    """The files in which no tests could be found, with the reason."""
    exit_code: int
    """Of the first run."""
    runs: int
    seconds: float
    """How long the longest run took."""

    @property
    def red(self) -> tuple[str, ...]:
        """The tests that fail for the right reason: by themselves, not in a fixture and not for want of a module."""
        return tuple(
            test for test, result in self.failing.items() if result.outcome is Outcome.FAILED and result.error not in NOT_REACHED
        )

    @property
    def patience(self) -> float:
        """How many seconds a run of all tests may take before it counts as hanging."""
        return max(60.0, 4 * self.seconds)


def measure(runner: Runner, rooms: Rooms, tree: str, *, runs: int = RUNS, timeout: float = 600.0) -> Baseline:
    """Run all tests on a tree several times, each time in a fresh sandbox."""
    done: list[TestRun] = []
    for _ in range(runs):
        with rooms.open(tree) as room:
            run = runner.run(room.sandbox, timeout=timeout)
        if not run.complete:
            raise NotMeasured(reason=run.why_incomplete, command=" ".join(run.argv))
        done.append(run)
    return fold(done)


def fold(runs: Sequence[TestRun]) -> Baseline:
    """What holds in every one of these runs, and what does not."""
    first = runs[0]
    tests = tuple(dict.fromkeys(test for run in runs for test in run.collected))
    outcomes = {test: {run.results[test].outcome if test in run.results else None for run in runs} for test in tests}
    passing = tuple(test for test in tests if outcomes[test] == {Outcome.PASSED})
    bad = {Outcome.FAILED, Outcome.ERROR}
    failing = {test: first.results[test] for test in tests if outcomes[test] <= bad}
    return Baseline(
        argv=first.argv,
        tests=tests,
        passing=passing,
        failing=failing,
        varying=tuple(test for test in tests if len(outcomes[test]) > 1 and test not in failing),
        uncollected={where: text for run in runs for where, text in run.collection_errors.items()},
        exit_code=first.exit_code,
        runs=len(runs),
        seconds=max(run.seconds for run in runs),
    )
