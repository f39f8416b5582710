"""A branch and its checkout are moved wholly or not at all."""

import hashlib
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from sandboxes.landing import Landing
from sandboxes.mirror import Mirror
from sandboxes.repository import InTheWay, RefMoved, Repository

WORKER = Path(__file__).with_name("landing_worker.py")
OLD = {"a.py": "old\n", "gone/b.py": "bye\n", "kept.txt": "kept\n"}
NEW = {"a.py": "new\n", "fresh/c.py": "hello\n" * 1000, "kept.txt": "kept\n"}


def git(folder: Path, *args: str) -> str:
    who = ["-c", "user.name=Ada", "-c", "user.email=ada@example.org"]
    return subprocess.run(["git", *who, *args], cwd=folder, capture_output=True, text=True, check=True).stdout.strip()


def fingerprint(folder: Path) -> dict[str, str]:
    files = (path for path in folder.rglob("*") if path.is_file() and ".git/objects" not in str(path))
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


@dataclass(frozen=True)
class Dock:
    """A repository on main at one commit, and a mirror that has the next one too."""

    top: Path
    mirror: Path
    before: str
    after: str

    def landing(self) -> Landing:
        return Landing(
            repository=Repository.at(self.top),
            mirror=Mirror(self.mirror).git,
            branch="main",
            before=self.before,
            after=self.after,
        )

    def files(self) -> dict[str, str]:
        found = (path for path in self.top.rglob("*") if path.is_file() and ".git" not in path.parts)
        return {str(path.relative_to(self.top)): path.read_text() for path in found}


@pytest.fixture
def dock(make_repository: Callable[..., Path], tmp_path: Path) -> Callable[..., Dock]:
    def make(name: str = "project") -> Dock:
        top = make_repository(OLD, name)
        mirror, repository = Mirror.at(tmp_path / f"{name}-mirror.git"), Repository.at(top)
        before = repository.commit()
        tree = mirror.put(mirror.take(repository, before), {path: text.encode() for path, text in NEW.items()})
        after = mirror.commit(_without(mirror, tree, "gone"), [before], "next\n", at=1.0)
        repository.receive(mirror.folder, after, "refs/swarm/x/merge")
        return Dock(top, mirror.folder, before, after)

    return make


def _without(mirror: Mirror, tree: str, path: str) -> str:
    empty = mirror.git.text("mktree")
    return mirror.with_paths(tree, empty, [path])


def test_branch_index_and_files_follow_together(dock: Callable[..., Dock]):
    here = dock()

    here.landing().land()

    assert here.files() == NEW
    assert git(here.top, "rev-parse", "HEAD") == here.after
    assert git(here.top, "status", "--porcelain") == ""
    assert not (here.top / "gone").exists()
    assert "swarm: from" in git(here.top, "reflog", "-1")


def test_what_else_is_changed_or_staged_stays_as_it_is(dock: Callable[..., Dock]):
    here = dock()
    (here.top / "kept.txt").write_text("changed\n")
    (here.top / "mine.txt").write_text("staged\n")
    git(here.top, "add", "mine.txt")

    here.landing().land()

    assert git(here.top, "status", "--porcelain").splitlines() == ["M kept.txt", "A  mine.txt"]
    assert git(here.top, "diff", "--name-only", "HEAD").split() == ["kept.txt", "mine.txt"]


def _dirty(top: Path) -> None:
    (top / "a.py").write_text("mine\n")


def _staged(top: Path) -> None:
    (top / "a.py").write_text("mine\n")
    git(top, "add", "a.py")
    (top / "a.py").write_text("old\n")


def _untracked(top: Path) -> None:
    (top / "fresh").mkdir()
    (top / "fresh/c.py").write_text("mine\n")


def _link(top: Path) -> None:
    (top.parent / "elsewhere").mkdir()
    (top / "fresh").symlink_to(top.parent / "elsewhere")


def _filtered(top: Path) -> None:
    (top / ".git/info/attributes").write_text("a.py filter=lfs\n")


def _unfinished(top: Path) -> None:
    (top / ".git/MERGE_HEAD").write_text(git(top, "rev-parse", "HEAD") + "\n")


def _locked(top: Path) -> None:
    (top / ".git/index.lock").write_text("")


def _not_looked_at(top: Path) -> None:
    git(top, "update-index", "--assume-unchanged", "a.py")


def _elsewhere(top: Path) -> None:
    git(top, "worktree", "add", "-q", "--force", str(top.parent / "second"), "main")


@pytest.mark.parametrize(
    "change", [_dirty, _staged, _untracked, _link, _filtered, _unfinished, _locked, _not_looked_at, _elsewhere]
)
def test_what_is_in_the_way_is_named_and_nothing_is_changed(dock: Callable[..., Dock], change: Callable[[Path], None]):
    here = dock()
    change(here.top)
    before = fingerprint(here.top)

    with pytest.raises(InTheWay):
        here.landing().land()

    assert fingerprint(here.top) == before


def test_a_branch_that_moved_meanwhile_is_left_where_it_is(dock: Callable[..., Dock]):
    here = dock()
    git(here.top, "commit", "-q", "--allow-empty", "-m", "meanwhile")
    before = fingerprint(here.top)

    with pytest.raises(RefMoved):
        here.landing().land()

    assert fingerprint(here.top) == before


def test_a_branch_that_is_not_checked_out_moves_alone(dock: Callable[..., Dock]):
    here = dock()
    git(here.top, "checkout", "-q", "-b", "other")

    here.landing().land()

    assert git(here.top, "rev-parse", "main") == here.after
    assert here.files() == OLD


def test_hooks_are_not_run(dock: Callable[..., Dock]):
    here = dock()
    hook = here.top / ".git/hooks/reference-transaction"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(f"#!/bin/sh\ntouch {here.top.parent}/ran\n")
    hook.chmod(0o755)

    here.landing().land()

    assert not (here.top.parent / "ran").exists()


def test_there_and_back_is_as_it_was(dock: Callable[..., Dock]):
    here = dock()

    here.landing().land()
    Dock(here.top, here.mirror, here.after, here.before).landing().land()

    assert here.files() == OLD
    assert git(here.top, "status", "--porcelain") == ""


def test_killed_before_any_of_its_effects_it_can_be_done_again(dock: Callable[..., Dock]):
    last, ended = 0, False
    while not ended:
        last += 1
        here = dock(f"project{last}")
        command = [sys.executable, str(WORKER), str(here.top), str(here.mirror), here.before, here.after]
        first = subprocess.run([*command, str(last)], check=False, env={**os.environ, "PYTHONPATH": str(Path.cwd())})
        ended = first.returncode == 0
        assert ended or first.returncode == -signal.SIGKILL
        whole = {path: (OLD.get(path), NEW.get(path)) for path in (*OLD, *NEW)}
        assert all(here.files().get(path) in texts for path, texts in whole.items()), f"a torn file after effect {last}"

        if not ended:
            here.landing().land()
        assert here.files() == NEW, f"after effect {last}"
        assert git(here.top, "status", "--porcelain") == ""
        assert not [path for path in (here.top / ".git").iterdir() if path.name.startswith("index.")]
    assert last > 10


def test_without_space_nothing_is_changed(dock: Callable[..., Dock]):
    here = dock()
    before = fingerprint(here.top)
    command = ["bash", "-c", 'ulimit -f 1; exec "$@"', "bash", sys.executable, str(WORKER), str(here.top), str(here.mirror)]

    full = subprocess.run(
        [*command, here.before, here.after, "0"],
        check=False,
        capture_output=True,
        env={**os.environ, "PYTHONPATH": str(Path.cwd())},
    )

    assert full.returncode == 1, full.stderr
    assert b"InTheWay" in full.stderr
    assert fingerprint(here.top) == before
