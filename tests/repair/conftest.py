"""A small shop with a bug in it, measured once, to try edits on."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from sandboxes.environment import inherited
from sandboxes.host import Host
from sandboxes.mirror import Mirror
from swarm.evidence.baseline import Thoroughness, measure
from swarm.evidence.ground import Ground
from swarm.evidence.rooms import Rooms
from swarm.evidence.runners.pytest import PytestRunner

FILES = {
    "pytest.ini": "[pytest]\naddopts = -p no:hypothesispytest -p no:anyio -p no:timeout\n",
    "shop/__init__.py": "",
    "shop/prices.py": "def discount(copies):\n    if copies > 10:  # from ten on\n        return 5\n    return 0\n",
    "shop/delivery.py": "def free(goods):\n    return goods >= 30\n",
    "tests/test_shop.py": "from shop.prices import discount\nfrom shop.delivery import free\n"
    "def test_ten(): assert discount(10) == 5\ndef test_nine(): assert discount(9) == 0\n"
    "def test_many(): assert discount(99) == 5\ndef test_free(): assert free(30) and not free(29)\n",
}


@pytest.fixture(scope="module")
def make_ground(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[Mapping[str, str]], Ground]]:
    """Measure a project that consists of these files."""
    folder: Path = tmp_path_factory.mktemp("shop")
    mirror = Mirror.at(folder / "mirror.git")
    rooms = Rooms(Host(), mirror, inherited(folder), folder / "worktrees")
    runner = PytestRunner(rooms.environment.python)

    def make(files: Mapping[str, str]) -> Ground:
        tree = mirror.put(mirror.git.text("mktree"), {path: text.encode() for path, text in files.items()})
        baseline = measure(runner, rooms, tree, Thoroughness(runs=1))
        return Ground(base=mirror.commit(tree, [], "base"), tree=tree, rooms=rooms, runner=runner, baseline=baseline)

    yield make
    assert list(rooms.folder.iterdir()) == []


@pytest.fixture(scope="module")
def ground(make_ground: Callable[[Mapping[str, str]], Ground]) -> Ground:
    return make_ground(FILES)
