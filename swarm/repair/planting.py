"""Puts a file into a worktree in which somebody else's code runs: no link that lies there is ever followed."""

import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from swarm.errors import SwarmError

FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC

PLAIN, EXECUTABLE = 0o644, 0o755


class NotPlanted(SwarmError):
    """The file {path} could not be written into the worktree: {reason}
    Nothing outside of it was touched."""


@contextmanager
def planted(worktree: Path, path: str, content: bytes, before: bytes) -> Iterator[None]:
    """Let the file have this content for a while, then again the one before."""
    plant(worktree, path, content)
    try:
        yield
    finally:
        plant(worktree, path, before)


def plant(worktree: Path, path: str, content: bytes) -> None:
    """Write a file beside its place and move it there: whatever lies there is replaced, not written through."""
    *folders, name = path.split("/")
    if name in ("", ".", "..") or any(folder in ("", ".", "..") for folder in folders):
        raise NotPlanted(path=path, reason="its name leads elsewhere")
    temporary = f".swarm-{secrets.token_hex(8)}"
    try:
        with _folder(worktree, folders) as folder:
            try:
                _write(temporary, folder, content, _mode(name, folder))
                os.rename(temporary, name, src_dir_fd=folder, dst_dir_fd=folder)
            except OSError:
                with suppress(FileNotFoundError):
                    os.unlink(temporary, dir_fd=folder)
                raise
    except OSError as error:
        raise NotPlanted(path=path, reason=error) from error


def _mode(name: str, folder: int) -> int:
    """The rights of the file that lies there, as far as swarm gives any."""
    try:
        there = os.stat(name, dir_fd=folder, follow_symlinks=False)
    except FileNotFoundError:
        return PLAIN
    return EXECUTABLE if stat.S_ISREG(there.st_mode) and there.st_mode & stat.S_IXUSR else PLAIN


def _write(name: str, folder: int, content: bytes, mode: int) -> None:
    with os.fdopen(os.open(name, NEW, mode, dir_fd=folder), "wb") as file:
        os.fchmod(file.fileno(), mode)
        file.write(content)


@contextmanager
def _folder(worktree: Path, folders: list[str]) -> Iterator[int]:
    """Step by step into a folder of the worktree, never through a link."""
    here = os.open(worktree, FOLDER)
    try:
        for name in folders:
            there = os.open(name, FOLDER, dir_fd=here)
            os.close(here)
            here = there
        yield here
    finally:
        os.close(here)
