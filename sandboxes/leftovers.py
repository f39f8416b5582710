"""What a killed swarm could not clear away: found by the number of its process in the name, and cleared by whoever comes next."""

import os
import re
import secrets
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from sandboxes.removal import remove

NAME = re.compile(r"swarm-(\d+)-(\d+)-[0-9a-z_]+")


def label(pid: int | None = None) -> str:
    """Make the beginning of a name that tells whose something is: which process, and among whose processes."""
    return f"swarm-{_world()}-{pid or os.getpid()}-"


@contextmanager
def scratch(base: Path) -> Iterator[Path]:
    """Lend a folder for temporary things; it goes in the end, whatever is in it, or when the next swarm finds it."""
    sweep(base, _take_away)
    folder = Path(tempfile.mkdtemp(prefix=label(), dir=base))
    try:
        yield folder
    finally:
        remove(folder)


def new_name() -> str:
    """Make a whole name, never used before."""
    return label() + secrets.token_hex(8)


def sweep(folder: Path, clear: Callable[[Path], None]) -> None:
    """Clear away what the dead left in this folder; what is of the living, or of another user, stays."""
    for item in folder.glob("swarm-*"):
        owner = NAME.fullmatch(item.name)
        if owner and int(owner[1]) == _world() and not _lives(int(owner[2])) and _is_mine(item):
            clear(item)


def _take_away(item: Path) -> None:
    """Of several that sweep at the same time, the one that can give it a name of its own removes it."""
    try:
        mine = item.rename(item.with_name(new_name()))
    except FileNotFoundError:
        return
    remove(mine)


def _is_mine(item: Path) -> bool:
    try:
        return item.lstat().st_uid == os.geteuid()
    except FileNotFoundError:
        return False


def _world() -> int:
    """Tell containers that share a folder, but count their processes each for itself, from one another."""
    namespace = Path("/proc/self/ns/pid")
    return namespace.stat().st_ino if namespace.exists() else 0


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):  # another user's, or no number of a process at all: not ours to judge
        return True
    return True
