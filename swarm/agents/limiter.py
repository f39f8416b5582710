"""One gate for all calls of all agents to one provider: when it asks for a pause, everybody pauses."""

import random
import threading
import time
from collections.abc import Callable

from swarm.agents.patience import Patience

SLICE = 0.1
"""Seconds between two looks at whether somebody who waits is still wanted."""


class Limiter:
    """Lets calls through, one after the other after a pause, so that they do not all come at once again."""

    def __init__(self, patience: Patience) -> None:
        self._patience = patience
        self._lock = threading.Lock()
        self._open_at = 0.0
        self._failures = 0
        self._random = random.Random()  # noqa: S311 - spreads waits, keeps no secret

    def enter(self, stopped: Callable[[], bool]) -> bool:
        """Wait for one's turn; False: whoever waits is not wanted any more."""
        turn = self._turn()
        while (left := turn - time.monotonic()) > 0:
            if stopped():
                return False
            time.sleep(min(left, SLICE))
            turn = max(turn, self._open_at)  # the pause may have become longer meanwhile
        return not stopped()

    def back_off(self, asked: float | None) -> None:
        """A call failed: nobody calls before the pause is over that the provider asked for, or that is customary."""
        with self._lock:
            self._failures += 1
            customary = self._patience.shortest * 2.0 ** min(self._failures - 1, 30)
            pause = asked if asked is not None else self._random.uniform(customary / 2, customary)
            self._open_at = max(self._open_at, time.monotonic() + min(pause, self._patience.longest))

    def went_well(self) -> None:
        """A call came through."""
        with self._lock:
            self._failures = 0

    def _turn(self) -> float:
        """When this caller may go: at once, or some time after the pause, each a little later than the one before."""
        with self._lock:
            now = time.monotonic()
            if self._open_at <= now and not self._failures:
                return now
            return max(self._open_at, now) + self._random.uniform(0, self._patience.shortest)
