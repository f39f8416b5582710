"""What is judged, and by what."""

from dataclasses import dataclass, field

from swarm.evidence.ground import Ground
from swarm.evidence.honesty import Honesty
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
