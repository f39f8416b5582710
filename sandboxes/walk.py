"""Looks through a folder that hostile hands may be changing meanwhile: by open folders, never by paths, never through a link."""

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from sandboxes.sandbox import SandboxTrouble

OPEN_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK
DEEPEST = 200  # each step down holds a folder open


def walk(folder: Path) -> Iterator[tuple[int, os.DirEntry[str]]]:
    """Give everything in a folder, each with the open folder it lies in; what vanishes meanwhile is left out."""
    top = os.open(folder, OPEN_FOLDER)
    try:
        yield from _walk(top, 1)
    finally:
        os.close(top)


def _walk(folder: int, depth: int) -> Iterator[tuple[int, os.DirEntry[str]]]:
    if depth > DEEPEST:
        raise SandboxTrouble(reason=f"its worktree has folders more than {DEEPEST} deep")
    with os.scandir(folder) as listed:
        for entry in listed:
            yield folder, entry
            if entry.is_dir(follow_symlinks=False):
                yield from _below(folder, entry.name, depth)


def _below(folder: int, name: str, depth: int) -> Iterator[tuple[int, os.DirEntry[str]]]:
    inner = -1
    with suppress(FileNotFoundError, NotADirectoryError):  # removed or replaced since it was listed
        inner = os.open(name, OPEN_FOLDER, dir_fd=folder)
    if inner < 0:
        return
    try:
        yield from _walk(inner, depth + 1)
    finally:
        os.close(inner)
