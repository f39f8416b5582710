"""The screen put before a run: what happens goes up to it, what the person wishes goes down into the store."""

import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from sandboxes.mirror import Mirror
from sandboxes.presence import somebody
from sandboxes.trouble import Trouble
from swarm.blackboard.requests import Wish
from swarm.blackboard.runs import Run
from swarm.blackboard.store import Store
from swarm.deeds import Deeds
from swarm.errors import shown
from swarm.report import thing_shown
from swarm.settings.places import MIRROR, RUNNING
from swarm.settings.values import Settings
from tui.app import SwarmApp
from tui.given import Ask, Given, Moment
from tui.replay import Replay

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
        entries = self.store.entries(self.run.name, after, limit)
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
        text, _ = thing_shown(self.store, self.run.name, f"{LETTERS[kind]}{number}")
        if kind != "finding":
            return text
        finding = self.store.finding(self.run.name, number)
        deeper = "\n\nEnter shows the evidence." if finding.evidence else "\n\nIt has no evidence of its own."
        return f"{finding.kind}: {finding.state.value}\n{finding.gist}\n\n{finding.summary}\n{finding.reason}{deeper}"

    def _diff(self, number: int) -> str:
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

    given = Given(source=window.moments, look=window.look, wish=window.wish, clock=window.clock, raw=window.raw, deed=deed,
                  alive=window.alive, name=run.name)  # fmt: skip
    _show(given, looks)


def again_on_screen(store: Store, run: Run, folder: Path, speed: float, looks: Settings) -> None:
    """Show a run again from its beginning, at some speed."""
    window, told = Window(store, run, folder), list[Moment]()
    while batch := window.moments(told[-1].position if told else 0, 1000):
        told += batch
    replay = Replay(told, time.monotonic, time.monotonic(), speed)
    given = Given(source=replay, look=window.look, wish=_nothing, clock=replay.clock, raw=window.raw, deed=_nothing,
                  name=run.name)  # fmt: skip
    _show(given, looks)


def _nothing(kind: str, _target: str, _more: object) -> str:
    return f"{kind}: this is a replay, nothing can be asked of it"


def _show(given: Given, looks: Settings) -> None:
    ascii_only = "utf" not in (sys.stdout.encoding or "").lower()
    app = SwarmApp(replace(given, plain_signs=ascii_only, bell=looks.bell, theme=looks.theme))
    app.run()
    if app.trouble is not None:
        raise app.trouble
