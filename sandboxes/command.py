"""A command and what came of it, as values."""

from collections.abc import Callable, Mapping
from dataclasses import field
from enum import Enum
from typing import TYPE_CHECKING

from sandboxes.values import Value

if TYPE_CHECKING:
    from sandboxes.talk import Talk

MEBIBYTE = 1024 * 1024


class Ending(Enum):
    """How a command came to its end."""

    EXITED = "exited"
    """It ended by itself; the exit code is its own."""
    KILLED = "killed"
    """A signal ended it that swarm did not send (out of memory, a crash)."""
    TIMED_OUT = "timed out"
    """Its time, or its time without output, was over."""
    FLOODED = "flooded"
    """It printed more than it may, or filled the disk with its worktree."""
    STOPPED = "stopped"
    """The run was stopped while it ran."""


class Command(Value, kw_only=True):
    """What to run in a sandbox. Paths in it are paths inside the sandbox."""

    argv: tuple[str, ...]
    folder: str = "."
    """Where it starts, relative to the worktree."""
    environment: Mapping[str, str] = field(default_factory=dict)
    """Added to the constant environment of the sandbox; nothing is inherited."""
    stdin: bytes = b""
    timeout: float = 600.0
    """Seconds until everything it started is killed."""
    idle_timeout: float | None = None
    """Seconds without any output until the same."""
    keep: int = MEBIBYTE
    """Bytes kept of each stream, half from its head and half from its tail."""
    flood: int = 64 * MEBIBYTE
    """Bytes printed after which it is killed."""
    report: bool = False
    """Give it a pipe of its own: its number is in $SWARM_REPORT_FD; what it writes there comes back in `Ran.report`."""
    overhear: Callable[[bytes], None] | None = field(default=None, compare=False)
    """Is given what comes through that pipe as soon as it comes. It may tell people how far things are, and decides nothing."""
    talk: "Talk | None" = None
    """Who tells it more on its standard input while it runs, and hears its report: in the place of `stdin` and `Ran.report`."""


class Output(Value):
    """What one stream said: all of it, or its head and its tail."""

    head: bytes = b""
    tail: bytes = b""
    size: int = 0
    """Bytes printed altogether."""

    @property
    def complete(self) -> bool:
        """Whether nothing was left out."""
        return self.size == len(self.head) + len(self.tail)

    def text(self) -> str:
        """Decode for reading; what was left out is said where it was."""
        gap = b"" if self.complete else f"\n[… {self.size - len(self.head) - len(self.tail)} bytes left out …]\n".encode()
        return (self.head + gap + self.tail).decode("utf-8", "replace")


class Ran(Value, kw_only=True):
    """What came of a command."""

    command: Command
    ending: Ending
    exit_code: int
    """As a shell would say it: 128 + signal where a signal ended it."""
    seconds: float
    stdout: Output
    stderr: Output
    report: bytes = b""
    """What came through the report pipe, read until every process was gone."""
    report_complete: bool = True
    """False when more came than swarm keeps: then the report is no evidence."""

    @property
    def ok(self) -> bool:
        """Whether it ended by itself, with exit code 0."""
        return self.ending is Ending.EXITED and self.exit_code == 0
