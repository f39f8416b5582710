"""The ground of a run or of a single verdict: base in the mirror, its environment, and what its tests say."""

from collections.abc import Callable, Mapping

from swarm.evidence.detection import best
from swarm.evidence.ground import Ground
from swarm.evidence.memory import Memory
from swarm.evidence.project import project_folder
from swarm.evidence.rooms import Rooms
from swarm.evidence.sources import Sources
from swarm.parts import Parts
from swarm.settings.places import BASELINES

Tell = Callable[[str, str], None]
"""Is told which stage begins, and what there is to know about it."""


def surveyed(parts: Parts, base: str, tell: Tell, beside: Mapping[str, bytes] | None = None) -> Ground:
    """Bring base into the mirror and see what its tests say before anybody changes anything; files can be laid beside them."""
    tree = parts.mirror.take(parts.repository, base)
    sources = Sources.in_tree(parts.mirror, tree)
    folder = project_folder(sources, parts.settings.project)
    environment = parts.environment(tree, folder, lambda text: tell("environment", text))
    found = best(sources, environment.python, parts.settings.test, environment.first, folder)
    tell("baseline", "; ".join((f"the tests are run on base. {found.why}", *environment.notes)))
    tree = parts.mirror.put(tree, beside) if beside else tree
    rooms = Rooms(parts.backend, parts.mirror, environment, parts.worktrees, parts.pulse)
    baseline = Memory(parts.folder / BASELINES).measured(found.runner, rooms, tree)
    if baseline.missing:
        tell("baseline", f"not installed, so that some tests cannot be run: {', '.join(baseline.missing[:10])}")
    if baseline.caveat:
        tell("baseline", baseline.caveat)
    return Ground(base=base, tree=tree, rooms=rooms, runner=found.runner, baseline=baseline)
