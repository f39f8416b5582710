"""What all tests share: a home of its own for every test, real repositories, and the real command."""

import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from sandboxes.active import ACTIVE

pytest_plugins = ["container_engine", "github_server", "clones", "model_server", "office"]

Git = Callable[..., str]


@pytest.fixture(autouse=True)
def home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home that is nobody's: no test may see or change the settings and state of whoever runs it."""
    folder = tmp_path_factory.mktemp("home")
    for name in [name for name in os.environ if name.startswith(("SWARM_", "GIT_", "GH_", "GITHUB_", "XDG_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(folder))
    monkeypatch.setenv("XDG_STATE_HOME", str(folder / "state"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(folder / "config"))
    for name in ACTIVE:
        monkeypatch.delenv(name, raising=False)
    return folder


def git(folder: Path, *args: str) -> str:
    """Run the git of the user, as the user would."""
    who = ["-c", "user.name=Ada", "-c", "user.email=ada@example.org", "-c", "init.defaultBranch=main"]
    done = subprocess.run(["git", *who, *args], cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.fixture
def make_repository(tmp_path: Path) -> Callable[[Mapping[str, str]], Path]:
    """Make a real repository with one commit of these files."""

    def make(files: Mapping[str, str], name: str = "project") -> Path:
        folder = tmp_path / name
        folder.mkdir()
        for path, text in files.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_text(text)
        git(folder, "init", "-q")
        git(folder, "add", "-A")
        git(folder, "commit", "-qm", "begin")
        return folder

    return make


@dataclass(frozen=True)
class Said:
    """What a command said, and how it ended."""

    code: int
    out: str
    err: str


@pytest.fixture
def swarm() -> Callable[..., Said]:
    """Run the real command, in a process of its own."""

    def run(*args: str, cwd: Path, stdin: str = "", env: Mapping[str, str] | None = None) -> Said:
        command = [sys.executable, "-m", "swarm", *args]
        surroundings = {**os.environ, **(env or {})}
        done = subprocess.run(command, cwd=cwd, input=stdin, capture_output=True, text=True, check=False, env=surroundings)
        return Said(done.returncode, done.stdout, done.stderr)

    return run
