"""What goes on when nothing has been told for a while: one line, so that nobody takes a long step for a dead one."""

from collections.abc import Callable
from dataclasses import dataclass, field

from swarm.board import Board, WorkerSeen
from swarm.events import Event

EVERY = 10.0
"""Seconds of silence after which such a line comes."""


@dataclass
class Steady:
    """Knows what goes on, and since when."""

    done: Callable[[], str] = lambda: ""
    """What has been counted of it so far, in words."""
    every: float = EVERY
    _board: Board = field(default_factory=Board)
    _stage: tuple[str, float] = ("", 0.0)
    _doing: dict[str, tuple[str, float]] = field(default_factory=dict)
    """What each worker does, and since when."""
    _told: float = 0.0

    def take_in(self, seconds: float, event: Event) -> None:
        """Note what happened, so many seconds after the run began; somebody was told of it."""
        self._board, self._told = self._board.after(event), seconds
        if self._board.stage != self._stage[0]:
            self._stage = (self._board.stage, seconds)
        working = {worker.worker: _doing(worker) for worker in self._board.workers.values() if worker.state == "working"}
        self._doing = {name: self._since(name, doing, seconds) for name, doing in working.items()}

    def _since(self, name: str, doing: str, seconds: float) -> tuple[str, float]:
        before = self._doing.get(name)
        return before if before and before[0] == doing else (doing, seconds)

    def line(self, seconds: float) -> str:
        """What goes on now; empty: it is not time yet for such a line, or nothing goes on."""
        if seconds - self._told < self.every or self._board.state in {"waiting", "ended"}:
            return ""
        self._told = seconds
        doing = [f"{what} for {seconds - since:.0f} s" for what, since in self._doing.values()] or [self._staged(seconds)]
        done = self.done()
        return f"{seconds:7.1f}s  still {'; '.join(doing)}" + (f" ({done})" if done else "")

    def _staged(self, seconds: float) -> str:
        stage, since = self._stage
        return f"at stage {stage or 'intake'} for {seconds - since:.0f} s"


def _doing(worker: WorkerSeen) -> str:
    """A worker's step as the line says it."""
    return f"{worker.worker} t{worker.task}: {worker.action or 'begins'}"
