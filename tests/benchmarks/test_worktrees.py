"""What worktrees and the way back out of them cost beside the bare tools, in the same run.

The figures are printed, not asserted: a shared machine would make them fail at random.
"""

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest

from sandboxes.mirror import Mirror
from sandboxes.repository import Repository

FILES = 20_000
AGENTS = 8
NOBODY = 65534
DISK = 12 * 2**30  # bytes, of which few are ever written

pytestmark = [pytest.mark.benchmark, pytest.mark.timeout(900)]


@pytest.fixture(scope="module")
def place() -> Iterator[Path]:
    """A folder that any user may reach, or bare bubblewrap could not start as another than root."""
    with tempfile.TemporaryDirectory(dir="/tmp", prefix="bench-") as name, fresh_disk(Path(name)) as place:
        for folder in (Path(name), place):
            folder.chmod(0o755)
        yield place


@contextmanager
def fresh_disk(folder: Path) -> Iterator[Path]:
    """A new file system with a journal, as people have them, for root on Linux; elsewhere the folder itself.

    One without a journal takes ever longer to make files while others were removed a minute ago: whoever is measured after
    somebody else has cleaned up would look twenty times slower.
    """
    if sys.platform != "linux" or os.geteuid() != 0 or shutil.which("mkfs.ext4") is None:
        yield folder
        return
    image, place = folder / "disk.img", folder / "disk"
    place.mkdir()
    with image.open("wb") as file:
        file.truncate(DISK)
    subprocess.run(["mkfs.ext4", "-q", "-F", "-E", "lazy_itable_init=0,lazy_journal_init=0", str(image)], check=True)
    subprocess.run(["mount", "-o", "loop", str(image), str(place)], check=True)
    try:
        yield place
    finally:
        subprocess.run(["umount", str(place)], check=True)


@pytest.fixture(scope="module")
def repository(place: Path) -> Path:
    return made(place / "repository")


def made(folder: Path) -> Path:
    """A repository of so many files."""
    folder.mkdir()
    subprocess.run(["git", "init", "-q", "-b", "main"], cwd=folder, check=True)
    parts = [b"commit refs/heads/main\ncommitter a <a@b> 0 +0000\ndata 0\n"]
    for number in range(FILES):
        text = b"".join(b"line %d of file %d\n" % (line, number) for line in range(60))
        parts.append(b"M 644 inline p%d/s%d/f%d.py\ndata %d\n%s\n" % (number // 1000, number // 50, number, len(text), text))
    subprocess.run(["git", "fast-import", "--quiet"], input=b"".join(parts), cwd=folder, check=True)
    subprocess.run(["git", "checkout", "-q", "main"], cwd=folder, check=True)
    return folder


def as_ordinary_user(folder: Path, work: Callable[[], object]) -> Any:
    """What some work gives in a process of its own without any rights of root, to which the folder belongs."""
    import git  # noqa: F401, PLC0415  # while one may still read where it is installed

    folder.mkdir()
    if os.geteuid() != 0:
        return work()
    os.chown(folder, NOBODY, NOBODY)
    reading, writing = os.pipe()
    if (child := os.fork()) == 0:
        status = 1
        try:
            os.setgroups([])
            os.setresgid(NOBODY, NOBODY, NOBODY)
            os.setresuid(NOBODY, NOBODY, NOBODY)
            os.environ.update(dict.fromkeys(("HOME", "TMPDIR", "XDG_CONFIG_HOME"), str(folder)))
            tempfile.tempdir = None
            os.write(writing, json.dumps(work()).encode())
            status = 0
        except BaseException:  # noqa: BLE001 - the child ends here, whatever came
            traceback.print_exc()
        finally:
            os._exit(status)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        said = pipe.read()
    assert os.waitpid(child, 0)[1] == 0
    return json.loads(said)


@pytest.fixture
def mirror(place: Path, repository: Path) -> Iterator[tuple[Mirror, str]]:
    state = place / "state"
    made, user = Mirror.at(state / "mirror.git"), Repository.at(repository)
    yield made, made.take(user, user.commit())
    shutil.rmtree(state)


def at_once(work: Callable[[int], object]) -> float:
    began = time.perf_counter()
    with ThreadPoolExecutor(AGENTS) as pool:
        list(pool.map(work, range(AGENTS)))
    return time.perf_counter() - began


def disk(*folders: Path) -> int:
    """Bytes on the disk, of what is mounted only what is written there."""
    there = [str(folder) for folder in folders if folder.exists()]
    if not there:
        return 0
    words = ["du", "-s", "-x", "--block-size=1", "-c", *there]
    return int(subprocess.run(words, capture_output=True, text=True, check=True).stdout.splitlines()[-1].split()[0])


def with_git(repository: Path, place: Path) -> tuple[float, int]:
    """Eight linked worktrees, as people make them."""
    folders = [place / f"linked{number}" for number in range(AGENTS)]
    add = ("git", "worktree", "add", "-q", "--detach")

    def until_it_works(number: int) -> None:  # several at once make each other fail now and then
        for _ in range(20):
            if subprocess.run([*add, str(folders[number])], cwd=repository, check=False).returncode == 0:
                return
            shutil.rmtree(folders[number], ignore_errors=True)
        raise RuntimeError("git makes no worktree")

    spent = at_once(until_it_works)
    used = disk(*folders, repository / ".git" / "worktrees")
    for folder in folders:
        shutil.rmtree(folder)
    subprocess.run(["git", "worktree", "prune"], cwd=repository, check=True)
    return spent, used


def with_swarm(mirror: Mirror, tree: str, place: Path, *, shared: bool) -> tuple[float, int]:
    """Eight worktrees of the mirror."""
    folders = [place / "state" / f"own{number}" for number in range(AGENTS)]
    layers = [folder.with_name(f".{folder.name}.layers") for folder in folders]
    beneath = mirror.folder.with_name("mirror.git.trees")
    before = disk(beneath)
    with ExitStack() as stack:
        spent = at_once(lambda number: stack.enter_context(mirror.worktree(tree, folders[number], shared=shared)))
        alone = [folder for folder, layer in zip(folders, layers, strict=True) if not layer.exists()]
        used = disk(beneath, *layers, *alone) - before
    return spent, used


def test_eight_worktrees_beside_gits_own(repository: Path, mirror: tuple[Mirror, str], place: Path) -> None:
    own, tree = mirror
    time_git, disk_git = with_git(repository, place)
    first, disk_first = with_swarm(own, tree, place, shared=True)
    again, disk_again = with_swarm(own, tree, place, shared=True)
    time_git = min(time_git, with_git(repository, place)[0])

    print(f"\neight worktrees of {FILES} files: git {time_git:.2f} s, {disk_git / 2**20:.0f} MiB")
    for what, spent, used in (
        ("with the checkout beneath them", first, disk_first),
        ("over the one of the base tests, as in a run", again, disk_again),
    ):
        print(f"  {what}: {spent:.2f} s = {spent / time_git:.2f} of git's time, {used / disk_git:.3f} of its disk")


def test_eight_worktrees_each_by_itself_beside_gits_own(place: Path) -> None:
    """Where rights allow no shared layer, that is for an ordinary user."""
    folder = place / "ordinary"

    def measured() -> tuple[tuple[float, int], tuple[float, int]]:
        repository, own = made(folder / "repository"), Mirror.at(folder / "state" / "mirror.git")
        user = Repository.at(repository)
        tree = own.take(user, user.commit())
        return with_git(repository, folder), with_swarm(own, tree, folder, shared=False)

    (git, disk_git), (swarm, disk) = as_ordinary_user(folder, measured)
    print(f"\neight worktrees of {FILES} files, each by itself: git {git:.2f} s, {disk_git / 2**20:.0f} MiB;")
    print(f"  swarm {swarm:.2f} s = {swarm / git:.2f} of git's time, {disk / disk_git:.3f} of its disk")


def test_bringing_a_worktree_in_beside_git_add(repository: Path, mirror: tuple[Mirror, str], place: Path) -> None:
    """Each beside git on the same kind of worktree, in which nothing is known to git either."""
    own, tree = mirror
    spent: dict[str, list[tuple[float, float]]] = {"plain": [], "shared": []}
    for number in range(6):
        what, shared = (("plain", False), ("shared", True))[number % 2]
        with (
            own.worktree(tree, place / "state" / "a", shared=shared) as ours,
            own.worktree(tree, place / "state" / "b", shared=shared) as gits,
        ):
            for worktree in (ours, gits):
                for at in range(10):
                    with (worktree / f"p{at}/s{at * 20}/f{at * 1000}.py").open("a") as file:
                        file.write("changed\n")
            began = time.perf_counter()
            after = own.bring_in(ours, tree)
            between = time.perf_counter()
            with_git_add(repository, gits, place / "index")
            spent[what].append((between - began, time.perf_counter() - between))
            assert len(own.changes(tree, after)) == 10
    for what, pairs in spent.items():
        here, there = (statistics.median(side) for side in zip(*pairs, strict=True))
        print(
            f"\nimporter, 10 of {FILES} files changed, {what}: {here:.2f} s, git add -A {there:.2f} s, {here / there:.2f} of it"
        )


def with_git_add(repository: Path, worktree: Path, index: Path) -> None:
    """Add all of a worktree with an empty index; the objects of the repository are there already."""
    where = {"GIT_DIR": str(repository / ".git"), "GIT_WORK_TREE": str(worktree), "GIT_INDEX_FILE": str(index)}
    subprocess.run(["git", "add", "-A"], cwd=worktree, check=True, env={**os.environ, **where})
    index.unlink()
