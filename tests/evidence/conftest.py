"""Small projects as trees of a real mirror, and sandboxes to run them in."""

import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from sandboxes.environment import inherited
from sandboxes.host import Host
from sandboxes.mirror import Mirror
from swarm.evidence.baseline import measure
from swarm.evidence.ground import Ground
from swarm.evidence.rooms import Rooms
from swarm.evidence.runners.pytest import PytestRunner

Files = Mapping[str, str]


@pytest.fixture
def rooms(tmp_path: Path) -> Rooms:
    """Rooms without a wall, for speed: what is tested here is what swarm makes of what happens in them."""
    return Rooms(Host(), Mirror.at(tmp_path / "mirror.git"), inherited(tmp_path), tmp_path / "worktrees")


@pytest.fixture
def runner(rooms: Rooms) -> PytestRunner:
    return PytestRunner(python=rooms.environment.python)


@pytest.fixture
def plant(rooms: Rooms) -> Callable[[Files], str]:
    """Make a tree of these files."""

    def make(files: Files) -> str:
        empty = rooms.mirror.git.text("mktree")
        return rooms.mirror.put(empty, {path: text.encode() for path, text in files.items()})

    return make


@pytest.fixture
def ground(rooms: Rooms, runner: PytestRunner, plant: Callable[[Files], str]) -> Callable[..., Ground]:
    """Measure the tests of a project, twice, and make it the ground of a run."""

    def make(files: Files, runs: int = 2) -> Ground:
        tree = plant(files)
        baseline = measure(runner, rooms, tree, runs=runs)
        return Ground(base=rooms.mirror.commit(tree, [], "base"), tree=tree, rooms=rooms, runner=runner, baseline=baseline)

    return make


def python() -> str:
    """The interpreter that runs these tests."""
    return sys.executable
