"""The ground of a run: base, how it is tested, and what its tests showed before anybody changed anything."""

from dataclasses import dataclass

from swarm.evidence.baseline import Baseline
from swarm.evidence.rooms import Rooms
from swarm.evidence.runner import Runner


@dataclass(frozen=True, kw_only=True)
class Ground:
    """What agents and judge stand on alike."""

    base: str
    """The commit that the run starts from."""
    tree: str
    """Its tree in the mirror."""
    rooms: Rooms
    runner: Runner
    baseline: Baseline
    reproductions: tuple[str, ...] = ()
    """Of the tests that fail on base, those that show the bug of the issue; none named: all of them do."""

    @property
    def red(self) -> tuple[str, ...]:
        """The failing tests that a fix turns green. What else fails on base is known, and nobody's business."""
        return self.reproductions or self.baseline.red
