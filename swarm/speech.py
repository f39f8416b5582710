"""How a command speaks: results on standard output, in the form that was asked for, everything else on standard error."""

import json
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from swarm.visible import visible

SCHEMA = 1
"""The version of the objects that `--json` prints."""


@dataclass
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

    def say(self, text: str, value: Mapping[str, Any]) -> None:
        """Print a result."""
        if self.form == "json":
            print(json.dumps({"schema": SCHEMA, **value}), flush=True)
        elif self.form == "text":
            print(visible(text, keep="\n\t"), flush=True)

    def stream(self, line: str) -> None:
        """Print a line of a result that has no end yet."""
        print(visible(line), flush=True)

    def note(self, text: str) -> None:
        """Print what is no result."""
        if not self.quiet:
            print(visible(text, keep="\n\t"), file=sys.stderr, flush=True)

    def fail(self, error: Exception, message: str, code: int) -> None:
        """Print an error: for a program as an object, for a person as at most three lines."""
        if self.form != "text":
            print(
                json.dumps({"schema": SCHEMA, "error": type(error).__name__, "message": message, "exit_code": code}), flush=True
            )
        print(visible(message, keep="\n"), file=sys.stderr, flush=True)
