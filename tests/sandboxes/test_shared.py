"""Worktrees that lie over a shared checkout are like any other to those inside, and leave nothing behind."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from sandboxes.bubblewrap import Bubblewrap
from sandboxes.command import Command
from sandboxes.mirror import Mirror
from sandboxes.mounted import mounted_below
from sandboxes.removal import remove
from sandboxes.repository import Repository
from sandboxes.shared import KEPT, WORTH
from sandboxes.workplace import own_folder, sweep

MOUNTS = os.geteuid() == 0 and sys.platform == "linux"
"""Where swarm is not root all of this must hold as well, without a mount."""
HOLDS = """
import sys, time
from pathlib import Path
from sandboxes.mirror import Mirror
from sandboxes.workplace import own_folder
mirror, parent, tree = Mirror(Path(sys.argv[1])), Path(sys.argv[2]), sys.argv[3]
with own_folder(parent) as folder, mirror.worktree(tree, folder / "w", shared=True) as worktree:
    (worktree / "README").write_text("changed")
    print(worktree, flush=True)
    time.sleep(600)
"""


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository that is large enough for its checkouts to be shared."""
    folder = tmp_path_factory.mktemp("large")
    subprocess.run(["git", "init", "-q", "-b", "main"], cwd=folder, check=True)
    lines = [b"commit refs/heads/main\ncommitter a <a@b> 0 +0000\ndata 0\nM 120000 inline link\ndata 6\nREADME\n"]
    files = [f"d{number // 100}/e/{number}.py" for number in range(WORTH)]
    lines += [b"M 644 inline %s\ndata 5\nfile\n\n" % name.encode() for name in [*files, "README", "alone/only"]]
    subprocess.run(["git", "fast-import", "--quiet"], input=b"".join(lines), cwd=folder, check=True)
    return folder


@pytest.fixture
def tree(large: Path, mirror: Mirror) -> str:
    repository = Repository.at(large)
    return mirror.take(repository, repository.commit())


Spread = Callable[..., Path]


@pytest.fixture
def spread(mirror: Mirror, tmp_path: Path) -> Iterator[Spread]:
    """Lay trees out, until the end of the test."""
    with ExitStack() as cleanup:
        yield lambda tree, name="w", **more: cleanup.enter_context(mirror.worktree(tree, tmp_path / name, shared=True, **more))
    assert mounted_below(tmp_path) == []
    assert not [place for place in tmp_path.iterdir() if "layers" in place.name]


def inside(worktree: Path, script: str) -> str:
    with Bubblewrap().open(worktree, ()) as sandbox:
        ran = sandbox.run(Command(argv=("sh", "-ec", script), timeout=60))
    assert ran.ok, ran.stderr.text()
    return ran.stdout.text()


def test_a_large_tree_is_mounted_where_that_is_allowed_and_a_small_one_never(spread: Spread, mirror: Mirror, tree: str):
    small = mirror.with_paths(mirror.git.text("mktree"), tree, ["README"])
    mounted = bool(mounted_below(spread(tree)))

    assert not mounted_below(spread(small, "small"))
    assert mounted == MOUNTS


def test_what_is_done_inside_comes_in_and_no_other_worktree_sees_it(spread: Spread, mirror: Mirror, tree: str):
    one, other = spread(tree), spread(tree, "other")
    inside(
        one,
        "echo more >> d0/e/1.py; rm d0/e/2.py; chmod 755 d0/e/3.py; mv d1 moved; rm -r d2; mkdir d2; echo new > d2/new; "
        "ln -sf d3/e/300.py link; mv d4/e/400.py d4/e/401.py; touch -d @0 d5/e/500.py",
    )
    after = mirror.bring_in(one, tree)

    changes = {change.path: change.status for change in mirror.changes(tree, after)}
    assert mirror.bring_in(other, tree) == tree
    assert changes["d0/e/1.py"] == changes["d0/e/3.py"] == changes["link"] == "M"
    assert changes["d0/e/2.py"] == changes["d4/e/400.py"] == changes["d1/e/100.py"] == changes["d2/e/200.py"] == "D"
    assert changes["moved/e/199.py"] == changes["d2/new"] == "A"
    assert len(changes) == 5 + 100 + 100 + 100 + 1
    assert inside(other, "cat d0/e/1.py d2/e/200.py") == "file\nfile\n"


def test_a_change_that_hides_behind_size_and_time_is_seen_and_so_are_folders_that_changed_places(
    spread: Spread, mirror: Mirror, tree: str
):
    worktree = spread(tree)
    inside(worktree, "printf 'FILE\\n' > d0/e/1.py; touch -r d0/e/2.py d0/e/1.py; echo x > d7/e/x; mv d7 t; mv d8 d7; mv t d8")
    after = mirror.bring_in(worktree, tree)

    assert mirror.read(after, "d0/e/1.py") == b"FILE\n"
    assert "d8/e/x" in mirror.paths(after)
    assert "d7/e/800.py" in mirror.paths(after)
    assert "d7/e/700.py" not in mirror.paths(after)


def test_compared_with_another_tree_than_it_began_with_nothing_is_taken_for_untouched(spread: Spread, mirror: Mirror, tree: str):
    other = mirror.put(tree, {"d0/e/1.py": b"other\n", "README": b"other\n"})

    assert mirror.bring_in(spread(tree), other) == tree


def test_what_a_link_or_a_new_name_brought_into_a_folder_is_read(spread: Spread, mirror: Mirror, tree: str):
    worktree = spread(tree)
    inside(worktree, "echo changed > d9/e/900.py; ln d9/e/900.py d3/e/again; mv -f d9/e/900.py d3/e/300.py; rm d3/e/301.py")
    after = mirror.bring_in(worktree, tree)

    assert mirror.read(after, "d3/e/300.py") == mirror.read(after, "d3/e/again") == b"changed\n"
    assert sorted(change.path for change in mirror.changes(tree, after)) == [
        "d3/e/300.py",
        "d3/e/301.py",
        "d3/e/again",
        "d9/e/900.py",
    ]


def test_a_tree_that_is_nearly_the_same_lies_on_the_same_checkout(spread: Spread, mirror: Mirror, tree: str):
    spread(tree)
    near = mirror.put(tree, {"README": b"other\n", "fresh/folder/file": b"x"})
    near = mirror.with_paths(near, mirror.git.text("mktree"), ["alone", "d0/e/1.py"])
    worktree = spread(near, "near")

    assert mirror.bring_in(worktree, near) == near
    assert inside(worktree, "cat README; ls -d alone d0/e/1.py 2>&1 | wc -l; echo y >> fresh/folder/file; cat d0/e/2.py") == (
        "other\n2\nfile\n"
    )
    assert [change.path for change in mirror.changes(near, mirror.bring_in(worktree, near))] == ["fresh/folder/file"]
    assert len(list(mirror.folder.with_name(mirror.folder.name + ".trees").glob("[0-9a-f]*"))) == MOUNTS * 2  # it, and its mark


def test_a_history_lies_over_a_shared_checkout_as_well(spread: Spread, mirror: Mirror, tree: str, large: Path):
    commit = subprocess.run(["git", "rev-parse", "main"], cwd=large, capture_output=True, text=True, check=True).stdout.strip()
    history = mirror.history(commit)
    worktree = spread(tree, history=history)
    change = "echo x >> README; git mv d1 moved; git commit -qam one"
    script = f"git status --porcelain; {change}; git status --porcelain; git log --oneline | wc -l"
    with Bubblewrap().open(worktree, (history.folder,)) as sandbox:
        ran = sandbox.run(Command(argv=("sh", "-ec", script), timeout=60))

    assert (ran.stdout.text(), ran.stderr.text()) == ("2\n", "")


def test_old_checkouts_go_but_never_one_that_a_worktree_lies_on(spread: Spread, mirror: Mirror, tree: str):
    first = spread(tree)
    for number in range(KEPT + 1):
        far = mirror.with_paths(mirror.git.text("mktree"), tree, [f"d{n}" for n in range(10)])
        for part in range(6):
            far = mirror.put(far, {f"d{part}/e/{n}.py": b"%d" % number for n in range(part * 100, part * 100 + 100)})
        far = mirror.put(far, {"one": b"", "two": b""})
        with mirror.worktree(far, first.parent / f"far{number}", shared=True):
            pass

    kept = [place for place in mirror.folder.with_name(mirror.folder.name + ".trees").glob("*") if place.is_dir()]
    assert len(kept) <= KEPT + 1
    assert inside(first, "cat d9/e/*.py | wc -l") == "100\n"


def test_what_a_killed_swarm_had_mounted_is_taken_away_by_the_next(mirror: Mirror, tree: str, tmp_path: Path):
    parent = tmp_path / "worktrees"
    held = subprocess.Popen(
        [sys.executable, "-c", HOLDS, str(mirror.folder), str(parent), tree], stdout=subprocess.PIPE, text=True
    )
    assert held.stdout is not None
    worktree = held.stdout.readline().strip()
    before = bool(mounted_below(Path(worktree)))
    held.kill()
    held.communicate()
    with own_folder(parent):
        left = mounted_below(parent)

    assert before == MOUNTS
    assert left == []
    assert [place.name for place in parent.iterdir()] == [".lock"]
    with mirror.worktree(tree, tmp_path / "again", shared=True) as again:
        assert (again / "README").read_bytes() == b"file\n"


def test_a_checkout_that_was_cut_off_is_never_used(mirror: Mirror, tree: str, spread: Spread):
    torn = mirror.folder.with_name(mirror.folder.name + ".trees") / ".making-x" / "files"
    torn.mkdir(parents=True)
    (torn / "README").write_text("torn")

    assert (spread(tree) / "README").read_text() == "file\n"


def test_names_with_commas_colons_and_line_ends_can_be_mounted(mirror: Mirror, tree: str, tmp_path: Path):
    odd = tmp_path / "a,b:c\\d\ne f"
    with mirror.worktree(tree, odd / "w", shared=True) as worktree:
        assert bool(mounted_below(odd)) == MOUNTS
        assert (worktree / "README").read_text() == "file\n"
    assert mounted_below(odd) == []
    sweep(odd)
    remove(odd)
    shutil.rmtree(mirror.folder)


def test_what_is_made_for_now_lies_over_what_stays_and_nobody_lays_out_anything_over_it(
    mirror: Mirror, tree: str, tmp_path: Path
):
    for_now = mirror.for_now(tmp_path / "objects")
    passing = for_now.put(tree, {f"new/{number}": b"new" for number in range(WORTH)})

    with for_now.worktree(passing, tmp_path / "first", shared=True) as worktree:
        assert (worktree / "new/1").read_bytes() == b"new"
        assert (worktree / "README").read_bytes() == b"file\n"
    remove(tmp_path / "objects")
    with mirror.worktree(tree, tmp_path / "second", shared=True) as worktree:
        assert (worktree / "README").read_bytes() == b"file\n"
