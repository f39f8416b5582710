"""What a run of tests showed, test by test."""

from collections.abc import Mapping
from dataclasses import field
from enum import Enum

from swarm.values import Value

NOTHING_FOUND = "no test was collected"
"""How the reason begins why a run is not complete that found nothing to run."""


class Outcome(Enum):
    """What became of one test."""

    PASSED = "passed"
    FAILED = "failed"
    """An assertion or an exception in the test itself."""
    ERROR = "error"
    """It could not be collected, set up or torn down."""
    SKIPPED = "skipped"
    XFAILED = "xfailed"
    """It failed, as its author expects."""
    XPASSED = "xpassed"
    """It passed, against its author's expectation."""


class Frame(Value):
    """A place that an exception passed through."""

    path: str
    """Relative to the worktree; places outside it are left out."""
    line: int
    function: str


class TestResult(Value):
    """One test and what became of it."""

    __test__ = False  # pytest takes classes named Test… for tests

    test: str
    outcome: Outcome
    message: str = ""
    """What it said, in one line, for people in a hurry."""
    text: str = ""
    """The traceback."""
    seconds: float = 0.0
    error: str = ""
    """The class of the exception."""
    frames: tuple[Frame, ...] = ()
    """Where the exception passed through, outermost first; then the same for what it was raised from."""


class Reached(Value):
    """What one test reached in the tree."""

    functions: Mapping[str, tuple[int, ...]]
    """The first lines of the functions that it entered, by file; 0: the file itself, as it was imported."""
    files: tuple[str, ...] = ()
    """What it opened, whether or not there is such a file."""
    folders: tuple[str, ...] = ()
    """What it listed."""
    opaque: bool = False
    """It started another process, and nobody knows what that reached."""


class TestRun(Value, kw_only=True):
    """One run of tests, as swarm's own reporter told it over its own channel."""

    __test__ = False

    argv: tuple[str, ...]
    """The command, as a person would type it in the worktree."""
    collected: tuple[str, ...]
    results: Mapping[str, TestResult]
    complete: bool
    """Every collected test has a result, there is at least one, the session came to its end, and the process's status agrees."""
    why_incomplete: str = ""
    infrastructure: bool = False
    """The run was ended by its surroundings (time, memory, space), so it says nothing about the code."""
    timed_out: bool = False
    """It was ended since it took too long."""
    collection_errors: Mapping[str, str] = field(default_factory=dict)
    hung: str = ""
    """The test that gave no sign of life for too long; it counts as failed, and the tests after it were not run."""
    unfinished: str = ""
    """The test that had begun and not ended when the run was over."""
    longest_silence: float = 0.0
    """The most seconds without a sign of life; several times as many mean that a test hangs."""
    origins: Mapping[str, str] = field(default_factory=dict)
    """From which file each module of the project was imported: relative to the worktree, or absolute if it lies elsewhere."""
    reached: Mapping[str, Reached] = field(default_factory=dict)
    """What each test reached, if that was asked; under the path of a file what importing it reached, and under the empty name
    what is reached by looking for tests."""
    coarse: bool = False
    """There is a single result, and it is nothing but the exit code of a command."""
    exit_code: int
    seconds: float
    output: bytes
    """Head and tail of what was printed, for people; never read as evidence."""

    def of(self, outcome: Outcome) -> tuple[str, ...]:
        """The tests with this outcome, in the order of their run."""
        return tuple(test for test, result in self.results.items() if result.outcome is outcome)

    @property
    def passed(self) -> tuple[str, ...]:
        """The tests that passed."""
        return self.of(Outcome.PASSED)

    @property
    def failed(self) -> tuple[str, ...]:
        """The tests that failed or could not be run."""
        return (*self.of(Outcome.FAILED), *self.of(Outcome.ERROR))
