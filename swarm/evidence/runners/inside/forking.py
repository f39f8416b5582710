"""Waits inside the sandbox with pytest imported, and runs each trial in a child of its own, which need not import it again.

What a child leaves behind is gone before the next one is born: its processes are ended, its temporary files removed, and of the
tree it is told what is not as it was. Nothing of the tested tree is ever imported by the process that waits.
"""

from __future__ import annotations

import atexit
import base64
import contextlib
import ctypes
import gc
import json
import os
import signal
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from swarm.evidence.runners.inside.restoring import Kept, Tree

DUMPABLE, SUBREAPER = 4, 36
OUTPUT = 1024 * 1024
"""Bytes of what a child printed that are told: half from its head, half from its tail."""
WARMING = {
    "pytest.ini": "[pytest]\n",
    "test_warm.py": "def test_passes(tmp_path):\n    assert 1 == 1\n\n\ndef test_fails():\n    assert [1] == [2]\n",
}
"""Tests that have pytest, and the plugins that are installed, import all that they need."""


def warm_up(options: Sequence[str]) -> bool:
    """Let pytest run two tests of no meaning, far from the tree, and forget them; say whether children can do without this.

    They cannot where an import has started a thread, for they would not have it.
    """
    import pytest  # noqa: PLC0415  # whoever serves no trial needs none

    before = (os.getcwd(), list(sys.path), list(sys.argv), dict(os.environ), list(sys.meta_path))  # noqa: PTH109
    with tempfile.TemporaryDirectory(prefix="warm-") as folder, silenced():
        for name, text in WARMING.items():
            Path(folder, name).write_text(text, encoding="utf-8")
        os.chdir(folder)
        sys.argv = ["pytest"]
        own = ("-q", "-p", "no:cacheprovider", "-c", "pytest.ini", f"--basetemp={folder}/base", "test_warm.py")
        status = pytest.main([*options, *own])
        os.chdir(before[0])
    sys.path[:], sys.argv, sys.meta_path[:] = before[1], before[2], before[4]
    os.environ.clear()
    os.environ.update(before[3])
    for name in [name for name, module in sys.modules.items() if str(getattr(module, "__file__", "")).startswith(folder)]:
        del sys.modules[name]
    sys.path_importer_cache.clear()
    gc.collect()
    gc.freeze()
    return int(status) == 1 and len(os.listdir("/proc/self/task")) == 1  # noqa: PTH208


@contextlib.contextmanager
def silenced() -> Iterator[None]:
    """Let nobody see what is printed meanwhile."""
    kept = [os.dup(number) for number in (1, 2)]
    with open(os.devnull, "wb") as nowhere:  # noqa: PTH123
        for number in (1, 2):
            os.dup2(nowhere.fileno(), number)
    try:
        yield
    finally:
        for number, own in zip((1, 2), kept):  # noqa: B905  # Python 3.9 has no strict zip
            os.dup2(own, number)
            os.close(own)


def leave(status: int) -> int:
    """End as an interpreter does, but take nothing apart that is in memory: the system gives it back at once."""
    threading._shutdown()  # type: ignore[attr-defined]  # noqa: SLF001  # as `multiprocessing` ends its forked children
    atexit._run_exitfuncs()  # noqa: SLF001
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)


def end_all() -> None:
    """End whatever a child left behind: it has become a child of this process."""
    while True:
        for entry in os.listdir("/proc"):  # noqa: PTH208
            if entry.isdigit() and _parent(entry) == os.getpid():
                os.kill(int(entry), signal.SIGKILL)
        try:
            os.waitpid(-1, 0)
        except ChildProcessError:
            return


def _parent(pid: str) -> int:
    try:
        return int(Path("/proc", pid, "stat").read_bytes().rpartition(b")")[2].split()[1])
    except OSError:  # it is gone
        return 0


class Server:
    """Takes what is asked from standard input, line by line, and reports over the pipe that the children report over as well."""

    def __init__(self, sources: dict[str, str]) -> None:
        """Keep both ends under numbers that no child's program inherits."""
        self._codes = {name: compile(text, f"<swarm's {name}>", "exec") for name, text in sources.items()}
        given = int(os.environ.pop("SWARM_REPORT_FD"))
        self._pipe, self._asks = os.dup(given), os.fdopen(os.dup(0), "rb")
        os.close(given)
        with open(os.devnull, "rb") as nothing:  # noqa: PTH123
            os.dup2(nothing.fileno(), 0)

    def serve(self, tree: Tree, kept: Kept) -> Callable[[], int]:
        """Answer every ask until there are no more; in a child, give back what it is to do."""
        import pytest  # noqa: F401, PLC0415  # while it is being found out what there is to ask

        self._protect(1, 0)
        self._tell(kind="ready")
        fit = None
        for line in self._asks:
            ask = json.loads(line)
            if fit is None:  # else each child would have to import what all need
                fit = warm_up(ask["options"])
            if "files" not in ask:  # there is nothing to do yet
                continue
            tree.put(ask["files"])
            began = time.monotonic()
            output = os.memfd_create("output")
            pid = os.fork()
            if not pid:
                return self._child(ask, output)
            _, status = os.waitpid(pid, 0)
            end_all()
            seconds = time.monotonic() - began
            spoilt = tree.restored()
            kept.clear()
            said = base64.b64encode(_shortened(output)).decode("ascii")
            os.close(output)
            code = os.WEXITSTATUS(status) if os.WIFEXITED(status) else 128 + os.WTERMSIG(status)
            self._tell(kind="over", key=ask["key"], fit=fit, status=code, seconds=seconds, spoilt=spoilt, output=said)
        os._exit(0)  # nothing is left to be done, and an orderly end takes its time

    def _protect(self, reaper: int, dumpable: int) -> None:
        """Become the parent of what children leave behind; let nobody else of this user look into this process."""
        library = ctypes.CDLL(None)
        library.prctl(SUBREAPER, reaper, 0, 0, 0)
        library.prctl(DUMPABLE, dumpable, 0, 0, 0)

    def _tell(self, **facts: object) -> None:
        line = b"\n" + json.dumps(facts).encode("ascii") + b"\n"
        while line:
            line = line[os.write(self._pipe, line) :]

    def _child(self, ask: dict[str, Any], output: int) -> Callable[[], int]:
        """Be what would have been started for this trial alone."""
        os.setpgid(0, 0)
        self._protect(0, 1)
        self._asks.close()
        for number in (1, 2):
            os.dup2(output, number)
        os.close(output)
        os.environ["SWARM_REPORT_FD"] = str(self._pipe)
        channel = self._loaded("channel")["Channel"](ask["nonce"])
        reporter = self._loaded("reporter")
        if "numpy.random" in sys.modules:  # as Python's own `random` does by itself
            sys.modules["numpy.random"].seed()
        channel.arrange(*ask["arranged"])
        told = ask["told"]
        return lambda: leave(int(reporter["run"](channel, **told)))

    def _loaded(self, name: str) -> dict[str, Any]:
        namespace: dict[str, Any] = {"__name__": name}
        exec(self._codes[name], namespace)  # noqa: S102  # swarm's own, and no file of the tested tree
        return namespace


def _shortened(output: int) -> bytes:
    size = os.fstat(output).st_size
    if size <= OUTPUT:
        return os.pread(output, size, 0)
    gap = f"\n[… {size - OUTPUT} bytes left out …]\n".encode()
    return os.pread(output, OUTPUT // 2, 0) + gap + os.pread(output, OUTPUT // 2, size - OUTPUT // 2)
