"""Real repositories, and a look at every byte of them."""

import hashlib
import os
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest


def _git(folder: Path, *args: str) -> str:
    who = ["-c", "user.name=Ada", "-c", "user.email=ada@example.org", "-c", "init.defaultBranch=main"]
    done = subprocess.run(["git", *who, *args], cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def _laid_out(folder: Path, files: Mapping[str, str]) -> Path:
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)
    _git(folder, "init", "-q")
    _git(folder, "add", "-A")
    _git(folder, "commit", "-qm", "begin")
    return folder


def _fingerprint(folder: Path) -> dict[str, str]:
    found = {}
    for path in sorted(folder.rglob("*")):
        info = path.lstat()
        if not path.is_dir() or path.is_symlink():
            data = os.fsencode(path.readlink()) if path.is_symlink() else path.read_bytes()
            found[str(path.relative_to(folder))] = f"{hashlib.sha256(data).hexdigest()} {info.st_mode:o} {info.st_mtime_ns}"
    return found


@pytest.fixture(scope="session")
def git() -> Callable[..., str]:
    """The git of the user, as the user would run it."""
    return _git


@pytest.fixture(scope="session")
def laid_out() -> Callable[[Path, Mapping[str, str]], Path]:
    """Make a repository of these files with one commit."""
    return _laid_out


@pytest.fixture(scope="session")
def fingerprint() -> Callable[[Path], dict[str, str]]:
    """Look at every byte, mode and time of the user's repository: a triage adds nothing to it, not even an object."""
    return _fingerprint
