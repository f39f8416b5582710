"""Follows what was started, wherever it runs: moves its bytes, watches its limits, and finishes it."""

import os
import selectors
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack, suppress
from io import FileIO
from typing import IO, Protocol, Self

from sandboxes.capture import Capture, Report
from sandboxes.command import Command, Ending, Ran

TICK = 0.05  # how late a stop or a time-out may be noticed
GRACE = 2.0  # how long pipes may stay open after everything that was killed must be gone
CHUNK = 65536


Guards = Sequence[Callable[[], Ending | None]]
"""They look on while a command runs, and say when and why it must be ended."""


class Process(Protocol):
    """Something that was started and can be followed, wherever it runs."""

    @property
    def stdin(self) -> IO[bytes] | None:
        """Where to write what it reads; None when it gets nothing."""
        ...

    @property
    def stdout(self) -> IO[bytes] | None:
        """Where to read what it prints."""
        ...

    @property
    def stderr(self) -> IO[bytes] | None:
        """Where to read what it complains about."""
        ...

    def bell(self, cleanup: ExitStack) -> int | None:
        """Give a file descriptor that becomes readable at its end, if there is such a thing here."""
        ...

    def ended(self) -> bool:
        """Whether it has ended by itself."""
        ...

    def finish(self) -> int:
        """End it and all that it started; give its status, negative where a signal ended it."""
        ...


def followed(process: Process, command: Command, report: FileIO | None, guards: Guards) -> Ran:
    """Follow what was started to its end, or to the end of its limits, and finish it."""
    began = time.monotonic()
    with _Streams(process, command, report) as streams:
        cut = streams.follow(began, guards)
        status = process.finish()
        drained = streams.drain()
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


class _Streams:
    """All pipes of one process, read and written without ever waiting for a single one."""

    def __init__(self, process: Process, command: Command, report: FileIO | None) -> None:
        self._process = process
        self._command = command
        self._stdin = memoryview(command.stdin)
        self._sinks: dict[int, Capture | Report] = {}
        self._selector = selectors.DefaultSelector()
        self._cleanup = ExitStack()
        self._spoke = time.monotonic()
        self.stdout = Capture(command.keep)
        self.stderr = Capture(command.keep)
        self.report = command.talk.report if command.talk else Report()
        self._reader = report.fileno() if report else None

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
        if (bell := self._process.bell(self._cleanup)) is not None:
            self._selector.register(bell, selectors.EVENT_READ)
        return self

    def __exit__(self, *_: object) -> None:
        self._cleanup.close()

    def _listen(self, fd: int, sink: Capture | Report) -> None:
        os.set_blocking(fd, False)
        self._sinks[fd] = sink
        self._selector.register(fd, selectors.EVENT_READ)

    def follow(self, began: float, guards: Guards) -> Ending | None:
        """Move bytes until the process ends (None) or must be ended (why)."""
        self._spoke = began
        while not self._process.ended():
            self._turn(TICK)
            if cut := self._cut(began, guards):
                return cut
        return None

    def _cut(self, began: float, guards: Guards) -> Ending | None:
        now = time.monotonic()
        idle = self._command.idle_timeout
        if self._command.talk and self._command.talk.enough.is_set():
            return Ending.STOPPED
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
                if fd == self._reader and self._command.overhear is not None:
                    self._command.overhear(data)
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
