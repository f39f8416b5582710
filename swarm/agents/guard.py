"""Notices when an agent turns in circles."""

import hashlib
import re
from collections import deque
from dataclasses import dataclass, field

WINDOW = 16
"""The latest steps that are looked at."""
NOTED, ENDED = 3, 5
"""So many times the same, within the window, means a note; so many an end."""
MALFORMED = 4
"""So many replies in a row that carry nothing out mean an end."""
CHANGING = re.compile(r"\d+(?:\.\d+)? ?m?s\b|0x[0-9a-f]+|\d\d:\d\d:\d\d(?:\.\d+)?")
"""What is never the same twice in what programs print: durations, addresses, clocks."""


@dataclass
class Guard:
    """What an agent did lately, and how often its replies were of no use."""

    _steps: deque[str] = field(default_factory=lambda: deque(maxlen=WINDOW))
    _useless: int = 0

    def did(self, tool: str, arguments: str, result: str) -> int:
        """How many times this action with this very result is among the latest steps."""
        step = hashlib.sha256(f"{tool}\n{arguments}\n{CHANGING.sub('#', result)}".encode("utf-8", "surrogatepass")).hexdigest()
        self._steps.append(step)
        return self._steps.count(step)

    def useless(self) -> bool:
        """Note a reply that carried nothing out; whether there were too many in a row."""
        self._useless += 1
        return self._useless >= MALFORMED

    def useful(self) -> None:
        """Note a reply that did something."""
        self._useless = 0
