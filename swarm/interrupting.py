"""Ctrl-C while a run goes on: the first one ends it in order, the second one at once."""

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

INTERRUPTED = 130


@contextmanager
def interruptible(note: Callable[[str], None]) -> Iterator[None]:
    """Say what the first Ctrl-C does, and let the second one do it without waiting for anything.

    Ending at once is as safe as a kill: what was acknowledged is kept, sandboxes die with their parent, and the next start
    or `swarm gc` clears the rest away.
    """

    def first(_: int, __: FrameType | None) -> None:
        signal.signal(signal.SIGINT, second)
        note("stopping in order; Ctrl-C once more stops at once")
        raise KeyboardInterrupt

    def second(_: int, __: FrameType | None) -> None:
        os._exit(INTERRUPTED)

    before = signal.signal(signal.SIGINT, first)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
