"""The words in which changes of tests are told."""

from dataclasses import dataclass
from enum import Enum


class Kind(Enum):
    """What was done to a test."""

    ADDED = "added"
    DELETED = "deleted"
    RENAMED = "renamed"
    SKIPPED = "skipped"
    """It may be left out, or its failure is expected."""
    WEAKENED = "weakened"
    """It asks less than before."""
    RETUNED = "retuned"
    """It expects something else than before."""
    CHANGED = "changed"
    """It is not the same, and nothing more is known about how."""
    SUPPORT = "support"
    """What tests lean on is not the same: a fixture, a helper, a constant, a hook."""


@dataclass(frozen=True)
class Saw:
    """One thing that was seen when two versions of a test were compared."""

    kind: Kind
    detail: str
    before: str = ""
    after: str = ""
    line: int = 0
    """Where, in the new file; in the old one if it is gone."""
