"""A conversation with a command while it runs: it is told more on its standard input, and what it reports is heard at once."""

import os
import queue
import select
import threading
import time
from io import FileIO

from sandboxes.capture import Report

PATIENCE = 30.0  # seconds within which the command has to take in what it is told
CHUNK = 65536


class Silence(Exception):
    """The command does not listen any more."""


class Talk:
    """The two directions of it. It belongs to one command, which is to be run by another thread than the one that talks."""

    def __init__(self) -> None:
        """Prepare to talk to a command that has yet to be started."""
        reader, writer = os.pipe()
        os.set_blocking(writer, False)
        self.stdin = FileIO(reader, "rb")
        """What the command reads; closed here as soon as the command has it."""
        self._into = FileIO(writer, "wb")
        self.report = Heard()
        self.enough = threading.Event()
        """Set it, and the command is ended."""

    def say(self, data: bytes) -> None:
        """Tell the command; raises `Silence` if it is gone, or takes nothing in."""
        left, deadline = memoryview(data), time.monotonic() + PATIENCE
        while left:
            ready = select.select([], [self._into], [], max(0.0, deadline - time.monotonic()))[1]
            if not ready:
                raise Silence
            try:
                left = left[self._into.write(left[:CHUNK]) or 0 :]
            except BrokenPipeError as error:
                raise Silence from error

    def heard(self, seconds: float) -> bytes:
        """What it has reported since, waiting so long for it; empty: nothing. Raises `Silence` once the command has ended."""
        try:
            data = self.report.queue.get(timeout=max(0.0, seconds))
        except queue.Empty:
            return b""
        if not data:
            raise Silence
        return data

    def over(self) -> None:
        """Let whoever waits for a report know that there will be none: the command has ended."""
        self.report.queue.put(b"")

    def close(self) -> None:
        """Say that there is no more to come: the command finds the end of its standard input."""
        self._into.close()
        self.stdin.close()


class Heard(Report):
    """The report stream of a command that is talked to: handed on, and not kept."""

    def __init__(self) -> None:
        """Hand on from now."""
        super().__init__(0)
        self.queue: queue.SimpleQueue[bytes] = queue.SimpleQueue()

    def add(self, data: bytes) -> None:
        """Hand on the next bytes of the stream."""
        self.queue.put(data)
