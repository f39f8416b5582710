"""Repositories of every odd kind: `swarm fix` works in them or says clearly why not, and nothing is lost."""

import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sandboxes.bubblewrap import Bubblewrap
from sandboxes.command import Command
from sandboxes.importer import TooMuch
from sandboxes.mirror import Mirror
from sandboxes.repository import Repository

Swarm = Callable[..., Any]
Look = Callable[[Path], dict[str, str]]
POINTER = "version https://git-lfs.github.com/spec/v1\noid sha256:" + "0" * 64 + "\nsize 99\n"


def git(folder: Path, *args: str, stdin: bytes = b"") -> bytes:
    who = ("-c", "user.name=Ada", "-c", "user.email=ada@example.org", "-c", "protocol.file.allow=always")
    done = subprocess.run(["git", *who, *args], cwd=folder, input=stdin, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def fixed(swarm: Swarm, folder: Path) -> list[bytes]:
    """Fix the bug there; give what the branch has changed."""
    said = swarm("fix", "Orders of 50 pay shipping", "-q", cwd=folder)
    assert said.code == 0, said.err
    branch = git(folder, "for-each-ref", "--format=%(refname)", "refs/heads/swarm").decode().split()[0]
    return git(folder, "diff", "--name-only", "-z", f"{branch}^", branch).split(b"\0")[:-1]


def test_an_empty_repository_is_refused_with_what_to_do(tmp_path: Path, swarm: Swarm, fingerprint: Look):
    git(tmp_path, "init", "-q", "empty")
    before = fingerprint(tmp_path / "empty")
    said = swarm("fix", "Orders of 50 pay shipping", cwd=tmp_path / "empty")

    assert said.code == 2, said.err
    assert "no commit" in said.err
    assert fingerprint(tmp_path / "empty") == before


def test_submodules_pointers_and_names_of_every_kind_come_through_unchanged(
    shop: Path, swarm: Swarm, fingerprint: Look, tmp_path: Path
):
    git(tmp_path, "init", "-q", "other")
    git(tmp_path / "other", "commit", "-q", "--allow-empty", "-m", "begin")
    git(shop, "submodule", "--quiet", "add", str(tmp_path / "other"), "vendored")
    (shop / "model.bin").write_text(POINTER)
    (shop / ".gitattributes").write_text("*.bin filter=lfs diff=lfs merge=lfs -text\n*.txt text eol=crlf\n")
    names = [
        b"caf\xe9.txt",
        b"two\nlines.txt",
        b"-dash.txt",
        b" blank .txt",
        b'"quoted"\\.txt',
        b"Case.md",
        b"case.md",
        b"tab\t.txt",
    ]
    for name in names:
        Path(os.fsdecode(os.fsencode(shop) + b"/" + name)).write_bytes(b"as\nit is\n")
    off = ("-c", "filter.lfs.clean=", "-c", "core.autocrlf=false")
    git(shop, *off, "add", "-A")
    git(shop, *off, "commit", "-qm", "odd")
    before = fingerprint(shop)

    assert fixed(swarm, shop) == [b"shop.py"]
    assert fingerprint(shop) == before


def test_a_detached_head_of_a_shallow_clone_works(shop: Path, swarm: Swarm, fingerprint: Look, tmp_path: Path):
    git(shop, "commit", "-q", "--allow-empty", "-m", "more")
    git(tmp_path, "clone", "-q", "--depth=1", f"file://{shop}", "shallow")
    git(tmp_path / "shallow", "checkout", "-q", "--detach")
    before = fingerprint(tmp_path / "shallow")

    assert fixed(swarm, tmp_path / "shallow") == [b"shop.py"]
    assert fingerprint(tmp_path / "shallow") == before


def test_a_linked_worktree_as_the_users_checkout_works(shop: Path, swarm: Swarm, fingerprint: Look, tmp_path: Path):
    git(shop, "worktree", "add", "-q", str(tmp_path / "linked"))
    before = fingerprint(tmp_path / "linked"), fingerprint(shop)

    assert fixed(swarm, tmp_path / "linked") == [b"shop.py"]
    assert (fingerprint(tmp_path / "linked"), fingerprint(shop)) == before


def test_a_bare_repository_works(shop: Path, swarm: Swarm, tmp_path: Path):
    git(tmp_path, "clone", "-q", "--bare", str(shop), "bare.git")

    assert fixed(swarm, tmp_path / "bare.git") == [b"shop.py"]


def imported(folder: Path, files: bytes) -> tuple[Repository, str]:
    git(folder.parent, "init", "-q", folder.name)
    begin = b"commit refs/heads/main\ncommitter a <a@b> 0 +0000\ndata 0\n"
    git(folder, "-c", "core.compression=1", "fast-import", "--quiet", stdin=begin + files)
    repository = Repository.at(folder)
    return repository, repository.commit("refs/heads/main")


@pytest.mark.parametrize("shared", [False, True], ids=["each by itself", "over a shared checkout"])
def test_fifty_thousand_files_go_out_and_come_back(tmp_path: Path, shared: bool):
    lines = [b"M 644 inline d%d/f%d\ndata 2\nx\n" % (number // 500, number) for number in range(50_000)]
    repository, commit = imported(tmp_path / "many", b"".join(lines))
    mirror = Mirror.at(tmp_path / "mirror.git")
    tree = mirror.take(repository, commit)
    with mirror.worktree(tree, tmp_path / "w", shared=shared) as worktree, Bubblewrap().open(worktree, ()) as sandbox:
        ran = sandbox.run(Command(argv=("sh", "-c", "rm d7/f3500; echo y > d8/f4000; find . -type f | wc -l")))
        after = mirror.bring_in(worktree, tree)

    assert ran.stdout.text().strip() == "49999"
    assert {change.path: change.status for change in mirror.changes(tree, after)} == {"d7/f3500": "D", "d8/f4000": "M"}


@pytest.mark.timeout(400)  # of which a slow disk may need most
def test_a_file_of_a_gibibyte_is_laid_out_and_left_alone_and_a_changed_one_is_refused_by_name(tmp_path: Path):
    size = 1 << 30
    repository, commit = imported(tmp_path / "huge", b"M 644 inline small\ndata 2\nx\n")
    blob = tmp_path / "zeros"
    with blob.open("wb") as file:
        file.truncate(size)
    oid = git(tmp_path / "huge", "-c", "core.compression=1", "hash-object", "-w", "--no-filters", str(blob)).strip()
    listed = git(tmp_path / "huge", "ls-tree", commit) + b"100644 blob " + oid + b"\thuge.bin\n"
    whole = git(tmp_path / "huge", "mktree", stdin=listed).strip().decode()
    mirror = Mirror.at(tmp_path / "mirror.git")
    tree = mirror.take(repository, git(tmp_path / "huge", "commit-tree", "-m", "huge", whole).strip().decode())
    with mirror.worktree(tree, tmp_path / "w") as worktree:
        assert (worktree / "huge.bin").stat().st_size == size
        (worktree / "small").write_text("changed")
        assert [change.path for change in mirror.changes(tree, mirror.bring_in(worktree, tree))] == ["small"]
        with (worktree / "huge.bin").open("r+b") as file:
            file.write(b"!")
        with pytest.raises(TooMuch, match=r"huge\.bin.* has 1073741824 bytes"):
            mirror.bring_in(worktree, tree)
