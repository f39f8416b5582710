"""The index as the next commit would have it, read so that not a byte of the user's changes."""

import os
import subprocess
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from sandboxes.glimpse import glimpse
from sandboxes.mirror import Mirror
from sandboxes.repository import Repository
from sandboxes.staging import NoCheckout, Unmerged, index_of, staged, working

Git = Callable[..., str]
FILES = {"a.py": "one\ntwo\nthree\n", "b.py": "x\n", "gone.py": "y\n", ".gitignore": "*.log\n"}


def git(folder: Path, *args: str, env: Mapping[str, str] | None = None, code: int = 0) -> str:
    who = [
        "-c",
        "user.name=Ada",
        "-c",
        "user.email=ada@example.org",
        "-c",
        "init.defaultBranch=main",
        "-c",
        "protocol.file.allow=always",
    ]
    done = subprocess.run(
        ["git", *who, *args], cwd=folder, capture_output=True, text=True, check=False, env={**os.environ, **(env or {})}
    )
    assert done.returncode == code, done.stderr
    return done.stdout.strip()


def bytes_of(folder: Path) -> dict[str, tuple[bytes, int]]:
    return {str(path): (path.read_bytes(), path.stat().st_mtime_ns) for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def top(make_repository: Callable[[Mapping[str, str]], Path]) -> Path:
    return make_repository(FILES)


@pytest.fixture
def mirror(tmp_path: Path) -> Mirror:
    return Mirror.at(tmp_path / "mirror.git")


@pytest.fixture
def look(mirror: Mirror) -> Callable[..., dict[str, bytes]]:
    """The files of what is staged, after a check that the looking left no trace."""

    def look(top: Path, environ: Mapping[str, str] | None = None, *, how: str = "staged") -> dict[str, bytes]:
        repository = Repository.at(top)
        before = bytes_of(repository.common_dir.parent)
        base = repository.commit()
        mirror.take(repository, base)
        index = index_of(repository, environ or {})
        found = staged(repository, mirror, base, index) if how == "staged" else working(repository, mirror, base, index)
        assert bytes_of(repository.common_dir.parent) == before
        assert mirror.git.text("fsck", "--full", "--no-dangling") == ""
        return mirror.read_all(found.tree)

    return look


Look = Callable[..., dict[str, bytes]]


def test_only_what_is_staged_of_a_file_counts(top: Path, look: Look) -> None:
    (top / "a.py").write_text("ONE\ntwo\nthree\n")
    git(top, "add", "a.py")
    (top / "a.py").write_text("ONE\ntwo\nTHREE\n")
    (top / "b.py").write_text("not staged\n")

    assert look(top)["a.py"] == b"ONE\ntwo\nthree\n"
    assert look(top)["b.py"] == b"x\n"


def test_new_deleted_and_renamed_files_are_as_the_commit_would_have_them(top: Path, look: Look) -> None:
    (top / "new é.py").write_text("new\n")
    (top / "untracked.py").write_text("nobody added it\n")
    git(top, "add", "new é.py")
    git(top, "rm", "-q", "gone.py")
    git(top, "mv", "b.py", "c.py")

    found = look(top)

    assert found == {"a.py": b"one\ntwo\nthree\n", "c.py": b"x\n", "new é.py": b"new\n", ".gitignore": b"*.log\n"}


def test_what_is_only_intended_to_be_added_is_not_there(top: Path, look: Look) -> None:
    (top / "later.py").write_text("later\n")
    git(top, "add", "--intent-to-add", "later.py")

    assert "later.py" not in look(top)


def test_links_and_modes_are_kept(top: Path, mirror: Mirror) -> None:
    (top / "link").symlink_to("a.py")
    (top / "b.py").chmod(0o755)
    git(top, "add", "-A")
    repository = Repository.at(top)
    base = repository.commit()
    mirror.take(repository, base)

    modes = {
        path: entry.mode for path, entry in mirror.files(staged(repository, mirror, base, index_of(repository, {})).tree).items()
    }

    assert (modes["link"], modes["b.py"]) == ("120000", "100755")


def test_a_split_index_and_one_of_the_fourth_version_are_read(top: Path, look: Look) -> None:
    (top / "a.py").write_text("changed\n")
    git(top, "update-index", "--split-index")
    git(top, "add", "a.py")
    assert look(top)["a.py"] == b"changed\n"
    git(top, "update-index", "--no-split-index", "--index-version", "4")
    assert look(top)["a.py"] == b"changed\n"


def test_a_linked_worktree_has_an_index_of_its_own(top: Path, tmp_path: Path, look: Look) -> None:
    git(top, "worktree", "add", "-q", str(tmp_path / "linked"))
    (tmp_path / "linked" / "a.py").write_text("linked\n")
    git(tmp_path / "linked", "add", "a.py")

    assert look(tmp_path / "linked")["a.py"] == b"linked\n"
    assert look(top)["a.py"] == b"one\ntwo\nthree\n"


def test_a_hook_is_told_of_the_index_of_its_commit(top: Path, look: Look) -> None:
    (top / "a.py").write_text("only this\n")
    (top / "b.py").write_text("staged as well\n")
    git(top, "add", "b.py")
    other = {"GIT_INDEX_FILE": ".git/other-index"}
    git(top, "read-tree", "HEAD", env=other)
    git(top, "add", "a.py", env=other)

    found = look(top, other)

    assert (found["a.py"], found["b.py"]) == (b"only this\n", b"x\n")


def test_a_submodule_moves_without_its_files(top: Path, mirror: Mirror, tmp_path: Path) -> None:
    inner = tmp_path / "inner"
    inner.mkdir()
    git(inner, "init", "-q")
    git(inner, "commit", "-q", "--allow-empty", "-m", "inner")
    git(top, "submodule", "add", "-q", str(inner), "lib")
    repository = Repository.at(top)
    base = repository.commit()
    mirror.take(repository, base)

    found = staged(repository, mirror, base, index_of(repository, {}))

    assert mirror.files(found.tree)["lib"].mode == "160000"
    assert found.remarks[0].startswith("lib: a submodule")


def test_an_unfinished_merge_is_a_clear_answer(top: Path, mirror: Mirror) -> None:
    git(top, "checkout", "-q", "-b", "theirs")
    (top / "a.py").write_text("theirs\n")
    git(top, "commit", "-qam", "theirs")
    git(top, "checkout", "-q", "main")
    (top / "a.py").write_text("ours\n")
    git(top, "commit", "-qam", "ours")
    git(top, "merge", "theirs", code=1)
    repository = Repository.at(top)
    before = bytes_of(top)
    mirror.take(repository, repository.commit())

    with pytest.raises(Unmerged, match=r"a\.py"):
        staged(repository, mirror, repository.commit(), index_of(repository, {}))

    assert bytes_of(top) == before
    assert Unmerged.exit_code == 6


def test_the_files_themselves_are_taken_with_what_is_new_and_without_what_is_ignored(top: Path, look: Look) -> None:
    (top / "a.py").write_text("not staged\n")
    (top / "new.py").write_text("new\n")
    (top / "noise.log").write_text("noise\n")
    (top / "gone.py").unlink()

    found = look(top, how="working")

    assert found == {"a.py": b"not staged\n", "b.py": b"x\n", "new.py": b"new\n", ".gitignore": b"*.log\n"}


def test_a_file_that_changes_in_the_second_of_its_adding_is_seen(top: Path, look: Look) -> None:
    """Git tells such an edit only by the time of the index, which a copy has to keep."""
    stamp = time.time_ns()
    (top / "b.py").write_text("1\n")
    git(top, "add", "b.py")
    (top / "b.py").write_text("2\n")
    for path in (top / "b.py", top / ".git/index"):
        os.utime(path, ns=(stamp, stamp))

    assert look(top, how="working")["b.py"] == b"2\n"


def test_a_bare_repository_has_nothing_staged(top: Path, tmp_path: Path) -> None:
    git(tmp_path, "clone", "-q", "--bare", str(top), "bare.git")
    with pytest.raises(NoCheckout):
        index_of(Repository.at(tmp_path / "bare.git"), {})


def test_a_glimpse_changes_with_what_is_staged_and_with_nothing_else(top: Path) -> None:
    def state() -> str:
        seen = glimpse(top, {})
        assert seen is not None
        assert (seen.top, seen.identity) == (top.resolve(), Repository.at(top).identity)
        return seen.state

    first = state()
    os.utime(top / "a.py")
    git(top, "update-index", "--really-refresh")
    assert state() == first
    (top / "a.py").write_text("more\n")
    assert state() == first
    git(top, "add", "a.py")
    second = state()
    assert second != first
    (top / "empty.py").write_text("")
    git(top, "add", "-N", "empty.py")
    third = state()
    assert third != second
    git(top, "add", "empty.py")
    assert state() not in (second, third)
    git(top, "reset", "-q")
    assert state() == first
    git(top, "commit", "-q", "--allow-empty", "-m", "another commit")
    fourth = state()
    assert fourth != first
    git(top, "pack-refs", "--all")
    assert state() == fourth
    git(top, "update-index", "--index-version", "4")
    assert state() != fourth
