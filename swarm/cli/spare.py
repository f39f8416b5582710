"""The program of a spare: it gets ready for the next triage of a repository, waits to be called, and is that triage.

`python -m swarm.cli.spare DOOR TOP MINUTES`, with the settings on its standard input.
"""

import gc
import os
import select
import signal
import socket
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType

from sandboxes.repository import Repository
from sandboxes.trouble import Trouble
from swarm.cli import triaging
from swarm.cli.door import ended, log
from swarm.cli.here import Here
from swarm.settings import sources, trust
from swarm.settings.values import Settings
from swarm.spares import SUFFIX, Caller, nearby
from swarm.triage import answers, outputs
from swarm.triage.ready import Ready
from swarm.triage.story import rehearse

LOOK = 1.0
"""Seconds after which it looks whether it is still wanted."""
LOADED = (triaging, answers, outputs, sources, trust)
"""What a triage needs beside what is needed here."""


class Waiting:
    """A door, and whoever comes through it."""

    def __init__(self, place: Path, listening: socket.socket) -> None:
        """Open the door; close all others of this repository."""
        self._place, self._listening = place, listening
        self._talk: socket.socket | None = None
        """Kept open until the end of this process: that is how whoever is at the other end of it knows."""
        draft = place.with_suffix(f".{os.getpid()}")
        with nearby(draft) as name:
            listening.bind(name)
        listening.listen(1)
        self._mark = draft.stat().st_ino
        for other in place.parent.glob(f"*{SUFFIX}"):
            if other != place:
                other.unlink(missing_ok=True)
        draft.replace(place)

    def caller(self, until: float) -> Caller | None:
        """The first who comes; None: nobody will."""
        while self._wanted() and time.monotonic() < until:
            if select.select([self._listening], [], [], LOOK)[0]:
                self._talk, _ = self._listening.accept()
                self.close()
                self._talk.settimeout(LOOK)
                return Caller.of(self._talk)
        return None

    def close(self) -> None:
        """Let nobody else in."""
        if self._wanted():
            self._place.unlink(missing_ok=True)
        self._listening.close()

    def _wanted(self) -> bool:
        """Whether the door is still this one's: who takes its place, or takes all away, needs say no more."""
        try:
            return self._place.stat(follow_symlinks=False).st_ino == self._mark
        except OSError:
            return False


@contextmanager
def waiting(place: Path) -> Iterator[Waiting]:
    """Wait behind a door."""
    with socket.socket(socket.AF_UNIX) as listening:
        wait = Waiting(place, listening)
        try:
            yield wait
        finally:
            wait.close()


def served(caller: Caller, ready: Ready) -> Here:
    """Be the command that somebody has called, and tell him how it ended."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    tempfile.tempdir = None  # his may be another one
    caller.talk.settimeout(None)
    caller.taken_for_own()
    sys.stdout.reconfigure(line_buffering=os.isatty(1))  # type: ignore[union-attr]  # it is a text file as ever
    threading.Thread(target=caller.heed, daemon=True).start()
    here = Here(ready=ready)
    code = ended(here)
    for stream in (sys.stdout, sys.stderr):
        with suppress(BrokenPipeError):  # nobody reads it any more
            stream.flush()
    caller.answer(code)
    return here


def main() -> None:
    """Get ready, wait, and serve once."""
    place, top, minutes = Path(sys.argv[1]), Path(sys.argv[2]), float(sys.argv[3])
    settings = Settings.from_json(sys.stdin.read())
    signal.signal(signal.SIGTERM, _leave)
    try:
        here = waited(place, top, settings, minutes)
    except Trouble:  # whoever asks next will be told of it
        return
    except Exception as error:  # noqa: BLE001 - nobody else is there to catch it
        log(error)
        return
    for what in here.last if here else ():
        what()


def waited(place: Path, top: Path, settings: Settings, minutes: float) -> Here | None:
    """Wait behind this door for whoever comes, and serve him; None: nobody came."""
    with Ready.opened(Repository.at(top), settings, patient=True) as ready:
        if not rehearse(ready):
            return None
        gc.collect()
        gc.freeze()
        if not place.parent.is_dir():  # meanwhile somebody wanted none to be here
            return None
        with waiting(place) as wait:
            caller = wait.caller(time.monotonic() + 60 * minutes)
        return served(caller, ready) if caller is not None else None


def _leave(_: int, __: FrameType | None) -> None:
    sys.exit(0)


if __name__ == "__main__":
    main()
