"""How a command speaks: results on standard output, in the form that was asked for, everything else on standard error."""

import errno
import json
import os
import sys
from collections.abc import Mapping

from swarm.visible import visible

COLOURS = {"+++": "1", "---": "1", "diff": "1", "@@": "36", "+": "32", "-": "31"}
"""How a line of a diff is shown, by how it begins."""
SCHEMA = 1
"""The version of the objects that `--json` prints."""
GONE = (errno.EPIPE, errno.EIO)
"""How the kernel says that nobody reads a pipe, or looks at a terminal, any more."""


class Speech:
    """The voice of one command."""

    form: str = "text"
    """`text`, `json` or `stream-json`."""
    quiet: bool = False
    """Say results and errors only."""
    plain: bool = False
    """Lines, even where there could be a screen."""

    def on_terminal(self) -> bool:
        """Whether a person sits there who wants to see a screen: the terminal can show one, and nothing else was asked for."""
        able = sys.stdin.isatty() and sys.stdout.isatty() and os.environ.get("TERM", "dumb") != "dumb" and "CI" not in os.environ
        return able and self.form == "text" and not self.plain and not self.quiet

    def say(self, text: str, value: Mapping[str, object]) -> None:
        """Print a result."""
        if self.form == "json":
            _result(json.dumps({"schema": SCHEMA, **value}))
        elif self.form == "text":
            _result(visible(text, keep="\n\t"))

    def say_change(self, text: str) -> None:
        """Print a result in which lines of a change stand, indented; on a terminal these are in colour."""
        lines = visible(text, keep="\n\t").split("\n")
        print(
            "\n".join(_coloured(line, indented=True) for line in lines) if sys.stdout.isatty() else "\n".join(lines), flush=True
        )

    def progress(self, text: str) -> None:
        """Say on a terminal what goes on, in one line that the next one takes the place of; an empty one leaves nothing."""
        if sys.stderr.isatty() and not self.quiet and self.form == "text":
            _aside(f"\r\x1b[K{visible(text)[:100]}")

    def give(self, content: bytes, value: Mapping[str, object]) -> None:
        """Print a patch: byte for byte into a pipe, harmless and in colour on a terminal."""
        if self.form != "text":
            self.say("", value)
        elif sys.stdout.isatty():
            print(
                "\n".join(_coloured(visible(line, keep="\t")) for line in content.decode("utf-8", "replace").splitlines()),
                flush=True,
            )
        else:
            sys.stdout.buffer.write(content)
            sys.stdout.buffer.flush()

    def stream(self, line: str) -> None:
        """Print a line of a result that has no end yet."""
        _result(visible(line))

    def note(self, text: str) -> None:
        """Print what is no result."""
        if not self.quiet:
            _aside(visible(text, keep="\n\t") + "\n")

    def fail(self, error: Exception, message: str, code: int) -> None:
        """Print an error: for a program as an object, for a person as at most three lines."""
        if self.form != "text":
            print(
                json.dumps({"schema": SCHEMA, "error": type(error).__name__, "message": message, "exit_code": code}), flush=True
            )
        _aside(visible(message, keep="\n") + "\n")


def _result(text: str) -> None:
    """Print a result. A pipe that nobody reads any more is trouble; a terminal that was closed is not: the store has it."""
    try:
        sys.stdout.write(f"{text}\n")
        sys.stdout.flush()
    except OSError as error:
        if error.errno != errno.EIO:
            raise
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _aside(text: str) -> None:
    """Write what is no result. Where its reader has gone, a pipe or a terminal, it is lost; nobody's work ends for that."""
    try:
        sys.stderr.write(text)
        sys.stderr.flush()
    except OSError as error:
        if error.errno not in GONE:
            raise
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stderr.fileno())


def _coloured(line: str, *, indented: bool = False) -> str:
    begun = line.removeprefix("    ") if indented else line
    colour = (
        next((colour for begin, colour in COLOURS.items() if begun.startswith(begin)), "")
        if not indented or begun != line
        else ""
    )
    return f"\x1b[{colour}m{line}\x1b[0m" if colour and not os.environ.get("NO_COLOR") else line
