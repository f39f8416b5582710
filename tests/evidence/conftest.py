"""Small projects as trees of a real mirror, and sandboxes to run them in."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

from sandboxes.bubblewrap import Bubblewrap
from sandboxes.environment import inherited
from sandboxes.host import Host
from sandboxes.mirror import Mirror
from sandboxes.sandbox import Backend
from swarm.evidence.baseline import Thoroughness, measure
from swarm.evidence.ground import Ground
from swarm.evidence.results import TestRun
from swarm.evidence.rooms import Rooms
from swarm.evidence.runners.pytest import PytestRunner

Files = Mapping[str, str]
QUICK = "[pytest]\naddopts = -p no:hypothesispytest -p no:anyio -p no:timeout\n"
"""Loading the plugins of swarm's own tests takes longer than running these."""


class Bench:
    """A mirror, sandboxes of one kind, and a runner: what the judge works with."""

    def __init__(self, folder: Path, backend: Backend) -> None:
        self.mirror = Mirror.at(folder / "mirror.git")
        self.rooms = Rooms(backend, self.mirror, inherited(folder), folder / "worktrees")
        self.runner = PytestRunner(self.rooms.environment.python)
        self.kept: list[bytes] = []

    def tree(self, files: Files) -> str:
        """A tree of these files, and settings that keep the runs short."""
        empty = self.mirror.git.text("mktree")
        return self.mirror.put(empty, {path: text.encode() for path, text in {"pytest.ini": QUICK, **files}.items()})

    def changed(self, tree: str, files: Files) -> str:
        """The tree with these files replaced or added."""
        return self.mirror.put(tree, {path: text.encode() for path, text in files.items()})

    def without(self, tree: str, *paths: str) -> str:
        """The tree without these files."""
        return self.mirror.with_paths(tree, self.mirror.git.text("mktree"), paths)

    def run(self, files: Files, *tests: str, timeout: float = 60.0) -> TestRun:
        """Run the tests of a project once."""
        with self.rooms.open(self.tree(files)) as room:
            return self.runner.run(room.sandbox, tests, timeout=timeout)

    def ground(self, files: Files, runs: int = 1) -> Ground:
        """Measure the tests of a project, and make it the ground of a run."""
        tree = self.tree(files)
        baseline = measure(self.runner, self.rooms, tree, Thoroughness(runs=runs))
        base = self.mirror.commit(tree, [], "base")
        return Ground(base=base, tree=tree, rooms=self.rooms, runner=self.runner, baseline=baseline)

    def keep(self, output: bytes) -> str:
        """Keep raw output, as the store would."""
        self.kept.append(output)
        return f"output {len(self.kept)}"


@contextmanager
def bench_in(folder: Path, backend: Backend) -> Iterator[Bench]:
    """A bench whose worktrees are all gone in the end."""
    bench = Bench(folder, backend)
    yield bench
    left = list(bench.rooms.folder.iterdir()) if bench.rooms.folder.exists() else []
    assert left == []


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    """Without a wall, for speed: what is tested is what swarm makes of what happens in the room."""
    with bench_in(tmp_path, Host()) as made:
        yield made


@pytest.fixture(scope="module")
def shared_bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    """One for a whole module, where what is measured once serves many tests."""
    with bench_in(tmp_path_factory.mktemp("bench"), Host()) as made:
        yield made


@pytest.fixture
def walled_bench(tmp_path: Path) -> Iterator[Bench]:
    """With the wall that swarm uses."""
    with bench_in(tmp_path, Bubblewrap()) as made:
        yield made


@pytest.fixture(params=["bench", "walled_bench"])
def any_bench(request: pytest.FixtureRequest) -> Bench:
    """With and without a wall."""
    made: Bench = request.getfixturevalue(request.param)
    return made


@pytest.fixture
def rooms(bench: Bench) -> Rooms:
    """Where small projects are run."""
    return bench.rooms


@pytest.fixture
def plant(bench: Bench) -> Callable[[Files], str]:
    """Make a tree of these files and no other."""
    return lambda files: bench.mirror.put(bench.mirror.git.text("mktree"), {path: text.encode() for path, text in files.items()})


@pytest.fixture
def counter(tmp_path: Path) -> Callable[[], str]:
    """The path of a file outside of all worktrees, for tests that want to know how often they ran."""
    return lambda: str(tmp_path / "counter")
