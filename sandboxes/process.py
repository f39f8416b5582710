"""Runs one launcher under the limits of a command, and leaves nothing of it running."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from io import FileIO
from pathlib import Path
from typing import Any

from sandboxes.command import Command, Ending, Ran
from sandboxes.following import Process, followed
from sandboxes.sandbox import SandboxTrouble
from sandboxes.values import Value

Guard = Callable[[], Ending | None]
"""Looks on while a command runs, and says when and why it must be ended."""


def stopped(*events: threading.Event) -> Guard:
    """Make the guard that ends a command as soon as one of these events is set."""
    return lambda: Ending.STOPPED if any(event.is_set() for event in events) else None


class Launch(Value, kw_only=True):
    """How a command is started outside, whatever room it will find itself in."""

    argv: tuple[str, ...]
    environment: Mapping[str, str]
    folder: Path = Path("/")
    keep_open: tuple[int, ...] = ()
    """File descriptors that the launcher inherits beside the standard three."""
    owner: int | None = None
    """The user whose the pipes are to be, when that is not swarm's: or he could not open /dev/stdout."""
    settle: Callable[[], None] = lambda: None
    """Makes sure, after the kill, that nothing is left; raises `SandboxTrouble` when something is."""


class ReportPipe(Value):
    """The two ends of the pipe through which a command reports."""

    reader: FileIO
    writer: FileIO


@contextmanager
def report_pipe(*, wanted: bool) -> Iterator[ReportPipe | None]:
    """Open a report pipe for one command, if it wants one."""
    if not wanted:
        yield None
        return
    reader, writer = os.pipe()
    with FileIO(reader, "rb") as out, FileIO(writer, "wb") as into:
        yield ReportPipe(out, into)


def run(launch: Launch, command: Command, report: ReportPipe | None = None, guards: Sequence[Guard] = ()) -> Ran:
    """Run it to its end, or to the end of its limits; afterwards its whole process group is gone."""
    with _started(launch, command, report) as process:
        return followed(process, command, report.reader if report else None, guards)


@contextmanager
def _started(launch: Launch, command: Command, report: ReportPipe | None) -> Iterator[Process]:
    try:
        process = _Local(
            launch,
            stdin=command.talk.stdin if command.talk else subprocess.PIPE if command.stdin else subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=dict(launch.environment),
            cwd=launch.folder,
            start_new_session=True,
            pass_fds=(*launch.keep_open, *((report.writer.fileno(),) if report else ())),
            bufsize=0,
        )
    except (OSError, ValueError) as error:
        raise SandboxTrouble(reason=f"{launch.argv[0]} cannot be started in {launch.folder}: {error}") from error
    with process:
        try:
            if report:
                report.writer.close()  # or the pipe would never come to its end
            _hand_over(launch.owner, process, report, command)
            if command.talk:
                command.talk.stdin.close()  # or nobody would notice that it is gone
            yield process
        finally:
            process.kill_group()


class _Local(subprocess.Popen[bytes]):
    """A process of this machine, in a group of its own."""

    def __init__(self, launch: Launch, **options: Any) -> None:
        super().__init__(launch.argv, **options)
        self._settle = launch.settle

    def bell(self, cleanup: ExitStack) -> int | None:
        pidfd = None
        if sys.platform == "linux":
            with suppress(OSError):  # an old kernel: then the end is noticed a tick later
                pidfd = os.pidfd_open(self.pid)
                cleanup.callback(os.close, pidfd)
        return pidfd

    def ended(self) -> bool:
        if sys.platform == "linux":  # left unreaped: its group's number must not go to a stranger before the kill
            waitable = os.WEXITED | os.WNOHANG | os.WNOWAIT
            ended = self.returncode is not None or os.waitid(os.P_PID, self.pid, waitable) is not None
        else:
            ended = self.poll() is not None
        return ended

    def finish(self) -> int:
        self.kill_group()
        self._settle()
        return self.wait()

    def kill_group(self) -> None:
        if self.returncode is None or sys.platform != "linux":
            with suppress(ProcessLookupError, PermissionError):  # PermissionError: on macOS, a group of zombies
                os.killpg(self.pid, signal.SIGKILL)


def _hand_over(owner: int | None, process: subprocess.Popen[bytes], report: ReportPipe | None, command: Command) -> None:
    if owner is not None:
        stdin = command.talk.stdin if command.talk else process.stdin
        for pipe in (stdin, process.stdout, process.stderr, report.reader if report else None):
            if pipe is not None:
                os.fchown(pipe.fileno(), owner, owner)  # both ends are one thing to the kernel
