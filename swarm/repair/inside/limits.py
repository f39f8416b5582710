"""What ends an edit that does not end by itself: fuel in its own loops, then an alarm on CPU time; and a cap on memory."""

from __future__ import annotations

import builtins
import os
import resource
import signal
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

BURN = "swarm's fuel"
"""No identifier, so no program can have a name like it."""
FUEL, TIME = "out of fuel", "out of time"
AGAIN = 0.02  # seconds until the next alarm, for code that catches everything


class OutOfFuel(BaseException):
    """The loops of the edited function turned too often."""


class OutOfTime(BaseException):
    """A test took too much CPU time."""


class Limits:
    """The limits of the test that runs in this process."""

    def __init__(self) -> None:
        """Put the fuel where instrumented code finds it."""
        self.fuel = 0
        self.exhausted = ""
        """Which limit was reached, even if the code swallowed what was raised."""
        self._timer, self._kind = signal.setitimer, signal.ITIMER_PROF

    def install(self) -> None:
        """Begin to limit this process."""
        setattr(builtins, BURN, self._burn)

    def _burn(self) -> None:
        self.fuel -= 1
        if self.fuel < 0:
            self.exhausted = self.exhausted or FUEL
            raise OutOfFuel

    def _alarm(self, *_: Any) -> None:
        self.exhausted = TIME
        raise OutOfTime

    @contextmanager
    def cpu(self, seconds: float, fuel: int) -> Iterator[None]:
        """Give what runs here so many seconds of CPU time and so much fuel."""
        self.exhausted, self.fuel = "", fuel
        signal.signal(signal.SIGPROF, self._alarm)
        self._timer(self._kind, seconds, AGAIN)
        try:
            yield
        finally:
            self._timer(self._kind, 0)


def cap_memory(more: int) -> None:
    """Let this process take so many bytes more than it has."""
    try:
        with open("/proc/self/statm", "rb") as statm:  # noqa: PTH123  # pathlib may be what the project broke
            size = int(statm.read().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return  # not Linux: there the cap would not be kept either
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    wanted = size + more
    if hard == resource.RLIM_INFINITY or wanted < hard:
        resource.setrlimit(resource.RLIMIT_AS, (wanted, hard))
