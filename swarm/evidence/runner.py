"""The seam to a project's way of testing."""

from collections.abc import Sequence
from typing import Protocol

from sandboxes.sandbox import Sandbox
from swarm.evidence.results import TestRun


class Runner(Protocol):
    """A way of running tests, whole or by name, with a result per test."""

    @property
    def name(self) -> str:
        """`pytest`, …: it is part of the key under which a baseline is kept."""
        ...

    def run(self, sandbox: Sandbox, tests: Sequence[str] = (), *, timeout: float, silence: float | None = None) -> TestRun:
        """Run these tests, or all of them, in this sandbox's worktree.

        `timeout` is for all of them together; after `silence` seconds without a sign of life the running test counts as hung.
        """
        ...
