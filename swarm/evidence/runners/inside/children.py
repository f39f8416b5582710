"""Children of a process that waits: one is born for each trial, and gone with all that it started before its end is told."""

from __future__ import annotations

import atexit
import base64
import ctypes
import gc
import os
import signal
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Collection

DUMPABLE, SUBREAPER = 4, 36
OUTPUT = 1024 * 1024
"""Bytes of what a child printed that are told: half from its head, half from its tail."""


class Child:
    """A child, and what it prints; `pid` is 0 in the child itself."""

    def __init__(self) -> None:
        """Let it be born."""
        self.output = os.memfd_create("output")
        self._began = time.monotonic()
        gc.freeze()  # or the child would look through all of it, and copy it by doing so
        self.pid = os.fork()

    def become(self, numbers: Collection[int] = (1, 2)) -> None:
        """In the child: be a process of its own, that prints under these numbers."""
        gc.enable()
        os.setpgid(0, 0)
        protect(0, 1)
        for number in numbers:
            os.dup2(self.output, number, inheritable=os.get_inheritable(number))
        os.close(self.output)
        if "numpy.random" in sys.modules:  # as Python's own `random` does by itself
            sys.modules["numpy.random"].seed()

    def outlived(self, spared: Collection[int] = ()) -> dict[str, Any]:
        """Wait for its end, end what it left behind, and tell how it was."""
        _, status = os.waitpid(self.pid, 0)
        end_all(spared)
        said = base64.b64encode(_shortened(self.output)).decode("ascii")
        os.close(self.output)
        code = os.WEXITSTATUS(status) if os.WIFEXITED(status) else 128 + os.WTERMSIG(status)
        return {"status": code, "seconds": time.monotonic() - self._began, "output": said}


def protect(reaper: int, dumpable: int) -> None:
    """Become the parent of what children leave behind; let nobody else of this user look into this process."""
    library = ctypes.CDLL(None)
    library.prctl(SUBREAPER, reaper, 0, 0, 0)
    library.prctl(DUMPABLE, dumpable, 0, 0, 0)


def leave(status: int) -> int:
    """End as an interpreter does, but take nothing apart that is in memory: the system gives it back at once."""
    threading._shutdown()  # type: ignore[attr-defined]  # noqa: SLF001  # as `multiprocessing` ends its forked children
    atexit._run_exitfuncs()  # noqa: SLF001
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)


def end_all(spared: Collection[int] = ()) -> None:
    """End whatever a child left behind: it has become a child of this process, which may have others."""
    while has_children():
        left = [pid for pid in map(int, filter(str.isdigit, os.listdir("/proc"))) if _parent(pid) == os.getpid()]  # noqa: PTH208
        left = [pid for pid in left if pid not in spared]
        for pid in left:
            os.kill(pid, signal.SIGKILL)
        for pid in left:
            os.waitpid(pid, 0)
        if spared and not left:
            return


def has_children() -> bool:
    """Whether there are any, alive or dead."""
    try:
        os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    except ChildProcessError:
        return False
    return True


def _parent(pid: int) -> int:
    try:
        return int(Path("/proc", str(pid), "stat").read_bytes().rpartition(b")")[2].split()[1])
    except OSError:  # it is gone
        return 0


def _shortened(output: int) -> bytes:
    size = os.fstat(output).st_size
    if size <= OUTPUT:
        return os.pread(output, size, 0)
    gap = f"\n[… {size - OUTPUT} bytes left out …]\n".encode()
    return os.pread(output, OUTPUT // 2, 0) + gap + os.pread(output, OUTPUT // 2, size - OUTPUT // 2)
