"""A repository to play with, a mirror of it, and rooms to run commands in."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from sandboxes.bubblewrap import Bubblewrap
from sandboxes.command import Command, Ran
from sandboxes.docker.backend import Docker
from sandboxes.environment import inherited
from sandboxes.host import Host
from sandboxes.mirror import Mirror
from sandboxes.repository import Repository
from sandboxes.sandbox import Backend, Sandbox

WHO = ("-c", "user.name=Ann", "-c", "user.email=ann@example.org", "-c", "commit.gpgSign=false")


@dataclass(frozen=True)
class Checkout:
    """A repository as its user handles it: with plain git."""

    folder: Path

    def git(self, *args: str) -> str:
        done = subprocess.run(["git", *WHO, *args], cwd=self.folder, capture_output=True, check=False)
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout.decode("utf-8", "surrogateescape").rstrip("\n")

    def write(self, name: str, text: str | bytes = "") -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    def commit(self, message: str = "a change") -> str:
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", message)
        return self.git("rev-parse", "HEAD")

    @property
    def repository(self) -> Repository:
        return Repository.at(self.folder)


def new_checkout(folder: Path, *options: str) -> Checkout:
    folder.mkdir(parents=True, exist_ok=True)
    checkout = Checkout(folder)
    checkout.git("init", "-q", "-b", "main", *options, ".")
    return checkout


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    made = new_checkout(tmp_path / "bookshop")
    made.write("shop/cart.py", "def total(prices):\n    return sum(prices)\n")
    made.write("README", "a shop\n")
    made.commit("the shop")
    return made


@pytest.fixture
def mirror(tmp_path: Path) -> Mirror:
    return Mirror.at(tmp_path / "state" / "mirror.git")


@pytest.fixture
def worktree(tmp_path: Path) -> Path:
    folder = tmp_path / "worktree"
    folder.mkdir()
    return folder


@pytest.fixture(scope="session")
def toolchain() -> tuple[Path, ...]:
    return inherited(Path("/nonexistent")).toolchain


@pytest.fixture(params=["none", "bubblewrap", "docker"])
def backend(request: pytest.FixtureRequest) -> Backend:
    if request.param == "docker":
        request.getfixturevalue("engine")
        return Docker()
    return Host() if request.param == "none" else Bubblewrap()


@pytest.fixture
def sandbox(backend: Backend, worktree: Path, toolchain: tuple[Path, ...]) -> Iterator[Sandbox]:
    with backend.open(worktree, toolchain) as opened:
        yield opened


Shell = Callable[..., Ran]


@pytest.fixture
def shell(sandbox: Sandbox) -> Shell:
    return lambda script, **limits: sandbox.run(Command(argv=("bash", "-c", script), **limits))


@pytest.fixture
def python(sandbox: Sandbox) -> Shell:
    return lambda script, **limits: sandbox.run(Command(argv=(sys.executable, "-c", script), **limits))


@pytest.fixture
def processes_with() -> Callable[[str], list[int]]:
    """Find the processes of this machine whose command line holds a word."""
    return _processes_with


def _processes_with(word: str) -> list[int]:
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) != os.getpid():
            try:
                if word.encode() in (entry / "cmdline").read_bytes():
                    found.append(int(entry.name))
            except (FileNotFoundError, ProcessLookupError):
                continue
    return found
