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
import inspect
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
    from swarm.evidence.runners.inside.rewritten import Rewritten

DUMPABLE, SUBREAPER = 4, 36
OUTPUT = 1024 * 1024
"""Bytes of what a child printed that are told: half from its head, half from its tail."""


class Enough(Exception):
    """Raised to end pytest."""


class Beginning:
    """A pytest plugin that lets it begin and no more."""

    def pytest_load_initial_conftests(self) -> None:
        """All plugins have been imported, and nothing was done with them."""
        raise Enough


def warm_up(options: Sequence[str]) -> bool:
    """Let pytest import its plugins, far from the tree, and no more; say whether children can do without this.

    They cannot where an import has started a thread, for they would not have it.
    """
    import pytest  # noqa: PLC0415  # whoever serves no trial needs none

    before = (os.getcwd(), list(sys.path), list(sys.argv), dict(os.environ), list(sys.meta_path))  # noqa: PTH109
    with tempfile.TemporaryDirectory(prefix="warm-") as folder, silenced():
        Path(folder, "pytest.ini").write_text("[pytest]\n", encoding="utf-8")
        os.chdir(folder)
        sys.argv = ["pytest"]
        try:
            pytest.main([*options, "-p", "no:cacheprovider", "-c", "pytest.ini"], plugins=[Beginning()])
            begun = False
        except Enough:
            begun = True
        os.chdir(before[0])
    sys.path[:], sys.argv, sys.meta_path[:] = before[1], before[2], before[4]
    os.environ.clear()
    os.environ.update(before[3])
    sys.path_importer_cache.clear()
    return begun and len(os.listdir("/proc/self/task")) == 1  # noqa: PTH208


def remember_modules() -> None:
    """Let Python find out which file each module is from, as it does in every child in which a test fails: it takes long."""
    inspect.getmodule(remember_modules.__code__)


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

    def serve(self, tree: Tree, kept: Kept, rewritten: type[Rewritten]) -> Callable[[], int]:
        """Answer every ask until there are no more; in a child, give back what it is to do."""
        gc.disable()  # nothing of what is imported here is ever garbage
        import pytest  # noqa: F401, PLC0415  # while it is being found out what there is to ask

        self._protect(1, 0)
        self._tell(kind="ready")
        fit, known, failed = None, rewritten(), False
        for line in self._asks:
            ask = json.loads(line)
            if fit is None:  # else each child would have to import what all need
                fit = warm_up(ask["options"])
            tree.put(ask["files"])
            known.add(ask["told"]["tests"])
            if "key" not in ask:  # that was to get ready
                continue
            began = time.monotonic()
            output = os.memfd_create("output")
            gc.freeze()  # or each child would look through all of it, and copy it by doing so
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
            if code and not failed:
                failed = True
                remember_modules()  # whoever comes next is likely to fail as well
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
        gc.enable()
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
