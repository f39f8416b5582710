"""The socket between swarm and the first process of a container, and a command that runs behind it."""

import json
import os
import socket
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from io import FileIO
from pathlib import Path
from typing import Any

from sandboxes.command import Command
from sandboxes.docker.init import SIZE
from sandboxes.process import ReportPipe
from sandboxes.sandbox import SandboxTrouble

READY = 30.0  # seconds for a started container to come to the door
LAST = 30.0  # seconds for a killed command to be gone, and its scratch folders to be emptied
LINE = 65536


class Door:
    """Swarm's side of the socket."""

    def __init__(self, connection: socket.socket) -> None:
        """Speak over this connection."""
        self._connection = connection
        self._heard = b""

    def fileno(self) -> int:
        """Give what becomes readable when there is an answer."""
        return self._connection.fileno()

    def ask(self, request: Mapping[str, Any], pipes: list[int]) -> None:
        """Have a command started with these as its input, output, errors and report."""
        data = json.dumps(request).encode()
        with _broken_off():
            self._connection.settimeout(LAST)
            socket.send_fds(self._connection, [SIZE.pack(len(data))], pipes)
            self._connection.sendall(data)

    def end(self) -> None:
        """Have all of the command ended."""
        with _broken_off():
            self._connection.settimeout(LAST)
            self._connection.sendall(SIZE.pack(0))

    def answered(self) -> bool:
        """Whether an answer is there, without waiting for it."""
        with _broken_off():
            self._connection.settimeout(0)
            self._listen()
        return b"\n" in self._heard

    def answer(self) -> dict[str, Any]:
        """Wait for the answer."""
        deadline = time.monotonic() + LAST
        while b"\n" not in self._heard:
            left = deadline - time.monotonic()
            if left <= 0:
                raise SandboxTrouble(reason=f"what runs in the container was not gone after {LAST:.0f} seconds")
            with _broken_off():
                self._connection.settimeout(left)
                self._listen()
        line, _, self._heard = self._heard.partition(b"\n")
        said = json.loads(line)
        assert isinstance(said, dict)
        if "trouble" in said:
            raise SandboxTrouble(reason=said["trouble"])
        return said

    def _listen(self) -> None:
        try:
            data = self._connection.recv(LINE)
        except (BlockingIOError, TimeoutError):
            return
        if not data:
            raise ConnectionResetError("the container is gone")
        self._heard += data


@contextmanager
def _broken_off() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise SandboxTrouble(reason=f"the container ended before its command did: {error}") from error


class Gate:
    """Where the first process of a container is awaited."""

    def __init__(self, place: Path, listener: socket.socket, cleanup: ExitStack) -> None:
        """Wait at this place."""
        self._place = place
        self._listener = listener
        self._cleanup = cleanup

    def first(self, failed: Callable[[], str]) -> Door:
        """Let the first process in, and close; its name is gone before any command could come to it."""
        connection = self._cleanup.enter_context(self._accepted(failed))
        self._listener.close()
        self._place.unlink()
        return Door(connection)

    def _accepted(self, failed: Callable[[], str]) -> socket.socket:
        deadline = time.monotonic() + READY
        self._listener.settimeout(0.25)
        while True:
            try:
                return self._listener.accept()[0]
            except TimeoutError:
                if why := failed():
                    raise SandboxTrouble(reason=f"the container did not start: {why}") from None
                if time.monotonic() > deadline:
                    raise SandboxTrouble(reason=f"the container was not ready after {READY:.0f} seconds") from None


@contextmanager
def opened(place: Path) -> Iterator[Gate]:
    """Listen at this place; when all is over, whoever came through finds the connection gone."""
    with ExitStack() as cleanup, socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
        folder = os.open(place.parent, os.O_PATH | os.O_DIRECTORY)
        cleanup.callback(os.close, folder)
        listener.bind(f"/proc/self/fd/{folder}/{place.name}")  # the name of a socket may have 107 bytes, that of a folder more
        place.chmod(0o666)
        listener.listen(1)
        yield Gate(place, listener, cleanup)


@dataclass
class Inside:
    """A command behind the door."""

    door: Door
    stdin: FileIO | None
    stdout: FileIO
    stderr: FileIO

    def bell(self, cleanup: ExitStack) -> int:  # noqa: ARG002  # it is open anyway
        """Give what becomes readable at its end."""
        return self.door.fileno()

    def ended(self) -> bool:
        """Whether it has ended by itself."""
        return self.door.answered()

    def finish(self) -> int:
        """End what is left of it, and say how it ended."""
        if not self.door.answered():
            self.door.end()
        return os.waitstatus_to_exitcode(self.door.answer()["status"])


@contextmanager
def started(door: Door, command: Command, request: Mapping[str, Any], report: ReportPipe | None, owner: int) -> Iterator[Inside]:
    """Start a command behind the door with pipes of its own, which it may open again by name."""
    with ExitStack() as ours, ExitStack() as theirs:
        stdin = None
        if command.talk:
            into = theirs.enter_context(command.talk.stdin)
        elif command.stdin:
            into, stdin = _pipe(theirs, ours)
        else:
            into = theirs.enter_context(FileIO(os.devnull))
        stdout, out = _pipe(ours, theirs)
        stderr, errors = _pipe(ours, theirs)
        pipes = [into, out, errors, *((theirs.enter_context(report.writer),) if report else ())]
        if os.geteuid() == 0:
            for pipe in pipes if command.stdin or command.talk else pipes[1:]:
                os.fchown(pipe.fileno(), owner, owner)
        door.ask(request, [pipe.fileno() for pipe in pipes])
        theirs.close()
        yield Inside(door, stdin, stdout, stderr)


def _pipe(read_end: ExitStack, write_end: ExitStack) -> tuple[FileIO, FileIO]:
    reader, writer = os.pipe()
    return read_end.enter_context(FileIO(reader, "rb")), write_end.enter_context(FileIO(writer, "wb"))
