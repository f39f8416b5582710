"""No sandbox at all: limits and a clean environment, but the user's own rights. Only for `--sandbox none`."""

import os
import secrets
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import field, replace
from pathlib import Path

from sandboxes import process
from sandboxes.command import Command, Ran
from sandboxes.growth import Growth
from sandboxes.leftovers import scratch
from sandboxes.limits import BUILDING, Limits
from sandboxes.sandbox import Sandbox, SandboxTrouble
from sandboxes.surroundings import environment, inside
from sandboxes.values import Value

LABEL = "SWARM_SANDBOX"
PATIENCE = 5.0  # seconds until a labelled process that does not die is trouble
LIMITED = 'ulimit -c 0; ulimit -n 4096 2>/dev/null; exec "$@"'


class Host(Value):
    """Runs commands on the machine as it is; what they start ends with them, as far as it can be found."""

    stop: threading.Event = field(default_factory=threading.Event)
    """Set it, and whatever runs in any of its sandboxes is ended."""
    growth: int = Limits.growth
    """Bytes by which a worktree may grow."""
    name: str = field(default="none", init=False)

    @contextmanager
    def open(self, worktree: Path, toolchain: Sequence[Path]) -> Iterator[Sandbox]:  # noqa: ARG002  # all of it is in reach anyway
        """Lend the worktree, with a home and a temporary folder of its own."""
        closed = threading.Event()
        with scratch(Path(tempfile.gettempdir())) as place:
            try:
                guards = (process.stopped(self.stop, closed), Growth(worktree, self.growth))
                yield _HostSandbox(worktree, place, guards)
            finally:
                closed.set()

    def open_networked(self, folder: Path, toolchain: Sequence[Path]) -> AbstractContextManager[Sandbox]:
        """Open the same: the network is there anyway."""
        return replace(self, growth=BUILDING).open(folder, toolchain)

    def path_of(self, worktree: Path) -> str:
        """Say where the worktree is seen from inside: where it is."""
        return str(worktree)


class _HostSandbox(Value):
    worktree: Path
    scratch: Path
    guards: tuple[process.Guard, ...]

    def run(self, command: Command) -> Ran:
        """Run one command to its end."""
        folder = self.worktree / inside(command.folder)
        label = f"{LABEL}={secrets.token_hex(16)}"
        home, temporary = self.scratch / "home", self.scratch / "tmp"
        for place in (home, temporary):
            place.mkdir(exist_ok=True)
        with process.report_pipe(wanted=command.report) as report:
            fd = report.writer.fileno() if report else None
            variables = environment(command, home=str(home), temporary=str(temporary), report_fd=fd)
            launch = process.Launch(
                argv=("/bin/sh", "-c", LIMITED, "sh", *command.argv),
                environment={**variables, LABEL: label.partition("=")[2]},
                folder=folder,
                settle=lambda: _end_all(label),
            )
            return process.run(launch, command, report, self.guards)


def _end_all(label: str) -> None:
    """Kill what left the process group but still carries the label of its command in its environment."""
    if sys.platform != "linux":  # elsewhere nobody's environment can be read, and the process group has to do
        return
    deadline = time.monotonic() + PATIENCE
    while found := _labelled(label.encode()):
        if time.monotonic() > deadline:
            raise SandboxTrouble(reason=f"these processes do not die: {', '.join(map(str, found))}")
        for pid in found:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        time.sleep(0.01)


def _labelled(label: bytes) -> list[int]:
    found = []
    for entry in os.scandir("/proc"):
        if entry.name.isdigit():
            with suppress(OSError):  # gone, or another user's
                if label in Path(entry.path, "environ").read_bytes().split(b"\0"):
                    found.append(int(entry.name))
    return found
