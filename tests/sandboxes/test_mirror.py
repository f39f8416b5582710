"""Trees: into the mirror, out as files, and back in, byte for byte."""
# ruff: noqa: PTH101, PTH103, PTH115, PTH118, PTH120, PTH123
# Names that are no text need paths of bytes, and `pathlib` has none.

import json
import os
import socket
import stat
import subprocess
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from sandboxes.git import GitTrouble
from sandboxes.importer import Caps, TooMuch
from sandboxes.listing import Change
from sandboxes.mirror import Mirror
from sandboxes.repository import Repository
from sandboxes.revision import NoSuchPlace

ODD_NAMES = [
    b"plain", b"with space", b"-dash", b"--", b"quote'\"s", b"new\nline", b"tab\there", b"not-utf8-\xff\xfe", "umläut".encode(),
    b"$(touch x)", b"*", b"?", b":(exclude)x", b"a:b", b"~", b"#", b"%s", b"sub/deep/\xe2\x98\x83", b".gitignore", b".hidden",
    b"Case", b"case", b"HEAD", b"config", b"refs/heads/x",
]  # fmt: skip


def files(folder: Path) -> dict[bytes, tuple[str, bytes]]:
    """Read a folder as a tree would hold it."""
    found = {}
    top = os.fsencode(folder)
    for place, folders, names in os.walk(top):
        for name in (*folders, *names):
            path = os.path.join(place, name)
            info = os.lstat(path)
            if stat.S_ISLNK(info.st_mode):
                found[os.path.relpath(path, top)] = ("link", os.readlink(path))
            elif stat.S_ISREG(info.st_mode):
                with open(path, "rb") as file:
                    found[os.path.relpath(path, top)] = ("program" if info.st_mode & 0o100 else "file", file.read())
    return found


def names(mirror: Mirror, old: str, new: str) -> dict[str, str]:
    return {change.path: change.status for change in mirror.changes(old, new)}


@pytest.fixture
def odd(checkout):
    for number, name in enumerate(ODD_NAMES):
        path = os.path.join(os.fsencode(checkout.folder), name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(b"\r\n".join([b"%d" % number, b"$Id$", bytes(range(256))]))
        os.chmod(path, 0o755 if number % 3 == 0 else 0o644)
    for name, target in {"link": "plain", "up/link": "../plain", "dangling": "nowhere", "folder": "sub/deep"}.items():
        (checkout.folder / name).parent.mkdir(exist_ok=True)
        (checkout.folder / name).symlink_to(target)
    checkout.write("empty")
    checkout.write(".gitattributes", "* text eol=crlf ident working-tree-encoding=UTF-16\n*.x filter=lfs\n")
    checkout.git("-c", "core.attributesFile=/dev/null", "config", "core.bigFileThreshold", "512m")
    checkout.write(".git/info/attributes", "* -text -ident !working-tree-encoding -filter\n")
    checkout.git("add", "-A", "-f")
    checkout.commit()
    return checkout


def test_a_tree_goes_out_and_comes_back_byte_for_byte(odd, mirror: Mirror, tmp_path: Path):
    tree = mirror.take(odd.repository, odd.repository.commit())
    assert tree == odd.git("rev-parse", "HEAD^{tree}")
    with mirror.worktree(tree, tmp_path / "w") as worktree:
        expected = {path: file for path, file in files(odd.folder).items() if not path.startswith(b".git/")}
        assert files(worktree) == expected
        assert mirror.bring_in(worktree, tree) == tree
        assert mirror.bring_in(worktree, mirror.git.text("mktree")) == tree  # also when every file counts as new
    assert not (tmp_path / "w").exists()


def test_paths_and_contents_of_odd_names_can_be_read_and_put(odd, mirror: Mirror):
    tree = mirror.take(odd.repository, odd.repository.commit())
    for name in ODD_NAMES:
        path = name.decode("utf-8", "surrogateescape")
        assert path in mirror.paths(tree)
        assert mirror.read(tree, path).endswith(bytes(range(256)))
        changed = mirror.put(tree, {path: b"new"})
        assert names(mirror, tree, changed) == {path: "M"}
        assert mirror.with_paths(changed, tree, [path]) == tree


def test_the_mirror_holds_what_the_base_reaches_and_nothing_else(checkout, mirror: Mirror):
    base = checkout.git("rev-parse", "HEAD")
    checkout.git("tag", "v1")
    checkout.write("future", "the fix")
    future = checkout.commit("the future")
    checkout.git("tag", "v2")
    mirror.take(checkout.repository, base)
    assert mirror.git.text("for-each-ref", "--format=%(refname)") == f"refs/swarm/base/{base}"
    held = mirror.git.text("cat-file", "--batch-all-objects", "--batch-check=%(objectname)")
    assert base in held
    assert future not in held


def test_taking_twice_and_from_many_threads_is_taking_once(checkout, tmp_path: Path):
    base = checkout.git("rev-parse", "HEAD")

    def take(_: int) -> str:
        return Mirror.at(tmp_path / "state" / "m.git").take(Repository.at(checkout.folder), base)

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(take, range(16))) == {checkout.git("rev-parse", "HEAD^{tree}")}


def test_a_commit_no_branch_names_can_be_taken(checkout, mirror: Mirror):
    checkout.write("x", "1")
    lost = checkout.commit()
    checkout.git("reset", "-q", "--hard", "HEAD~1")
    assert mirror.take(checkout.repository, lost) == checkout.git("rev-parse", f"{lost}^{{tree}}")


def test_a_shallow_clone_can_be_taken_and_given_a_branch(checkout, mirror: Mirror, tmp_path: Path):
    for number in range(5):
        checkout.write("n", str(number))
        checkout.commit()
    subprocess.run(["git", "clone", "-q", "--depth=2", f"file://{checkout.folder}", tmp_path / "shallow"], check=True)
    shallow = Repository.at(tmp_path / "shallow")
    base = shallow.commit()
    tree = mirror.take(shallow, base)
    assert mirror.take(shallow, base) == tree
    assert len(mirror.git.text("log", "--oneline", base).splitlines()) == 2
    fixed = mirror.commit(mirror.put(tree, {"n": b"fixed"}), [base], "fix\n")
    shallow.create_branch(mirror.folder, "swarm/fix", fixed)
    subprocess.run(["git", "-C", shallow.top, "fsck", "--full"], check=True, capture_output=True)


def test_a_partial_clone_is_taken_without_its_past_and_without_asking_anybody(checkout, mirror: Mirror, tmp_path: Path):
    for number in range(3):
        checkout.write("n", str(number))
        checkout.commit()
    checkout.git("config", "uploadpack.allowFilter", "true")
    clone = tmp_path / "partial"
    subprocess.run(["git", "clone", "-q", "--filter=blob:none", f"file://{checkout.folder}", clone], check=True)
    checkout.folder.rename(tmp_path / "gone")
    partial = Repository.at(clone)
    base = partial.commit()
    tree = mirror.take(partial, base)
    assert mirror.read(tree, "n") == b"2"
    fixed = mirror.commit(mirror.put(tree, {"n": b"fixed"}), [base], "fix\n")
    partial.create_branch(mirror.folder, "swarm/fix", fixed)
    log = subprocess.run(["git", "log", "--format=%s", "swarm/fix"], cwd=clone, capture_output=True, check=True)
    assert log.stdout.split() == b"fix a change a change a change the shop".split()


def test_a_partial_clone_without_the_files_of_its_base_is_said_clearly(checkout, mirror: Mirror, tmp_path: Path):
    checkout.git("config", "uploadpack.allowFilter", "true")
    clone = tmp_path / "partial"
    subprocess.run(["git", "clone", "-q", "--no-checkout", "--filter=blob:none", f"file://{checkout.folder}", clone], check=True)
    with pytest.raises(GitTrouble, match="git fetch"):
        mirror.take(Repository.at(clone), checkout.repository.commit())


def test_a_repository_with_longer_hashes_works_as_well(tmp_path: Path):
    subprocess.run(["git", "init", "-q", "--object-format=sha256", tmp_path / "long"], check=True)
    (tmp_path / "long" / "a").write_text("a\n")
    commit = ["git", "-c", "user.name=A", "-c", "user.email=a@b", "commit", "-qam", "x"]
    subprocess.run(["git", "add", "-A"], cwd=tmp_path / "long", check=True)
    subprocess.run(commit, cwd=tmp_path / "long", check=True)
    repository = Repository.at(tmp_path / "long")
    mirror = Mirror.at(tmp_path / "m.git", repository.object_format)
    tree = mirror.take(repository, repository.commit())
    with mirror.worktree(tree, tmp_path / "w") as worktree:
        assert mirror.bring_in(worktree, tree) == tree
        (worktree / "a").write_text("b\n")
        assert names(mirror, tree, mirror.bring_in(worktree, tree)) == {"a": "M"}


def test_worktrees_are_made_and_removed_in_parallel(checkout, mirror: Mirror, tmp_path: Path):
    tree = mirror.take(checkout.repository, checkout.repository.commit())

    def one(number: int) -> str:
        with mirror.worktree(tree, tmp_path / f"w{number}") as worktree:
            (worktree / "mine").write_text(str(number))
            return mirror.read(mirror.bring_in(worktree, tree), "mine").decode()

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(one, range(24))) == [str(number) for number in range(24)]
    assert not list(tmp_path.glob("w*"))


def test_a_worktree_goes_even_when_its_use_fails(checkout, mirror: Mirror, tmp_path: Path):
    tree = mirror.take(checkout.repository, checkout.repository.commit())
    with pytest.raises(KeyError), mirror.worktree(tree, tmp_path / "w"):
        raise KeyError
    assert not (tmp_path / "w").exists()


def test_a_folder_that_is_there_already_is_never_taken_for_a_worktree(checkout, mirror: Mirror, tmp_path: Path):
    tree = mirror.take(checkout.repository, checkout.repository.commit())
    (tmp_path / "precious").mkdir()
    (tmp_path / "precious" / "file").write_text("mine")
    with pytest.raises(FileExistsError), mirror.worktree(tree, tmp_path / "precious"):
        pass
    assert (tmp_path / "precious" / "file").read_text() == "mine"


# --- the importer


@pytest.fixture
def tree(checkout, mirror: Mirror) -> str:
    checkout.write("lib/__pycache__/kept.pyc", b"\0\1")
    checkout.write("old.sh", "#!/bin/sh\n").chmod(0o755)
    (checkout.folder / "out").symlink_to("/etc/hostname")
    checkout.git("add", "-A", "-f")
    return mirror.take(checkout.repository, checkout.commit())


@pytest.fixture
def worktree(mirror: Mirror, tree: str, tmp_path: Path):
    with mirror.worktree(tree, tmp_path / "w") as folder:
        yield folder


def test_what_an_agent_changed_comes_in(mirror: Mirror, tree: str, worktree: Path):
    (worktree / "README").write_text("changed\n")
    (worktree / "old.sh").chmod(0o644)
    (worktree / "shop" / "cart.py").unlink()
    (worktree / "new").mkdir()
    (worktree / "new" / "file").write_bytes(b"\0")
    (worktree / "nothing").mkdir()
    new = mirror.bring_in(worktree, tree)
    assert mirror.changes(tree, new) == (
        Change("README", "M", "100644", "100644"),
        Change("new/file", "A", "000000", "100644"),
        Change("old.sh", "M", "100755", "100644"),
        Change("shop/cart.py", "D", "100644", "000000"),
    )


def test_a_file_may_become_a_folder_and_a_folder_a_file_or_a_link(mirror: Mirror, tree: str, worktree: Path):
    (worktree / "README").unlink()
    (worktree / "README").mkdir()
    (worktree / "README" / "one").write_text("1")
    (worktree / "shop" / "cart.py").unlink()
    (worktree / "shop").rmdir()
    (worktree / "shop").write_text("closed")
    (worktree / "old.sh").unlink()
    (worktree / "old.sh").symlink_to("shop")
    new = mirror.bring_in(worktree, tree)
    assert names(mirror, tree, new) == {"README": "D", "README/one": "A", "shop": "A", "shop/cart.py": "D", "old.sh": "T"}


def test_everything_may_be_deleted(mirror: Mirror, tree: str, tmp_path: Path):
    (tmp_path / "bare").mkdir()
    assert mirror.paths(mirror.bring_in(tmp_path / "bare", tree)) == ()


def test_droppings_of_test_runs_stay_out_unless_they_were_there(mirror: Mirror, tree: str, worktree: Path):
    for name in ("__pycache__/a.pyc", "b.pyc", ".pytest_cache/v/x", "lib/__pycache__/new.pyc", "lib/__pycache__/sub/x.py"):
        (worktree / name).parent.mkdir(parents=True, exist_ok=True)
        (worktree / name).write_text("x")
    assert mirror.bring_in(worktree, tree) == tree


def test_links_come_in_only_when_they_stay_inside(mirror: Mirror, tree: str, worktree: Path):
    good = {"a": "README", "shop/b": "../README", "c": "shop/../README", "shop/d": "cart.py", "e": "shop"}
    bad = {
        "f": "/etc/passwd", "g": "../x", "shop/h": "../../x", "i": "shop/../../x", "j": ".git/config", "k": "./../x", "l": "..",
        "m": "shop/.GIT/x",
    }  # fmt: skip
    good.pop("c")  # it stays inside here, but where `shop` were a link it would not, so it is left out as well
    for name, target in (good | bad | {"c": "shop/../README"}).items():
        (worktree / name).symlink_to(target)
    assert set(names(mirror, tree, mirror.bring_in(worktree, tree))) == set(good)
    assert "out" in mirror.paths(mirror.bring_in(worktree, tree)), "a link of the user's own stays as it was"


def test_a_changed_link_that_leads_out_is_left_out(mirror: Mirror, tree: str, worktree: Path):
    (worktree / "out").unlink()
    (worktree / "out").symlink_to("/etc/passwd")
    assert names(mirror, tree, mirror.bring_in(worktree, tree)) == {"out": "D"}


def test_a_folder_that_is_a_link_is_not_walked(mirror: Mirror, tree: str, worktree: Path, tmp_path: Path):
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "secret").write_text("secret")
    (worktree / "door").symlink_to(tmp_path / "outside")
    assert mirror.bring_in(worktree, tree) == tree


def test_special_files_stay_out_and_nothing_waits_for_them(mirror: Mirror, tree: str, worktree: Path):
    os.mkfifo(worktree / "pipe")
    (worktree / "README").unlink()
    os.mkfifo(worktree / "README")
    with socket.socket(socket.AF_UNIX) as made:
        made.bind(os.path.relpath(worktree / "socket"))
    assert names(mirror, tree, mirror.bring_in(worktree, tree)) == {"README": "D"}


@pytest.mark.parametrize(
    "name", [".git", ".GIT", ".Git", "git~1", ".git ", ".git.", ".git::$INDEX_ALLOCATION", ".g\u200cit", ".gi\u200dt"]
)
def test_no_git_folder_comes_in_under_any_name(mirror: Mirror, tree: str, worktree: Path, name: str):
    for depth in ("", "shop/", "a/b/c/"):
        (worktree / depth / name / "hooks").mkdir(parents=True)
        (worktree / depth / name / "config").write_text("[core]\n\tfsmonitor = touch /tmp/x\n")
    (worktree / "shop" / "x").mkdir()
    (worktree / "shop" / "x" / name).write_text("gitdir: /tmp/evil")
    assert mirror.bring_in(worktree, tree) == tree


@pytest.mark.parametrize("depth", ["", "sub", "a/b/c"])
def test_a_nested_repository_runs_nothing_and_its_files_come_in(
    mirror: Mirror, tree: str, worktree: Path, depth: str, tmp_path: Path
):
    nested, canary = worktree / depth, tmp_path / "canary"
    nested.mkdir(parents=True, exist_ok=True)
    subprocess.run(["git", "init", "-q", nested], check=True)
    for key in ("core.fsmonitor", "filter.x.clean", "filter.x.smudge", "filter.x.process", "diff.x.textconv", "diff.external"):
        subprocess.run(["git", "config", "--file", nested / ".git" / "config", key, f"touch {canary}; cat"], check=True)
    (nested / ".gitattributes").write_text("* filter=x diff=x\n")
    (nested / "file").write_text("content\n")
    new = mirror.bring_in(worktree, tree)
    mirror.diff(tree, new)
    with mirror.worktree(new, tmp_path / "again"):
        pass
    assert not canary.exists()
    inside = f"{depth}/" if depth else ""
    assert names(mirror, tree, new) == {f"{inside}.gitattributes": "A", f"{inside}file": "A"}


def test_a_tree_that_looks_like_a_git_folder_is_only_files(mirror: Mirror, tree: str, worktree: Path, tmp_path: Path):
    subprocess.run(["git", "init", "-q", "--bare", worktree / "bare"], check=True)
    for item in (worktree / "bare").iterdir():
        item.rename(worktree / item.name)
    new = mirror.bring_in(worktree, tree)
    assert {"HEAD", "config"} <= set(mirror.paths(new))
    with mirror.worktree(new, tmp_path / "again") as again:
        assert mirror.bring_in(again, new) == new


@pytest.mark.parametrize(
    ("caps", "what"),
    [
        (Caps(file=1000), "has 5000 bytes"),
        (Caps(changed=4000), "more than 4000 changed bytes"),
        (Caps(entries=5), "more than 5 files"),
        (Caps(depth=3), "more than 3 deep"),
    ],
)
def test_more_than_the_caps_allow_is_refused(mirror: Mirror, tree: str, worktree: Path, caps: Caps, what: str):
    (worktree / "big").write_bytes(b"x" * 5000)
    (worktree / "a/b/c/d").mkdir(parents=True)
    with pytest.raises(TooMuch, match=what) as trouble:
        mirror.bring_in(worktree, tree, caps)
    assert trouble.value.exit_code == 5


def test_a_file_that_only_looks_large_costs_nothing(mirror: Mirror, tree: str, worktree: Path):
    with (worktree / "sparse").open("wb") as file:
        file.truncate(10 * 1024**3)
    with pytest.raises(TooMuch, match="sparse"):
        mirror.bring_in(worktree, tree)


@pytest.fixture
def folders(checkout, mirror: Mirror, tmp_path: Path):
    """A worktree of two folders of equal files, which has just been laid out."""
    for name in ("one/a", "one/b", "two/a", "two/b", "one/deep/c", "two/deep/c"):
        checkout.write(name, f"{name}\n")
    tree = mirror.take(checkout.repository, checkout.commit())
    with mirror.worktree(tree, tmp_path / "w") as folder:
        yield tree, folder


def test_what_nobody_touched_is_not_read(checkout, mirror: Mirror, tmp_path: Path):
    checkout.write("big", os.urandom(4_000_000))
    tree = mirror.take(checkout.repository, checkout.commit())
    with mirror.worktree(tree, tmp_path / "again") as folder:
        seen = tmp_path / ".again.seen"
        old = json.loads(seen.read_text())
        read = [_bytes_read(lambda: mirror.bring_in(folder, tree))]
        seen.write_text(json.dumps([*old[:2], old[2] + 10**9, old[3]]))  # the clock was turned back since
        read.append(_bytes_read(lambda: mirror.bring_in(folder, tree)))
        seen.unlink()
        read.append(_bytes_read(lambda: mirror.bring_in(folder, tree)))
    assert read[0] < 1_000_000
    assert read[1] >= 4_000_000
    assert read[2] >= 4_000_000


def _bytes_read(action: Callable[[], object]) -> int:
    def now() -> int:
        return int(Path("/proc/self/io").read_text().split()[1])

    before = now()
    action()
    return now() - before


def test_a_change_that_hides_behind_size_and_time_is_seen(folders, mirror: Mirror):
    tree, worktree = folders
    info = (worktree / "one" / "a").stat()
    (worktree / "one" / "a").write_text("ONE/A\n")
    os.utime(worktree / "one" / "a", ns=(info.st_atime_ns, info.st_mtime_ns))
    assert names(mirror, tree, mirror.bring_in(worktree, tree)) == {"one/a": "M"}


def test_folders_that_changed_places_are_seen(folders, mirror: Mirror):
    tree, worktree = folders
    (worktree / "one").rename(worktree / "three")
    (worktree / "two").rename(worktree / "one")
    (worktree / "three").rename(worktree / "two")
    changed = names(mirror, tree, mirror.bring_in(worktree, tree))
    assert changed == dict.fromkeys(["one/a", "one/b", "one/deep/c", "two/a", "two/b", "two/deep/c"], "M")


def test_a_folder_moved_to_a_new_place_is_seen(folders, mirror: Mirror):
    tree, worktree = folders
    (worktree / "one" / "deep").rename(worktree / "moved")
    assert names(mirror, tree, mirror.bring_in(worktree, tree)) == {"one/deep/c": "D", "moved/c": "A"}


def test_a_file_moved_or_linked_over_another_is_seen(folders, mirror: Mirror):
    tree, worktree = folders
    (worktree / "one" / "a").rename(worktree / "two" / "a")
    (worktree / "two" / "b").unlink()
    os.link(worktree / "one" / "b", worktree / "two" / "b")
    assert names(mirror, tree, mirror.bring_in(worktree, tree)) == {"one/a": "D", "two/a": "M", "two/b": "M"}


def test_a_mode_changed_alone_is_seen(folders, mirror: Mirror):
    tree, worktree = folders
    (worktree / "one" / "a").chmod(0o755)
    assert names(mirror, tree, mirror.bring_in(worktree, tree)) == {"one/a": "M"}


def test_compared_with_another_tree_everything_is_read(folders, mirror: Mirror):
    tree, worktree = folders
    other = mirror.put(tree, {"one/a": b"other\n"})
    assert mirror.bring_in(worktree, other) == tree


def test_submodules_stay_what_they_are(checkout, mirror: Mirror, tmp_path: Path):
    checkout.git("update-index", "--add", "--cacheinfo", f"160000,{checkout.git('rev-parse', 'HEAD')},vendor/sub")
    checkout.git("commit", "-q", "-m", "submodule")
    tree = mirror.take(checkout.repository, checkout.repository.commit())
    with mirror.worktree(tree, tmp_path / "w") as worktree:
        assert mirror.bring_in(worktree, tree) == tree
        (worktree / "vendor" / "sub").mkdir(parents=True, exist_ok=True)
        (worktree / "vendor" / "sub" / "file").write_text("x")
        assert mirror.bring_in(worktree, tree) == tree


# --- trees made of trees


def test_paths_are_taken_from_another_tree_as_they_are_there(mirror: Mirror, tree: str):
    other = mirror.put(
        tree, {"README": b"other\n", "tests/test_a.py": b"1\n", "tests/b/test_b.py": b"2\n", "shop/new.py": b"3\n"}
    )
    mixed = mirror.with_paths(tree, other, ["README", "tests", "absent"])
    assert names(mirror, tree, mixed) == {"README": "M", "tests/test_a.py": "A", "tests/b/test_b.py": "A"}
    assert mirror.with_paths(other, tree, ["README", "tests/", "shop/new.py"]) == tree
    assert mirror.with_paths(tree, other, []) == tree


def test_a_put_file_keeps_its_mode_and_a_new_one_is_plain(mirror: Mirror, tree: str):
    put = mirror.put(tree, {"old.sh": b"new\n", "fresh": b"x"})
    assert mirror.changes(tree, put) == (
        Change("fresh", "A", "000000", "100644"),
        Change("old.sh", "M", "100755", "100755"),
    )
    assert mirror.put(tree, {}) == tree


def test_a_diff_is_plain_and_applies(mirror: Mirror, tree: str, tmp_path: Path):
    new = mirror.put(tree, {"README": b"a better shop\n", "umläut": b"x\n"})
    new = mirror.with_paths(new, mirror.git.text("mktree"), ["old.sh"])
    diff = mirror.diff(tree, new)
    assert b"-a shop\n+a better shop\n" in diff
    assert "b/umläut".encode() in diff
    assert b"\x1b" not in diff
    with mirror.worktree(tree, tmp_path / "w2") as worktree:
        subprocess.run(
            ["git", "apply"], cwd=worktree, input=diff, check=True, env={**os.environ, "GIT_CEILING_DIRECTORIES": str(tmp_path)}
        )
        assert mirror.bring_in(worktree, tree) == new


def test_a_commit_has_the_parents_author_and_message_it_was_given(checkout, mirror: Mirror, tree: str):
    base = checkout.repository.commit()
    made = mirror.commit(tree, [base], "Fix it\n\nBecause.\n", author="Ann <ann@example.org>")
    assert (
        mirror.git.text("log", "-1", "--format=%P|%an|%ae|%cn|%B", made)
        == f"{base}|Ann|ann@example.org|swarm|Fix it\n\nBecause.\n"
    )
    assert mirror.tree(made) == tree
    mirror.keep("refs/swarm/1/candidate", made)
    assert mirror.git.text("rev-parse", "refs/swarm/1/candidate") == made


def test_what_was_stored_is_whole(mirror: Mirror, tree: str, worktree: Path):
    for number in range(150):
        (worktree / f"file{number}").write_text(str(number))
    mirror.keep("refs/swarm/x", mirror.commit(mirror.bring_in(worktree, tree), [], "x\n"))
    mirror.git.run("fsck", "--full", "--strict")


@pytest.mark.parametrize(
    "path", ["../x", "/etc/x", "a//b", "a/../b", "./a", "", "a/", ".git/config", "sub/.GIT/hooks/x", "git~1/x", "a\0b"]
)
def test_a_path_no_tree_can_hold_is_refused(mirror: Mirror, tree: str, path: str):
    with pytest.raises(NoSuchPlace):
        mirror.put(tree, {path: b"x"})


def test_no_index_or_crash_report_is_left_in_the_mirror(mirror: Mirror, tree: str, worktree: Path):
    (worktree / "README").write_text("changed\n")
    mirror.bring_in(worktree, tree)
    with pytest.raises(GitTrouble):
        mirror.with_paths(tree, "no-such-tree", ["README"])
    left = {item.name for item in mirror.folder.iterdir()}
    assert left <= {"HEAD", "config", "info", "objects", "refs"}


def test_what_is_made_for_now_leaves_nothing_in_the_mirror_and_what_is_taken_stays(mirror, checkout, tmp_path):
    for_now = mirror.for_now(tmp_path / "objects")
    tree = for_now.take(checkout.repository, checkout.repository.commit())
    taken = files(mirror.folder)
    passing = for_now.put(tree, {"new": b"new", "other/new": b"other"})

    assert files(mirror.folder) == taken
    assert mirror.tree(checkout.repository.commit()) == tree
    assert names(for_now, tree, passing) == {"new": "A", "other/new": "A"}
    with for_now.worktree(passing, tmp_path / "worktree") as worktree:
        (worktree / "new").write_bytes(b"newer")
        assert for_now.read(for_now.bring_in(worktree, passing), "new") == b"newer"
    with pytest.raises(GitTrouble):
        mirror.paths(passing)
