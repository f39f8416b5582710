"""The screen beside a run: a process of its own, so that whatever becomes of the screen, the run goes on."""

import signal
import subprocess
import sys
import termios
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from types import FrameType
from typing import Any

from swarm.errors import Interrupted

LEFT = "\x1b[?1049l\x1b[?25h\x1b[?1000l\x1b[?1002l\x1b[?1003l\x1b[?1004l\x1b[?1006l\x1b[?1015l\x1b[?2004l\x1b[<u\x1b[0m"
"""What a terminal is told by a screen that leaves in order: the other page, the cursor, the mouse, pasting and keys as before."""


@dataclass
class Beside:
    """A screen that was opened on this terminal."""

    process: "subprocess.Popen[bytes]"
    before: list[Any]
    """How the terminal was set before the screen was opened."""
    _left: bool = field(default=False, init=False)

    def shown(self) -> bool:
        """Whether it is still there; the first time that it is not, the terminal is made fit for lines again."""
        if not self._left and self.process.poll() is not None:
            self._left = True
            if self.process.returncode:  # it was killed, and could put nothing in order itself
                self._restore()
        return not self._left

    def _restore(self) -> None:
        with suppress(termios.error, OSError):  # the terminal may be what has gone
            termios.tcsetattr(sys.stdin.fileno(), termios.TCSANOW, self.before)
            sys.stdout.write(LEFT)
            sys.stdout.flush()


@contextmanager
def screen_beside(command: Sequence[str]) -> Iterator[Callable[[], bool]]:
    """Open a screen on this terminal, and give a way to ask whether it is still there. It is waited for until the person leaves.

    If the terminal is closed, whoever opened it goes on and can be watched from another one.
    """
    before = termios.tcgetattr(sys.stdin.fileno())
    with subprocess.Popen(command) as process, _terminal_may_close(process):
        screen = Beside(process, before)
        try:
            yield screen.shown
        except (Interrupted, KeyboardInterrupt):
            process.terminate()
            raise
        finally:
            process.wait()
            screen.shown()


@contextmanager
def _terminal_may_close(screen: "subprocess.Popen[bytes]") -> Iterator[None]:
    """Outlive the terminal. A handler and not `SIG_IGN`: that one would be handed down to every program that is started."""

    def go_on(_: int, __: FrameType | None) -> None:
        screen.kill()  # the kernel tells only the first process of a terminal, and a screen without one waits for ever

    before = signal.getsignal(signal.SIGHUP)
    if before in (signal.SIG_DFL, signal.SIG_IGN):  # who ignores it lives on anyway, but the screen would spin for ever
        signal.signal(signal.SIGHUP, go_on)
    try:
        yield
    finally:
        signal.signal(signal.SIGHUP, before)
