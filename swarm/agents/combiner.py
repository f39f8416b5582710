"""The combiner: an agent without a model. It puts together candidates that each fix a part, and has the whole judged anew."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

from swarm.agents.agent import Desk, Result
from swarm.blackboard.candidates import Candidate
from swarm.blackboard.tasks import Task
from swarm.evidence.ground import Ground
from swarm.evidence.patch import source_only, split

COMBINE = "combine"


@dataclass(frozen=True)
class Combiner:
    """Does `combine`. What it makes is a candidate like any other: that its parts do what they do proves nothing of the whole."""

    name: str = "combiner"
    kinds: ClassVar[tuple[str, ...]] = (COMBINE,)

    def model(self, task: Task) -> str:  # noqa: ARG002 - the seam asks it of every agent
        """None: git merges."""
        return ""

    def work(self, task: Task, desk: Desk) -> Result:
        """Merge two candidates in the mirror, and hand in what comes of it."""
        one, other = (desk.candidate(number) for number in parts_of(task))
        names = f"c{one.number} and c{other.number}"
        desk.act(f"puts {names} together")
        tree, clashes = merged(desk.ground, one, other)
        if clashes:
            where = ", ".join(clashes[:3])
            gist = f"{names} each fix a part, but change the same lines of {where}"
            desk.share(kind="attempt-failed", gist=gist[:200], summary=f"{gist}. Somebody has to write both changes as one.")
            return Result(f"{names} change the same lines of {where}.")
        whole = desk.submit(tree, f"{one.summary.rstrip('.')}; and {other.summary.rstrip('.')}"[:300])
        verdict = whole.judgement.verdict.value if whole.judgement else "not judged"
        return Result(f"{names} together are c{whole.number}: {verdict}.", finished=whole.judgement is not None)


def merged(ground: Ground, one: Candidate, other: Candidate) -> tuple[str, tuple[str, ...]]:
    """The tree of both together, and the paths on which they do not agree; where only tests clash, both go without theirs."""
    whole, clashes = _merge(ground, one, other, lambda candidate: candidate.tree)
    if not clashes:
        return whole, ()

    def without_tests(candidate: Candidate) -> str:
        mirror = ground.rooms.mirror
        base, folder = mirror.tree(candidate.base), ground.rooms.environment.folder
        return source_only(mirror, split(mirror, base, candidate.tree, ground.baseline.tests, folder))

    return _merge(ground, one, other, without_tests)


def _merge(ground: Ground, one: Candidate, other: Candidate, tree_of: Callable[[Candidate], str]) -> tuple[str, tuple[str, ...]]:
    mirror = ground.rooms.mirror
    sides = [mirror.commit(tree_of(candidate), [candidate.base], f"c{candidate.number}\n", at=0) for candidate in (one, other)]
    return mirror.merged(*sides)


def parts_of(task: Task) -> tuple[int, int]:
    """The candidates that a task wants put together."""
    one, other = json.loads(task.payload)["candidates"]
    return int(one), int(other)
