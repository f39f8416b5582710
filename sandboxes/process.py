"""Runs one launcher under the limits of a command, and leaves nothing of it running."""

import os
import selectors
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from io import FileIO
from pathlib import Path
from typing import Self

from sandboxes.capture import Capture, Report
from sandboxes.command import Command, Ending, Ran
from sandboxes.sandbox import SandboxTrouble

TICK = 0.05  # how late a stop or a time-out may be noticed
GRACE = 2.0  # how long pipes may stay open after everything that was killed must be gone
CHUNK = 65536


Guard = Callable[[], Ending | None]
"""Looks on while a command runs, and says when and why it must be ended."""


def stopped(*events: threading.Event) -> Guard:
    """Make the guard that ends a command as soon as one of these events is set."""
    return lambda: Ending.STOPPED if any(event.is_set() for event in events) else None


@dataclass(frozen=True, kw_only=True)
class Launch:
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


@dataclass(frozen=True)
class ReportPipe:
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
    began = time.monotonic()
    with _started(launch, command, report) as process, _Streams(process, command, report) as streams:
        cut = streams.follow(began, guards)
        _kill_group(process)
        launch.settle()
        drained = streams.drain()
        status = process.wait()
    return Ran(
        command=command,
        ending=cut or (Ending.KILLED if status < 0 else Ending.EXITED),
        exit_code=status if status >= 0 else 128 - status,
        seconds=time.monotonic() - began,
        stdout=streams.stdout.output(),
        stderr=streams.stderr.output(),
        report=streams.report.data,
        report_complete=drained and streams.report.whole,
    )


@contextmanager
def _started(launch: Launch, command: Command, report: ReportPipe | None) -> Iterator[subprocess.Popen[bytes]]:
    try:
        process = subprocess.Popen(
            launch.argv,
            stdin=subprocess.PIPE if command.stdin else subprocess.DEVNULL,
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
            _hand_over(launch.owner, process, report)
            yield process
        finally:
            _kill_group(process)


def _hand_over(owner: int | None, process: subprocess.Popen[bytes], report: ReportPipe | None) -> None:
    if owner is not None:
        for pipe in (process.stdin, process.stdout, process.stderr, report.reader if report else None):
            if pipe is not None:
                os.fchown(pipe.fileno(), owner, owner)  # both ends are one thing to the kernel


class _Streams:
    """All pipes of one process, read and written without ever waiting for a single one."""

    def __init__(self, process: subprocess.Popen[bytes], command: Command, report: ReportPipe | None) -> None:
        self._process = process
        self._command = command
        self._stdin = memoryview(command.stdin)
        self._sinks: dict[int, Capture | Report] = {}
        self._selector = selectors.DefaultSelector()
        self._cleanup = ExitStack()
        self._spoke = time.monotonic()
        self.stdout = Capture(command.keep)
        self.stderr = Capture(command.keep)
        self.report = Report()
        self._reader = report.reader.fileno() if report else None

    def __enter__(self) -> Self:
        self._cleanup.enter_context(self._selector)
        for stream, sink in ((self._process.stdout, self.stdout), (self._process.stderr, self.stderr)):
            assert stream is not None
            self._listen(stream.fileno(), sink)
        if self._reader is not None:
            self._listen(self._reader, self.report)
        if self._process.stdin is not None:
            os.set_blocking(self._process.stdin.fileno(), False)
            self._selector.register(self._process.stdin.fileno(), selectors.EVENT_WRITE)
        if sys.platform == "linux":
            self._wake_at_the_end()
        return self

    def _wake_at_the_end(self) -> None:
        with suppress(OSError):  # an old kernel: then the end is noticed a tick later
            pidfd = os.pidfd_open(self._process.pid)
            self._cleanup.callback(os.close, pidfd)
            self._selector.register(pidfd, selectors.EVENT_READ)

    def __exit__(self, *_: object) -> None:
        self._cleanup.close()

    def _listen(self, fd: int, sink: Capture | Report) -> None:
        os.set_blocking(fd, False)
        self._sinks[fd] = sink
        self._selector.register(fd, selectors.EVENT_READ)

    def follow(self, began: float, guards: Sequence[Guard]) -> Ending | None:
        """Move bytes until the process ends (None) or must be ended (why)."""
        self._spoke = began
        while not _ended(self._process):
            self._turn(TICK)
            if cut := self._cut(began, guards):
                return cut
        return None

    def _cut(self, began: float, guards: Sequence[Guard]) -> Ending | None:
        now = time.monotonic()
        idle = self._command.idle_timeout
        if now - began > self._command.timeout or (idle is not None and now - self._spoke > idle):
            return Ending.TIMED_OUT
        if self.stdout.size + self.stderr.size > self._command.flood:
            return Ending.FLOODED
        return next((cut for guard in guards if (cut := guard()) is not None), None)

    def drain(self) -> bool:
        """Read what is left in the pipes; say whether all of them came to their end."""
        deadline = time.monotonic() + GRACE
        while self._sinks and time.monotonic() < deadline:
            self._turn(TICK)
        return not self._sinks

    def _turn(self, timeout: float) -> None:
        for key, events in self._selector.select(timeout):
            fd = key.fd
            if events & selectors.EVENT_WRITE:
                self._feed(fd)
            elif fd in self._sinks:
                self._read(fd)
            else:
                self._selector.unregister(fd)  # the end of the process was all it had to say

    def _read(self, fd: int) -> None:
        with suppress(BlockingIOError):
            if data := os.read(fd, CHUNK):
                self._spoke = time.monotonic()
                self._sinks[fd].add(data)
            else:
                self._selector.unregister(fd)
                del self._sinks[fd]

    def _feed(self, fd: int) -> None:
        try:
            self._stdin = self._stdin[os.write(fd, self._stdin[:CHUNK]) :]
        except BlockingIOError:
            return
        except BrokenPipeError:  # it reads no further, as `head` does
            self._stdin = self._stdin[:0]
        if not self._stdin:
            self._selector.unregister(fd)
            assert self._process.stdin is not None
            self._process.stdin.close()


def _ended(process: subprocess.Popen[bytes]) -> bool:
    if sys.platform == "linux":  # left unreaped: its group's number must not go to a stranger before the kill
        waitable = os.WEXITED | os.WNOHANG | os.WNOWAIT
        ended = process.returncode is not None or os.waitid(os.P_PID, process.pid, waitable) is not None
    else:
        ended = process.poll() is not None
    return ended


def _kill_group(process: subprocess.Popen[bytes]) -> None:
    if process.returncode is None or sys.platform != "linux":
        with suppress(ProcessLookupError, PermissionError):  # PermissionError: on macOS, a group of zombies
            os.killpg(process.pid, signal.SIGKILL)
