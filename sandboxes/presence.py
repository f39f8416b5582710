"""Who is there: a mark that a process holds for as long as it lives. The kernel lets go of it, however the process ends."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def present(mark: Path) -> Iterator[None]:
    """Be there, with others; waits while somebody makes sure that nobody is."""
    fd = _held(mark, fcntl.LOCK_SH)
    try:
        yield
    finally:
        os.close(fd)


@contextmanager
def absent(mark: Path) -> Iterator[bool]:
    """Tell whether nobody is there; if so, nobody can come before this ends."""
    try:
        fd = _held(mark, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        yield False
        return
    try:
        yield True
    finally:
        os.close(fd)


def somebody(mark: Path) -> bool:
    """Tell whether somebody holds a mark alone, as a bystander: where there is no mark, none is made."""
    try:
        fd = os.open(mark, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(fd, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(fd)
    return False


def _held(mark: Path, how: int) -> int:
    """Lock the file of this name, which may be taken away and made anew while we wait for it."""
    while True:
        fd = os.open(mark, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        try:
            fcntl.flock(fd, how)
            if _is(fd, mark):
                return fd
        except BaseException:
            os.close(fd)
            raise
        os.close(fd)


def _is(fd: int, mark: Path) -> bool:
    try:
        named = mark.stat(follow_symlinks=False)
    except FileNotFoundError:
        return False
    return os.path.samestat(os.fstat(fd), named)
