"""The seam to a project's way of testing."""

from collections.abc import Sequence
from typing import Protocol

from sandboxes.sandbox import Sandbox
from swarm.evidence.results import TestRun
from swarm.values import Value


class Manner(Value, kw_only=True):
    """How tests are run, beside which. A runner that cannot do what is asked leaves it, as with `framework` empty."""

    shuffle: str = ""
    """The seed of another order; empty: the project's own."""
    hash_seed: int | None = None
    """How strings hash, and so in which order sets go; None: by chance."""
    also: tuple[str, ...] = ()
    """Test files of the judge's own, which are collected wherever the project looks for its tests."""
    without: tuple[str, ...] = ()
    """Tests that are left out: they hang on base, and nothing after them would be run."""
    only: tuple[str, ...] = ()
    """Of the tests that are found where the runner looks, the only ones that are run, by name or by file; empty: all of them."""
    reach: bool = False
    """Whether it is told what each test reaches."""
    brief: bool = False
    """Whether it will do to hear of a failing test what was raised and where, without the words of the tool, which take long."""
    cpu: float = 0.0
    """Seconds of CPU time after which a test is interrupted and counts as hanging, unless others in the same run take nearly as
    long; after the first one less. The tests behind it are run all the same. Zero: no limit."""
    own: tuple[str, ...] = ()
    """Names of the project's own modules at the top: from where they and what is in them were imported is told."""


PLAIN = Manner()


class Runner(Protocol):
    """A way of running tests, whole or by name, with a result per test."""

    @property
    def name(self) -> str:
        """`pytest`, …: it is part of the key under which a baseline is kept."""
        ...

    @property
    def framework(self) -> str:
        """In which framework the judge can write tests of its own for it: `pytest`, `unittest`; empty: it cannot."""
        ...

    def run(
        self,
        sandbox: Sandbox,
        tests: Sequence[str] = (),
        *,
        timeout: float,
        silence: float | None = None,
        manner: Manner = PLAIN,
    ) -> TestRun:
        """Run these tests, or all of them, in this sandbox's worktree.

        `timeout` is for all of them together; after `silence` seconds without a sign of life the running test counts as hung.
        """
        ...
