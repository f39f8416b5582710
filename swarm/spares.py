"""Spares: processes that have everything loaded and a sandbox open, each of which waits to be the next triage of a repository.

Whoever asks for one hands his words, his surroundings and his own input and output over to it, and ends as it ends. A spare does
this once. Nothing depends on there being one: whoever finds none, or loses it in the middle, does the work himself.
"""

import json
import os
import signal
import socket
import struct
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

SUFFIX = ".door"
STANDARD = (0, 1, 2)
"""The files for input and output that are handed over."""
SIZE = struct.Struct(">Q")
TAKEN, INTERRUPT, TERMINATE = b"T", b"I", b"E"
PATIENCE = 1.0
"""Seconds within which a spare takes what it is handed; it has nothing else to do."""
CHUNK = 65536
MOST = 64 * 1024 * 1024
"""Bytes of words and surroundings that are taken."""
WORLD = ("mnt", "pid", "net", "user", "ipc", "uts")
"""What may set two processes of one machine apart that share a folder."""
SPOKEN = ("LANG", "LC_", "PYTHON")
"""Variables that an interpreter goes by from its start."""


def door(folder: Path, facts: Sequence[str], environ: Mapping[str, str]) -> Path:
    """Where a spare waits for whoever finds these facts, and lives as the one does who asks now."""
    import hashlib  # noqa: PLC0415 - loaded already where there are facts

    own = [str(fact) for fact in (os.geteuid(), os.getegid(), sorted(os.getgroups()), sys.executable)]
    own += [os.readlink(place) for name in WORLD if os.path.exists(place := f"/proc/self/ns/{name}")]  # noqa: PTH110, PTH115
    own += sorted(f"{name}={value}" for name, value in environ.items() if name.startswith(SPOKEN))
    key = hashlib.sha256("\0".join((*facts, *own)).encode("utf-8", "surrogateescape")).hexdigest()
    return folder / f"{key[:32]}{SUFFIX}"


def handed_over(place: Path, words: Sequence[str]) -> int | None:
    """Have the spare behind this door do what these words ask for, and say how it ended; None: it did not."""
    talk = _knocked(place)
    if talk is None:
        return None
    with closing(talk), _passing_on(talk) as pass_on:
        try:
            talk.settimeout(PATIENCE)
            _hand_over(talk, words)
            if talk.recv(1) != TAKEN:
                return None
            talk.settimeout(None)
            pass_on()
            end = talk.recv(1)
        except OSError:
            return None
    return end[0] if end else None


def dismiss(folder: Path) -> None:
    """End all that wait here, and see them gone; whoever is still getting ready finds no place to wait, and ends."""
    for place in sorted(folder.glob("*")):
        talk = _knocked(place)
        place.unlink(missing_ok=True)
        if talk is not None:
            with closing(talk), suppress(OSError):
                talk.shutdown(socket.SHUT_WR)
                talk.settimeout(10 * PATIENCE)
                talk.recv(1)
    with suppress(OSError):  # there is none, or somebody comes just now
        folder.rmdir()


def leave(place: Path, top: Path, settings: str, minutes: float) -> None:
    """Have a spare wait behind this door from soon on, instead of any other of this repository."""
    import subprocess  # noqa: PLC0415 - whoever hands over needs none

    words = (sys.executable, "-P", "-m", "swarm.cli.spare", str(place), str(top), str(minutes))
    environ = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}  # a hook is told of its commit
    nowhere = subprocess.DEVNULL
    try:
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        begun = subprocess.Popen(
            words, stdin=subprocess.PIPE, stdout=nowhere, stderr=nowhere, start_new_session=True, env=environ, cwd=place.parent
        )
    except OSError:  # the verdict has been told, and must not end otherwise because nobody can wait for the next one
        return
    assert begun.stdin is not None
    with suppress(BrokenPipeError), begun.stdin as told:  # if it is gone already, it will not be missed
        told.write(settings.encode())


def _knocked(place: Path) -> socket.socket | None:
    """A connection with whoever waits behind this door; None: nobody does."""
    if not place.exists():
        return None
    talk = socket.socket(socket.AF_UNIX)
    try:
        with nearby(place) as name:
            talk.connect(name)
    except OSError as error:
        if isinstance(error, ConnectionRefusedError):  # who waited here was killed
            place.unlink(missing_ok=True)
        talk.close()
        return None
    return talk


@contextmanager
def nearby(place: Path) -> Iterator[str]:
    """Stand beside a door, and give its name from there: a whole path may be longer than the system allows for one."""
    here = os.open(".", os.O_RDONLY)
    os.chdir(place.parent)
    try:
        yield place.name
    finally:
        os.fchdir(here)
        os.close(here)


def _hand_over(talk: socket.socket, words: Sequence[str]) -> None:
    umask = os.umask(0o077)
    os.umask(umask)
    facts = {"words": list(words), "folder": os.getcwd(), "environ": dict(os.environ), "umask": umask}  # noqa: PTH109
    content = json.dumps(facts).encode("ascii")
    socket.send_fds(talk, [SIZE.pack(len(content))], STANDARD)
    talk.sendall(content)


@contextmanager
def _passing_on(talk: socket.socket) -> Iterator[Callable[[], None]]:
    """Tell the spare what somebody wishes of this process, once it is said that it may be told: it belongs to no terminal.

    A wish before that waits, or it would stand in the middle of what is handed over.
    """

    def tell(wish: bytes) -> None:
        with suppress(OSError):  # it has ended just now
            talk.send(wish)

    def interrupt(_: int, __: FrameType | None) -> None:
        tell(INTERRUPT)

    def terminate(_: int, __: FrameType | None) -> None:
        tell(TERMINATE)

    def begin() -> None:
        signal.pthread_sigmask(signal.SIG_SETMASK, heard)

    wishes = {signal.SIGINT: interrupt, signal.SIGTERM: terminate}
    heard = signal.pthread_sigmask(signal.SIG_BLOCK, wishes)
    before = {number: signal.signal(number, what) for number, what in wishes.items()}
    try:
        yield begin
    finally:
        for number, what in before.items():
            signal.signal(number, what)
        signal.pthread_sigmask(signal.SIG_SETMASK, heard)


@dataclass(frozen=True)
class Caller:
    """Whoever has handed over to this spare."""

    talk: socket.socket
    words: tuple[str, ...]
    folder: str
    environ: Mapping[str, str]
    umask: int
    files: tuple[int, ...]
    answered: threading.Event = field(default_factory=threading.Event)

    @classmethod
    def of(cls, talk: socket.socket) -> "Caller | None":
        """Take what is handed over; None: he only wants this spare to end."""
        head, files, _, _ = socket.recv_fds(talk, SIZE.size, len(STANDARD))
        if len(head) != SIZE.size or len(files) != len(STANDARD):
            for number in files:
                os.close(number)
            return None
        (size,) = SIZE.unpack(head)
        content = bytearray()
        while len(content) < size <= MOST and (data := talk.recv(min(CHUNK, size - len(content)))):
            content += data
        told = json.loads(content)
        return cls(talk, tuple(told["words"]), told["folder"], told["environ"], told["umask"], tuple(files))

    def taken_for_own(self) -> None:
        """Be what he would have been: in his folder, with his surroundings, input and output."""
        os.environ.clear()
        os.environ.update(self.environ)
        os.chdir(self.folder)
        os.umask(self.umask)
        for number, given in zip(STANDARD, self.files, strict=True):
            os.dup2(given, number)
            os.close(given)
        sys.argv[1:] = self.words
        self.talk.sendall(TAKEN)

    def heed(self) -> None:
        """Do to this process whatever is done to him, until he has been answered. If he is gone, nobody wants it any more."""
        signals = {INTERRUPT: signal.SIGINT, TERMINATE: signal.SIGTERM, b"": signal.SIGTERM}
        with suppress(OSError):
            wish = INTERRUPT
            while wish and (wish := self.talk.recv(1)) in signals and not self.answered.is_set():
                os.kill(os.getpid(), signals[wish])

    def answer(self, code: int) -> None:
        """Say how it ended, and have nothing of his any more: whoever reads what he prints waits until nobody can."""
        self.answered.set()
        with open(os.devnull, "r+b") as nowhere:  # noqa: PTH123 - a number is needed
            for number in STANDARD:
                os.dup2(nowhere.fileno(), number)
        with suppress(OSError):  # he is gone
            self.talk.sendall(bytes([code]))
            self.talk.shutdown(socket.SHUT_RDWR)
