"""What is judged, and by what."""

from dataclasses import dataclass, field
from functools import cached_property

from swarm.evidence.changes import Kind
from swarm.evidence.ground import Ground
from swarm.evidence.honesty import Honesty, TestChange
from swarm.evidence.patch import Patch
from swarm.evidence.planted import Planted
from swarm.evidence.reproduction import Admitted
from swarm.evidence.scan import Suspicion


@dataclass(frozen=True, kw_only=True)
class Case:
    """What is judged, and by what."""

    ground: Ground
    patch: Patch
    judged: str
    """The tree of base with only the source part of the patch."""
    reproductions: tuple[str, ...]
    """The tests of base that have to pass."""
    held: tuple[Admitted, ...] = ()
    planted: Planted = field(default_factory=Planted)
    suspicions: tuple[Suspicion, ...] = ()
    honesty: Honesty = field(default_factory=Honesty)
    """What the patch does to tests, one by one."""
    own: tuple[str, ...] = ()
    """The project's own modules at the top."""

    @property
    def questions(self) -> tuple[str, ...]:
        """Every test that has to turn from red to green."""
        return (*self.reproductions, *self.planted.held)

    @cached_property
    def retold(self) -> frozenset[str]:
        """The tests that passed on base and that the patch itself tells anew."""
        names = {name for change in self.honesty.suspicious for name in _meant(change)}
        passing = set(self.ground.baseline.passing) - {*self.reproductions}
        return frozenset(test for test in passing if {test.partition("[")[0], test.partition("::")[0]} & names)

    @cached_property
    def rewritten(self) -> frozenset[str]:
        """The test files of base that the patch writes anew, without those that hold a reproduction: these stay as they are."""
        return frozenset(self.patch.bent) - {file_of(test) for test in self.reproductions}

    @property
    def expected(self) -> tuple[str, ...]:
        """The tests that passed on base and have to pass with the patch."""
        return tuple(test for test in self.ground.baseline.passing if test not in self.retold)


def file_of(test: str) -> str:
    """The file that a test is in."""
    return test.partition("::")[0]


def _meant(change: TestChange) -> tuple[str, ...]:
    """The tests that a change is about; a file stands for all tests in it."""
    return change.affects if change.saw.kind is Kind.SUPPORT else (change.test,)
