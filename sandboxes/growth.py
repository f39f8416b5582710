"""Watches that a worktree does not fill the disk: a limit on single files stops nobody who writes many."""

import os
import time
from contextlib import suppress
from pathlib import Path

from sandboxes.command import Ending
from sandboxes.sandbox import SandboxTrouble
from sandboxes.walk import walk

PAUSE = 0.25  # seconds between two looks at the disk
PATIENCE = 20  # counting a tree may take one part in so many of the time
FILES = 200_000  # files that may be added
BLOCK = 512  # bytes: the unit of `st_blocks`


class Growth:
    """Looks at the free space, which costs nothing, and counts the worktree only when that has shrunk by the limit."""

    def __init__(self, worktree: Path, limit: int) -> None:
        """Begin to watch; what is there already does not count."""
        self._worktree = worktree
        self._limit = limit
        self._began = time.time_ns()
        self._free, self._places = self._left()
        self._next = 0.0

    def __call__(self) -> Ending | None:
        """Say whether too much was written."""
        now = time.monotonic()
        if now < self._next:
            return None
        self._next = now + PAUSE
        free, places = self._left()
        if self._free - free <= self._limit and self._places - places <= FILES:
            return None
        guilty = self._guilty()
        self._next = max(self._next, now + PATIENCE * (time.monotonic() - now))
        return Ending.FLOODED if guilty else None

    def _left(self) -> tuple[int, int]:
        disk = os.statvfs(self._worktree)
        return disk.f_bavail * disk.f_frsize, disk.f_favail

    def _guilty(self) -> bool:
        written = files = 0
        try:
            for _, entry in walk(self._worktree):
                with suppress(FileNotFoundError):
                    info = entry.stat(follow_symlinks=False)
                    written += info.st_blocks * BLOCK if info.st_ctime_ns >= self._began else 0
                    files += info.st_ctime_ns >= self._began
                if written > self._limit or files > FILES:
                    return True
        except (OSError, SandboxTrouble):  # it hides what it wrote from being counted
            return True
        return False
