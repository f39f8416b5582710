"""Any command at all, of which nothing but the exit code is known."""

from collections.abc import Sequence
from dataclasses import field

from swarm.evidence.results import Outcome, TestResult
from swarm.evidence.runners.foreign import NOT_STARTED, Reading, Told
from swarm.evidence.runners.python import typed
from swarm.values import Value

KEPT = 8_000
"""Bytes of output that are kept for people."""


class ExitCode(Value):
    """A command whose exit code is its single result: what it stands for nobody knows, so it is marked as coarse."""

    argv: tuple[str, ...]
    catch: bool = field(default=True, init=False)
    coarse: bool = field(default=True, init=False)

    def command(self, tests: Sequence[str]) -> tuple[str, ...]:  # noqa: ARG002  # there is but one
        """The command itself."""
        return self.argv

    def read(self, told: Told) -> Reading:
        """One result, which is called like the command."""
        if told.status in NOT_STARTED:
            return Reading(trouble=f"the shell says that a command cannot be started (exit code {told.status})")
        text = told.output[-KEPT:].decode("utf-8", "replace")
        name = typed({}, *self.argv)
        if told.status == 0:
            return Reading(results=(TestResult(name, Outcome.PASSED),))
        message = f"exit code {told.status}"
        return Reading(results=(TestResult(name, Outcome.FAILED, message=message, text=text, error="ExitCode"),))
