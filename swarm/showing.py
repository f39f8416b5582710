"""The screen put before a run: what happens goes up to it, what the person wishes goes down into the store."""

import os
import secrets
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from sandboxes.presence import somebody
from sandboxes.trouble import Trouble
from swarm.blackboard.journal import Entry
from swarm.blackboard.requests import Wish
from swarm.blackboard.runs import Run
from swarm.blackboard.store import Store
from swarm.deeds import Deeds
from swarm.errors import UsageError, shown
from swarm.settings.places import MIRROR, RUNNING
from swarm.settings.values import Settings
from tui.app import SwarmApp
from tui.given import Ask, Given, Moment
from tui.replay import Replay

LOOK = 0.5
"""Seconds between two looks whether the process that opened the screen is still there."""
GRACE = 3.0
"""Seconds that it gets then to leave in order."""
LETTERS = {"task": "t", "finding": "f", "evidence": "f", "candidate": "c"}
"""How `swarm show` calls what the screen looks up."""


@dataclass(frozen=True)
class Window:
    """What the screen may see of one run, and ask of it."""

    store: Store
    run: Run
    folder: Path
    """Where the state of the repository is kept."""

    def moments(self, after: int, limit: int) -> Sequence[Moment]:
        """What happened after a position."""
        return self._of(self.store.entries(self.run.name, after, limit))

    def standing(self) -> Sequence[Moment]:
        """As much of what happened as the board of this moment is made of."""
        return self._of(self.store.standing(self.run.name))

    def _of(self, entries: Sequence[Entry]) -> Sequence[Moment]:
        return [Moment(entry.position, entry.at - self.run.started, entry.event) for entry in entries]

    def clock(self) -> float:
        """Seconds since the run began."""
        return time.time() - self.run.started

    def alive(self) -> bool:
        """Whether a process works on the run."""
        return somebody(self.folder / f"{self.run.name}{RUNNING}")

    def look(self, kind: str, number: int) -> str:
        """A thing in depth; what cannot be read says why."""
        try:
            return self._diff(number) if kind == "diff" else self._told(kind, number)
        except Trouble as trouble:
            return shown(trouble)

    def raw(self, digest: str) -> str:
        """What is kept under a digest; what cannot be read says why."""
        try:
            return self.store.raw(digest).decode("utf-8", "replace")
        except Trouble as trouble:
            return shown(trouble)

    def _told(self, kind: str, number: int) -> str:
        from swarm.report import thing_shown  # noqa: PLC0415 - as in `_diff`

        text, _ = thing_shown(self.store, self.run.name, f"{LETTERS[kind]}{number}")
        if kind != "finding":
            return text
        finding = self.store.finding(self.run.name, number)
        deeper = "\n\nEnter shows the evidence." if finding.evidence else "\n\nIt has no evidence of its own."
        return f"{finding.kind}: {finding.state.value}\n{finding.gist}\n\n{finding.summary}\n{finding.reason}{deeper}"

    def _diff(self, number: int) -> str:
        from sandboxes.mirror import Mirror  # noqa: PLC0415 - the screen is there sooner without it, and few ask for a diff at once

        candidate = self.store.candidate(self.run.name, number)
        mirror = Mirror.at(self.folder / MIRROR)
        return mirror.diff(mirror.tree(candidate.base), candidate.tree).decode("utf-8", "replace")

    def wish(self, kind: str, target: str, text: str) -> str:
        """Ask something of the run; it answers in its own time."""
        try:
            if self.store.run(self.run.name).ended is not None:
                return f"{kind}: the run has ended"
            if not self.alive():
                return f"{kind}: nobody works on this run; `swarm resume {self.run.name}` goes on with it"
            self.store.request(self.run.name, Wish(kind), target, text)
        except Trouble as trouble:
            return shown(trouble)
        return f"asked: {' '.join(filter(None, (kind, target)))}"


def on_screen(store: Store, run: Run, folder: Path, deeds: Deeds, looks: Settings) -> None:
    """Show a run until the person leaves."""
    window = Window(store, run, folder)

    def deed(kind: str, target: str, ask: Ask) -> str:
        try:
            return deeds.do(kind, target, ask)
        except Trouble as trouble:
            return shown(trouble)

    given = Given(
        source=window.moments,
        standing=window.standing,
        look=window.look,
        wish=window.wish,
        clock=window.clock,
        raw=window.raw,
        deed=deed,
        alive=window.alive,
    )
    _show(given, looks)


def again_on_screen(store: Store, run: Run, folder: Path, speed: float, looks: Settings) -> None:
    """Show a run again from its beginning, at some speed."""
    window, told = Window(store, run, folder), list[Moment]()
    while batch := window.moments(told[-1].position if told else 0, 1000):
        told += batch
    replay = Replay(told, time.monotonic, time.monotonic(), speed)
    given = Given(source=replay, look=window.look, wish=_nothing, clock=replay.clock, raw=window.raw, deed=_nothing)
    _show(given, looks)


def _nothing(kind: str, _target: str, _more: object) -> str:
    return f"{kind}: this is a replay, nothing can be asked of it"


def in_browser(run: Run, top: Path, port: int, more: Sequence[str], say: Callable[[str], None]) -> None:
    """Show a run to a browser of this machine, until the person ends it; each visitor has a screen of their own."""
    from tui import web  # noqa: PLC0415 - a screen in the terminal does without a server

    secret = secrets.token_urlsafe(24)
    command = [sys.executable, "-P", "-m", "swarm", "-C", str(top), "watch", run.name, "--opened-by", str(os.getpid()), *more]
    try:
        door = web.listening(port)
    except OSError as error:
        what = f"Port {port} cannot be had: {error.strerror}."
        raise UsageError(what=what, remedy="Without --port, a free one is taken.") from error
    with door:
        say(f"http://{web.HOME}:{door.getsockname()[1]}/{secret}/")
        web.serve(command, f"swarm: {run.title}", secret, door)


@contextmanager
def ending_with(opener: int | None) -> Iterator[None]:
    """End the screen in order when the process that opened it has gone: nobody else would give the terminal back."""
    over = threading.Event()

    def look() -> None:
        while not over.wait(LOOK):
            if os.getppid() != opener:
                os.kill(os.getpid(), signal.SIGTERM)
                time.sleep(GRACE)
                os._exit(143)  # a browser's screen waits for ever for what nobody sends any more

    thread = threading.Thread(target=look, name="opener", daemon=True)
    if opener is not None:
        thread.start()
    try:
        yield
    finally:
        over.set()


def _show(given: Given, looks: Settings) -> None:
    app = SwarmApp(replace(given, plain_signs=_ascii_only(), bell=looks.bell, theme=looks.theme))
    app.run()
    if app.trouble is not None:
        raise app.trouble


def _ascii_only() -> bool:
    return "utf" not in (sys.stdout.encoding or "").lower()
