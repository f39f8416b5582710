"""Forks children that do the steps, watches over them, and clears up behind those that die."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import time
from collections import deque
from time import monotonic
from typing import TYPE_CHECKING, Any

from .arena import FINE, SPOILED, Arena

if TYPE_CHECKING:
    from collections.abc import Callable

Record = dict[str, Any]
OVERDUE = "it did not answer in time"
TICK = 0.05
SHARE = 0.25  # seconds of work that a child should get, beside which its birth costs little


class Nursery:
    """Several children at once. Each does steps until it is no longer clean; what it leaves undone, another one does."""

    def __init__(
        self,
        act: Callable[[Any, Arena], tuple[Record, bool]],
        done: Callable[[Any, Record], None],
        cores: int,
        until: float,
        sound: Callable[[Any, Arena], bool] = lambda *_: True,
    ) -> None:
        """`act` does a step in a child and says whether the child is still clean; `done` hears of it here.

        A child that did several steps asks `sound`, with the last of them, whether it still is what it was. If it is not, none
        of what it found counts, and every step gets a child of its own.
        """
        self._act, self._done, self._until, self._sound = act, done, until, sound
        self._most = 1000
        self._idle = [Arena() for _ in range(cores)]
        self._busy: dict[int, tuple[Arena, list[Any], float, bool]] = {}
        self._size = 4
        self.queue: deque[Any] = deque()
        self.alone: deque[Any] = deque()
        """Steps that want a child for themselves; they go first."""

    def run(self) -> None:
        """Go on until there is nothing left to do, or no time."""
        self._theirs = signal.signal(signal.SIGCHLD, signal.SIG_DFL)  # a project that ignores it would hide our children
        while self._busy or ((self.queue or self.alone) and monotonic() < self._until):
            while self._idle and (self.queue or self.alone) and monotonic() < self._until:
                self._bear()
            self._wait()
            for pid in list(self._busy):
                self._look_after(pid)

    def _bear(self) -> None:
        arena = self._idle.pop()
        arena.clear()
        source, count = (self.alone, 1) if self.alone else (self.queue, min(self._size, len(self.queue)))
        steps = [source.popleft() for _ in range(count)]
        pid = os.fork()
        if not pid:
            self._live(arena, steps)
        self._busy[pid] = (arena, steps, monotonic(), False)

    def _live(self, arena: Arena, steps: list[Any]) -> None:
        """Be the child. It never returns."""
        leave = os._exit
        try:
            os.setpgid(0, 0)
            if self._theirs is not None:
                signal.signal(signal.SIGCHLD, self._theirs)
            end = monotonic() + 2 * SHARE
            count = 0
            clean = True
            while clean and count < len(steps) and monotonic() < end:
                record, clean = self._tried(steps[count], arena)
                clean = arena.add(record) and clean
                count += 1
            arena.finish(sound=count < 2 or not clean or self._sound(steps[count - 1], arena))
        finally:
            leave(0)

    def _tried(self, step: Any, arena: Arena) -> tuple[Record, bool]:
        try:
            return self._act(step, arena)
        except BaseException as error:  # noqa: BLE001  # whatever the project raises at whatever moment ends this child only
            return {"outcome": "died", "why": f"{type(error).__name__}: {error}"[:500]}, False

    def _wait(self) -> None:
        """Sleep until a child ends, or a tick."""
        with contextlib.ExitStack() as opened:
            try:
                handles = [os.pidfd_open(pid) for pid in self._busy]
            except (AttributeError, OSError):  # not Linux, an old kernel, or a strict sandbox
                time.sleep(0.002)
                return
            for handle in handles:
                opened.callback(os.close, handle)
            select.select(handles, [], [], TICK)

    def _look_after(self, pid: int) -> None:
        arena, steps, began, killed = self._busy[pid]
        overdue = arena.overdue()
        if overdue:
            _kill(pid)
            self._busy[pid] = (arena, steps, began, True)
        ended, status = os.waitpid(pid, 0 if overdue else os.WNOHANG)
        if ended:
            _kill_group(pid)  # what it started itself
            del self._busy[pid]
            self._idle.append(arena)
            self._settle(arena, steps, began, OVERDUE if overdue or killed else f"it ended with status {status}")

    def _settle(self, arena: Arena, steps: list[Any], began: float, end: str) -> None:
        """Hand on what the child did; the step at which it died is done as well; the rest is for others."""
        records = arena.records()[: len(steps)]
        left = steps[len(records) :]
        if arena.ending() == SPOILED:
            self.alone.extend(steps[: len(records)])
            self.queue.extendleft(reversed(left))
            self._size = self._most = 1
            return
        for step, record in zip(steps, records):  # noqa: B905  # Python 3.9 has no strict zip
            self._done(step, record)
        if left and (arena.ending() != FINE or not records):
            outcome = "timed out" if end == OVERDUE else "died"
            self._done(left[0], {"outcome": outcome, "why": end})
            left = left[1:]
        if len(steps) > 1 or not left:
            self._adapt(len(records), monotonic() - began)
        self.queue.extendleft(reversed(left))

    def _adapt(self, count: int, seconds: float) -> None:
        wanted = int(count / max(seconds, 0.001) * SHARE)
        self._size = max(1, min(wanted, 4 * self._size, self._most))


def _kill(pid: int) -> None:
    _kill_group(pid)
    os.kill(pid, signal.SIGKILL)  # it may not have got its own group yet; it is not reaped, so the number is its own


def _kill_group(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):  # nobody left; on macOS, a group of zombies
        os.killpg(pid, signal.SIGKILL)
