"""What one run of tests showed of each thing that can break: a test, a file of tests, or the whole session."""

import re
from collections.abc import Iterator, Mapping
from functools import cached_property

from swarm.evidence.results import NOTHING_FOUND, Frame, Outcome, TestResult, TestRun
from swarm.values import Value

SESSION = ""
"""The name of the whole session, which breaks when no test can be run any more. The name of a file stands for its import."""
VARIABLE = re.compile(r"(?<![\w.])/[^\s'\"()]+|0x[0-9a-f]+|\d+")
OWN_WORDS = ("NameError", "AttributeError", "ImportError", "ModuleNotFoundError", "KeyError", "TypeError", "SyntaxError")
"""Errors of which the message tells which one it is; a comparison that fails says other values for other reasons."""
BAD = (Outcome.FAILED, Outcome.ERROR)
ERROR_LINE = re.compile(r"^E\s+(?:\w+\.)*(\w+(?:Error|Exception|Warning|Exit|Interrupt))(?:: (.*))?$", re.MULTILINE)


class Fault(Value):
    """How something failed."""

    error: str
    """The class of the exception, or what happened in a word."""
    message: str
    text: str = ""
    frames: tuple[Frame, ...] = ()

    @property
    def kind(self) -> str:
        """What two failures have in common that have the same cause."""
        return f"{self.error}: {VARIABLE.sub('#', self.message)}" if self.error in OWN_WORDS else self.error


class Sight(Value):
    """A run of some tests on one tree."""

    tree: str
    run: TestRun | None = None
    """None: the tree has none of the files in which they would be."""

    @cached_property
    def faults(self) -> Mapping[str, Fault]:
        """All that failed, by its name."""
        return dict(self._faults())

    @property
    def passed(self) -> tuple[str, ...]:
        """The tests that ran and did not fail."""
        return tuple(test for test, one in self.run.results.items() if one.outcome not in BAD) if self.run else ()

    @property
    def cut(self) -> bool:
        """Whether its time was up before all tests had run."""
        return self.run is not None and self.run.timed_out and not self.run.hung

    def holds(self, name: str) -> bool:
        """Whether it ran and did not fail."""
        if self.run is None or name in self.faults:
            return False
        if name == SESSION or name in self.run.results:
            return True
        return "::" not in name and SESSION not in self.faults

    def _faults(self) -> Iterator[tuple[str, Fault]]:
        if self.run is None:
            return
        for test, result in self.run.results.items():
            if result.outcome in BAD:
                yield test, _fault(result)
        for where, text in self.run.collection_errors.items():
            yield where, _told(text)
        if not self.run.complete and not (self.cut or self.run.hung or self.run.why_incomplete.startswith(NOTHING_FOUND)):
            yield SESSION, _session(self.run)


def _fault(result: TestResult) -> Fault:
    if not result.error and result.message.startswith("it hangs"):
        return Fault("hangs", result.message)
    return Fault(result.error or result.outcome.value, result.message or _told(result.text).message, result.text, result.frames)


def _told(text: str) -> Fault:
    """The last error that a text of pytest's tells of."""
    found = ERROR_LINE.findall(text)
    error, message = found[-1] if found else ("error", next((line for line in reversed(text.splitlines()) if line.strip()), ""))
    return Fault(error, f"{error}: {message}" if found and message else message or error, text)


def _session(run: TestRun) -> Fault:
    output = run.output.decode("utf-8", "replace")
    known = _told(output)
    if known.error != "error":
        return Fault(known.error, known.message, output)
    return Fault("no session", run.why_incomplete, output)
