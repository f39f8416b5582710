"""The baseline: what the tests say on base, before anybody changed anything."""

from collections.abc import Mapping
from dataclasses import dataclass

from swarm.evidence.results import TestResult


@dataclass(frozen=True, kw_only=True)
class Baseline:
    """Several runs of all tests on base, in a fresh sandbox each, folded into one."""

    argv: tuple[str, ...]
    tests: tuple[str, ...]
    """Every test there is, in the order of its run."""
    passing: tuple[str, ...]
    """The tests that passed in every run."""
    failing: Mapping[str, TestResult]
    """The tests that failed in every run, with what they said in the first."""
    varying: tuple[str, ...]
    """The tests whose outcome differed from run to run: named, and never decisive."""
    runs: int
    seconds: float
    """How long the longest run took."""
