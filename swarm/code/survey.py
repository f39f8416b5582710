"""What a survey of a tree saw: what each test says, how long it takes, and which lines it executes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property


@dataclass(frozen=True)
class Spot:
    """A place that an exception passed through, or where a test was interrupted."""

    path: str
    line: int
    function: str


@dataclass(frozen=True)
class Tour:
    """One test, run once plainly and once traced."""

    test: str
    outcome: str
    """As pytest says it, or `timed out`, or `died`."""
    seconds: float
    lines: Mapping[str, int] = field(default_factory=dict)
    """The lines it executed, by file: bit n is set for line n. A test that was interrupted has those up to there."""
    error: str = ""
    message: str = ""
    spots: tuple[Spot, ...] = ()
    """Where the exception passed through, outermost first; then the same for what it was raised from."""

    def executes(self, path: str, first: int, last: int) -> bool:
        """Whether it executes any of these lines."""
        return bool(self.lines.get(path, 0) >> first & ((1 << (last - first + 1)) - 1))


@dataclass(frozen=True)
class Survey:
    """What was seen of all tests."""

    tours: tuple[Tour, ...]
    peaks: Mapping[str, Mapping[int, int]]
    """How often a single test that came to its end reached a line at most, by file."""
    startup: float
    """Seconds until the tests were collected."""
    missing: tuple[str, ...] = ()
    """Tests that were asked for and not found, or for which there was no time."""

    @cached_property
    def of(self) -> Mapping[str, Tour]:
        """The tours by test."""
        return {tour.test: tour for tour in self.tours}
