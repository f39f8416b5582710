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
