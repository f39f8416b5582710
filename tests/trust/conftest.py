"""What the proofs of trust share: the user's repository with a bug in it, and the look at all that is in it."""

import hashlib
import os
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from sandboxes.bubblewrap import Bubblewrap
from sandboxes.docker.backend import Docker
from sandboxes.environment import inherited
from sandboxes.sandbox import Backend

SHOP = {
    "shop.py": "LIMIT = 50\n\n\ndef shipping(total):\n    if total > LIMIT:\n        return 0\n    return 5\n",
    "test_shop.py": "from shop import shipping\n\n\ndef test_threshold():\n    assert shipping(50) == 0\n\n\n"
    "def test_small():\n    assert shipping(49) == 5\n",
    "pytest.ini": "[pytest]\npythonpath = .\naddopts = -p no:hypothesispytest -p no:anyio -p no:timeout\n",
}
"""A comparison is wrong."""
ADDED = (".git/objects/", ".git/refs/swarm/", ".git/refs/heads/swarm/", ".git/logs/refs/heads/swarm/")

Look = Callable[[Path], dict[str, str]]


@pytest.fixture(scope="session")
def toolchain() -> tuple[Path, ...]:
    """What Python needs inside."""
    return inherited(Path("/nonexistent")).toolchain


@pytest.fixture
def shop(make_repository: Callable[[Mapping[str, str]], Path]) -> Path:
    """The user's repository."""
    return make_repository(SHOP)


@pytest.fixture
def fingerprint() -> Look:
    """Look at every byte, mode and time of the user's repository but what swarm may add: objects, its references, its branch."""

    def look(folder: Path) -> dict[str, str]:
        found = {}
        for path in folder.rglob("*"):
            name = str(path.relative_to(folder))
            if path.is_file() and not name.startswith(ADDED):
                info = path.lstat()
                data = os.fsencode(path.readlink()) if path.is_symlink() else path.read_bytes()
                found[name] = f"{hashlib.sha256(data).hexdigest()} {info.st_mode:o} {info.st_mtime_ns}"
        return found

    return look


@pytest.fixture(params=["bubblewrap", "docker"])
def backend(request: pytest.FixtureRequest) -> Backend:
    """Every kind of sandbox that holds."""
    if request.param == "docker":
        request.getfixturevalue("engine")
        return Docker()
    return Bubblewrap()
