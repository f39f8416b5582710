"""The way out of the sandbox: records over a pipe that the tested code was never given."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import sys
import time
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

TEXT = 8_000
"""How much of one test's text is told; what lies between head and tail is left out."""
TEXTS = 4_000_000
"""How much text is told altogether: a suite that fails everywhere must not flood the pipe."""
FRAMES = 200


SHORTER = (1.0, 0.4, 0.2)
"""What hangs in one test hangs in the next as well: the parts of the first patience that the first, the second and others get."""
LONGER = 20
"""So many times the longest test that came to its end is never taken for hanging."""


class Hangs(BaseException):
    """Raised in a test that takes too much CPU time; no `Exception`, or tested code would catch it."""


class Clock:
    """Interrupts tests that take far too much CPU time."""

    def __init__(self, seconds: float) -> None:
        """Begin with so many seconds; zero: interrupt nothing."""
        self._seconds, self._longest, self._hung, self._limit = seconds, 0.0, 0, 0.0
        self._timer, self._kind, self._used = signal.setitimer, signal.ITIMER_PROF, time.process_time
        self._before, self._began = 0, 0.0

    def start(self) -> None:
        """Interrupt what runs from now on once its time is over, and every second then, for code that catches everything."""
        if not self._seconds:
            return
        share = SHORTER[min(self._hung, len(SHORTER) - 1)]
        self._limit = max(self._seconds * share, LONGER * self._longest)
        self._before, self._began = self._hung, self._used()
        signal.signal(signal.SIGPROF, self._interrupt)
        self._timer(self._kind, self._limit, 1.0)

    def stop(self) -> None:
        """The test is over."""
        if not self._seconds:
            return
        self._timer(self._kind, 0)
        if self._hung == self._before:
            self._longest = max(self._longest, self._used() - self._began)

    def _interrupt(self, *_: Any) -> None:
        self._hung += 1
        raise Hangs(f"it was interrupted after {self._limit:.1f} s of CPU time")


class Channel:
    """Tells one record after another. It keeps the functions that it needs, so that patching them later changes nothing."""

    def __init__(self, nonce: str) -> None:
        """Take the pipe over under another number, which no child process inherits. No nonce: only remember what to tell."""
        given = int(os.environ.pop("SWARM_REPORT_FD"))
        self._pipe = os.dup(given)
        os.close(given)
        # The program came in on standard input, and whoever goes back to its beginning reads what only the reporter may know.
        with open(os.devnull, "rb") as nothing:  # noqa: PTH123  # a number is needed
            os.dup2(nothing.fileno(), 0)
        self.root = str(Path.cwd())
        self.manner: Mapping[str, Any] = {}
        self.folder = ""
        self.clock = Clock(0.0)
        self._nonce, self._count, self._texts = nonce, 0, 0
        self._remembered: list[tuple[str, dict[str, object]]] | None = None if nonce else []
        self._write, self._encode = os.write, json.JSONEncoder().encode
        self._getpid, self._owner = os.getpid, os.getpid()
        self._clock, self._began = time.monotonic, time.monotonic()

    def arrange(self, first: Sequence[str], manner: Mapping[str, Any], environment: Mapping[str, str], folder: str = "") -> None:
        """Put these folders first on the path, here and in what tests start: an installation must not stand in for the tree.

        The project's own variables come now, when the reporter is loaded: a path in them could have hidden its modules. They are
        meant in the folder in which the project lies, and so is everything else from here on.
        """
        os.environ.update(environment)
        told = [os.path.join(folder, place) for place in environment.get("PYTHONPATH", "").split(os.pathsep) if place]  # noqa: PTH118
        folders = [str(Path(self.root, place)) for place in (*told, *first) if Path(self.root, place).is_dir()]
        sys.path[:0] = folders
        os.environ["PYTHONPATH"] = os.pathsep.join(folders)
        self.manner, self.clock, self.folder = manner, Clock(manner["cpu"]), folder
        os.chdir(Path(self.root, folder))

    def begin_anew(self, nonce: str, manner: Mapping[str, Any], *, remember: bool = False) -> None:
        """In a forked child: tell what this one does, after all that was remembered; if it is told already, only go on.

        `remember`: keep in mind what is told from here on as well, for other children.
        """
        told, self._owner = self._remembered, self._getpid()
        self.manner, self.clock = manner, Clock(manner["cpu"])
        self._remembered = [] if remember else None
        if nonce != self._nonce:
            self._nonce, self._count, self._began = nonce, 0, self._clock()
            for kind, facts in told or ():
                self.tell(kind, **facts)

    def seen_from_here(self, path: str) -> str:
        """A path of the worktree as a tool understands it that is run in the folder of the project."""
        return os.path.relpath(path, self.folder) if self.folder else path

    def rank(self, name: str) -> tuple[str, ...]:
        """Where a test stands in an order by seed: the tests of a file, and those of a class in it, stay together."""
        parts = name.split("::")
        heads = ["::".join([self.manner["shuffle"], *parts[: count + 1]]) for count in range(len(parts))]
        return tuple(hashlib.sha256(head.encode("utf-8", "surrogateescape")).hexdigest() for head in heads)

    def tell_origins(self) -> None:
        """Tell from where the project's own modules were imported."""
        own, inside = set(self.manner["own"]), self.root + os.sep
        modules: dict[str, str] = {}
        for name, module in sorted(sys.modules.items()):
            place = getattr(module, "__file__", None)
            if name.partition(".")[0] in own and isinstance(place, str):
                modules[name] = place[len(inside) :] if place.startswith(inside) else place  # noqa: FURB188  # Python 3.8
        self.tell("origins", modules=modules)

    def tell(self, kind: str, **facts: object) -> None:
        """Send one record. A forked child stays silent: it would tell everything a second time."""
        if self._getpid() != self._owner:
            return
        if self._remembered is not None:
            self._remembered.append((kind, facts))
        if not self._nonce:
            return
        record = {"nonce": self._nonce, "count": self._count, "at": round(self._clock() - self._began, 3), "kind": kind, **facts}
        line = self._encode(record).encode("ascii") + b"\n"
        self._count += 1
        while line:
            line = line[self._write(self._pipe, line) :]

    def short(self, text: str) -> str:
        """The text, or its head and tail, or nothing when enough was told."""
        if self._texts > TEXTS:
            return ""
        gap = f"\n[… {len(text) - TEXT} characters left out …]\n"
        kept = text if len(text) <= TEXT else text[: TEXT // 2] + gap + text[-TEXT // 2 :]
        self._texts += len(kept)
        return kept

    def raised(self, error: BaseException) -> dict[str, object]:
        """What there is to know about an exception: its class, its first line, where it passed through."""
        said = "".join(traceback.format_exception_only(type(error), error)).strip()
        return {"error": type(error).__name__, "message": said.split("\n")[0][:500], "frames": self._frames(error)}

    def _frames(self, error: BaseException) -> list[tuple[str, int, str]]:
        """Where in the tree the exception passed through, outermost first; then the same for what it was raised from."""
        frames: list[tuple[str, int, str]] = []
        seen: list[BaseException] = []
        cause: BaseException | None = error
        while cause is not None and cause not in seen and len(frames) < FRAMES:
            seen.append(cause)
            for frame, line in traceback.walk_tb(cause.__traceback__):
                code = frame.f_code.co_filename
                name = "" if code.startswith("<") else str(Path(code).absolute())  # <…> is no file
                if name.startswith(self.root + os.sep):
                    frames.append((name[len(self.root) + 1 :], line, frame.f_code.co_name))
            cause = cause.__cause__ or cause.__context__
        return frames[-FRAMES:]
