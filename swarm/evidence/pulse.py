"""How far the running tests and trials are: overheard while they run, told to people, and evidence of nothing."""

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from sandboxes.command import Command, Ran
from sandboxes.sandbox import Sandbox
from swarm.values import Value

LONGEST = 16 * 1024 * 1024
"""Bytes of a record that is waited for; a longer one is not counted."""
KIND = re.compile(rb'"kind": "(?:(collected", "tests": \[)|(plain|phase".*"when": "teardown)|(traced)|(trial))"')
"""How records of the reporters read. In a test's own words each quotation mark has a backslash before it."""


@dataclass
class Count:
    """What one command has told so far."""

    tests: int = 0
    """Tests that have come to their end."""
    of: int = 0
    """Tests that it will run; zero: that is not known."""
    followed: int = 0
    """Tests that were run once more, line by line."""
    edits: int = 0
    """Edits that were tried."""
    _rest: bytearray = field(default_factory=bytearray)

    def take_in(self, data: bytes) -> None:
        """Count the records that are whole; what is none counts for nothing."""
        self._rest += data
        if b"\n" in data:
            *lines, rest = bytes(self._rest).split(b"\n")
            self._rest = bytearray(rest)
            for line in lines:
                self._count(line)
        elif len(self._rest) > LONGEST:
            self._rest.clear()

    def _count(self, line: bytes) -> None:
        if (found := KIND.search(line)) is None:
            return
        collected, test, followed, edit = (part is not None for part in found.groups())
        self.of = line.count(b'", "', found.end()) + 1 if collected else self.of
        self.tests, self.followed, self.edits = self.tests + test, self.followed + followed, self.edits + edit


@dataclass
class Pulse:
    """What is under way in the sandboxes of one run, from whichever thread."""

    _counts: list[Count] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @contextmanager
    def counted(self) -> Iterator[Count]:
        """Count a command as long as it runs."""
        count = Count()
        with self._lock:
            self._counts.append(count)
        try:
            yield count
        finally:
            with self._lock:
                self._counts = [other for other in self._counts if other is not count]

    def words(self) -> str:
        """What the commands under way have done so far; empty: nothing that can be counted."""
        with self._lock:
            counts = list(self._counts)
        known = [count for count in counts if count.of]
        done, of = sum(count.tests for count in known), sum(count.of for count in known)
        loose = sum(count.tests for count in counts if not count.of)
        followed, edits = sum(count.followed for count in counts), sum(count.edits for count in counts)
        said = [f"{done} of {of} tests done"] if known else []
        said += [f"{loose} tests done"] if loose else []
        said += [f"{followed} tests followed line by line"] if followed else []
        said += [f"{edits} edits tried"] if edits else []
        return ", ".join(said)


class Overheard(Value):
    """A sandbox whose reports are listened to on their way out."""

    sandbox: Sandbox
    pulse: Pulse

    def run(self, command: Command) -> Ran:
        """Run one command to its end, and count meanwhile."""
        with self.pulse.counted() as count:
            return self.sandbox.run(replace(command, overhear=count.take_in) if command.report else command)
