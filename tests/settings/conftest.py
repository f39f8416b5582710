"""A user with folders of their own, and a repository that is not theirs."""

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

NOBODY = 65534


@pytest.fixture
def environ(home: Path) -> dict[str, str]:
    """The surroundings of a user, as a value; whoever runs the tests is left out."""
    return {"HOME": str(home), "XDG_CONFIG_HOME": str(home / ".config"), "XDG_STATE_HOME": str(home / ".local" / "state")}


@pytest.fixture
def user_file(home: Path) -> Path:
    file = home / ".config" / "swarm" / "config.toml"
    file.parent.mkdir(parents=True)
    return file


@pytest.fixture
def top(tmp_path: Path) -> Path:
    folder = tmp_path / "repository"
    folder.mkdir()
    return folder


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder to which everybody finds the way, as they do not to those of pytest."""
    with tempfile.TemporaryDirectory(prefix="swarm-test-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield folder


@pytest.fixture
def powerless() -> Callable[[], AbstractContextManager[None]]:
    """To be an ordinary user for a while, since rights do not bind root."""

    @contextmanager
    def being_nobody() -> Iterator[None]:
        root = os.geteuid() == 0
        if root:
            os.seteuid(NOBODY)
        try:
            yield
        finally:
            if root:
                os.seteuid(0)

    return being_nobody
