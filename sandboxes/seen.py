"""What a fresh worktree looked like, so that bringing it in need not read again what nobody has touched.

Nobody inside a sandbox can turn back the time of a file's last change of state; only whole folders can be moved with
their files unnoticed, so those are known by their inode numbers. After a step of the clock or a restart everything is read.
Where the worktree lies over a checkout of others, what was written is a layer of its own, and the rest need not be looked at.
"""

import json
import os
import tempfile
import time
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path

from sandboxes.git import decoded, encoded
from sandboxes.mounted import UPPER, layers_of
from sandboxes.values import Value

TICK = 0.05  # seconds within which the clock by which files are dated has moved; coarse ones may take longer
STEP = 10_000_000  # nanoseconds by which two readings of two clocks may be apart


class Seen(Value):
    """A look at a worktree: when it was, of which tree, and which folder was where."""

    tree: str
    since: int
    clock: int
    folders: Mapping[bytes, int]
    upper: bytes | None = None
    """Where all that was written lies, if it lies over a checkout of others."""

    @classmethod
    def look(cls, worktree: Path, tree: str, folders: Iterable[bytes]) -> "Seen":
        """Look at a worktree that is complete, and that nobody else has had in hand."""
        top = os.fsencode(worktree)
        inodes = {folder: os.lstat(top + b"/" + folder).st_ino for folder in folders if os.path.lexists(top + b"/" + folder)}
        with tempfile.NamedTemporaryFile(dir=worktree.parent, prefix=".now-") as now:
            return cls(tree, _later(now.fileno()), _clock(), inodes)

    def keep(self, worktree: Path) -> None:
        """Write it down beside the worktree, where no sandbox reaches."""
        folders = {decoded(path): inode for path, inode in self.folders.items()}
        _place(worktree).write_text(json.dumps([self.tree, self.since, self.clock, folders]))

    @classmethod
    def of(cls, worktree: Path, tree: str) -> "Seen":
        """Read what was written down; of another tree, after a step of the clock, or where nothing is: nothing was seen."""
        try:
            of_tree, since, clock, folders = json.loads(_place(worktree).read_text())
        except (FileNotFoundError, ValueError):
            return NOTHING
        if of_tree != tree or _clock() < clock - STEP:
            return NOTHING
        upper = layers_of(worktree) / UPPER
        inodes = {encoded(path): inode for path, inode in folders.items()}
        return cls(of_tree, since, clock, inodes, os.fsencode(upper) if upper.is_dir() else None)

    def same_folder(self, path: bytes, inode: int) -> bool:
        """Whether this folder was at this path already."""
        return self.folders.get(path) == inode

    def written(self, folder: bytes) -> Collection[bytes] | None:
        """Name all in such a folder that was written, or in which something was; None: only a look at each file tells."""
        if self.upper is None:
            return None
        try:
            with os.scandir(self.upper + b"/" + folder) as listed:
                return {item.name for item in listed}
        except FileNotFoundError:
            return ()

    def untouched(self, info: os.stat_result) -> bool:
        """Whether a file in such a folder has not changed, nor come from elsewhere."""
        return info.st_ctime_ns < self.since


NOTHING = Seen("", 0, 0, {})


def forget(worktree: Path) -> None:
    """Take away what was written down of a worktree."""
    _place(worktree).unlink(missing_ok=True)


def _place(worktree: Path) -> Path:
    return worktree.with_name(f".{worktree.name}.seen")


def _later(file: int) -> int:
    """Give a moment, by the clock that dates files, after all that was written so far and before all that will be.

    That clock stands still for some milliseconds at a time. Without waiting for it to move, whatever was written last would
    have the same date as a change that follows, and a gibibyte would be read again because nobody can tell.
    """
    written, deadline = os.fstat(file).st_ctime_ns, time.monotonic() + TICK
    while True:
        os.utime(file)
        now = os.fstat(file).st_ctime_ns
        if now > written or time.monotonic() > deadline:
            return now
        time.sleep(0.001)


def _clock() -> int:
    """How far the clock that can be set is ahead of the one that cannot: it falls when somebody turns the former back."""
    return time.time_ns() - time.monotonic_ns()
