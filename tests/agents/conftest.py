"""A desk that keeps in memory what the store would keep, and the ground of the demo."""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from sandboxes.bubblewrap import Bubblewrap
from sandboxes.environment import inherited
from sandboxes.mirror import Mirror
from sandboxes.repository import Repository
from swarm.blackboard.candidates import Candidate
from swarm.blackboard.findings import Evidence, Finding, FindingState, Gist
from swarm.demo import lay_out
from swarm.evidence.baseline import Thoroughness, measure
from swarm.evidence.ground import Ground
from swarm.evidence.patch import split
from swarm.evidence.rooms import Rooms
from swarm.evidence.runners.pytest import PytestRunner


class MemoryDesk:
    """The whole of a desk, for one agent and one run, without a store."""

    def __init__(self, ground: Ground, issue: str, patience: int = 1000) -> None:
        self.ground, self.issue = ground, issue
        self.shared: list[Finding] = []
        self.candidates: list[Candidate] = []
        self.actions: list[str] = []
        self._patience = patience
        self.kept: dict[str, bytes] = {}

    def gists(self) -> Sequence[Gist]:
        return [Gist(one.number, one.kind, one.state, one.gist, len(one.witnesses)) for one in self.shared]

    def findings(self, kind: str) -> Sequence[Finding]:
        return [one for one in self.shared if one.kind == kind]

    def share(self, *, kind: str, gist: str, summary: str, evidence: Evidence | None = None) -> Finding:
        finding = Finding(
            run="run",
            number=len(self.shared) + 1,
            kind=kind,
            gist=gist,
            summary=summary,
            author="tester",
            task=1,
            evidence=evidence,
            shown=(),
            state=FindingState.PROPOSED,
            reason="",
            witnesses=("tester",),
            at=0.0,
        )
        self.shared.append(finding)
        return finding

    def keep(self, content: bytes) -> str:
        digest = hashlib.sha256(content).hexdigest()
        self.kept[digest] = content
        return digest

    def raw(self, digest: str) -> bytes:
        return self.kept[digest]

    def submit(self, tree: str, summary: str) -> Candidate:
        patch = split(self.ground.rooms.mirror, self.ground.tree, tree)
        candidate = Candidate(
            run="run",
            number=len(self.candidates) + 1,
            task=1,
            tree=tree,
            base=self.ground.base,
            summary=summary,
            author="tester",
            added=patch.added,
            removed=patch.removed,
            shown=(),
            judgement=None,
            chosen=False,
        )
        self.candidates.append(candidate)
        return candidate

    def act(self, action: str) -> None:
        self.actions.append(action)

    def stopped(self) -> bool:
        """Once as many steps were taken as somebody had patience for."""
        return len(self.actions) >= self._patience


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    """The demo's bookshop behind a wall, its tests run twice on base."""
    folder: Path = tmp_path_factory.mktemp("demo")
    place, _ = lay_out(folder)
    repository = Repository.at(place)
    mirror = Mirror.at(folder / "mirror.git")
    # Loading the plugins of swarm's own tests would take longer than running the demo's.
    quick = {"pytest.ini": b"[pytest]\naddopts = -p no:hypothesispytest -p no:anyio -p no:timeout\n"}
    tree = mirror.put(mirror.take(repository, repository.commit()), quick)
    base = mirror.commit(tree, [], "base")
    rooms = Rooms(Bubblewrap(), mirror, inherited(place), folder / "worktrees")
    runner = PytestRunner(rooms.environment.python)
    yield Ground(base=base, tree=tree, rooms=rooms, runner=runner, baseline=measure(runner, rooms, tree, Thoroughness(runs=2)))
    assert list(rooms.folder.iterdir()) == []


@pytest.fixture(scope="module")
def make_desk() -> Callable[..., MemoryDesk]:
    """Make a desk, one that knows what another one knows if that is given."""

    def make(ground: Ground, like: MemoryDesk | None = None, patience: int = 1000) -> MemoryDesk:
        desk = MemoryDesk(ground, "# Customers cannot order our last copy of a book", patience)
        if like is not None:
            desk.shared, desk.kept = list(like.shared), dict(like.kept)
        return desk

    return make
