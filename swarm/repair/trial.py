"""What became of an edit that was tried."""

from dataclasses import dataclass
from enum import Enum

from swarm.repair.edits import Edit


class Fate(Enum):
    """What became of an edit."""

    PLAUSIBLE = "plausible"
    """Every test that was run passes with it, the failing ones among them; shown twice, the second time in a fresh process."""
    FAILED = "failed"
    """A test speaks against it."""
    TIMED_OUT = "timed out"
    """A test took far longer with it than it should."""
    DIED = "died"
    """The process in which a test ran with it ended."""
    KNOWN = "known"
    """What compiles to the same was tried before, and failed."""


@dataclass(frozen=True)
class Trial:
    """What a trial of an edit showed. It is a hint for the search, not evidence: that is the judge's business."""

    edit: Edit
    fate: Fate
    test: str = ""
    """The test that decided."""
    why: str = ""
    how: str = "swapped"
    """`swapped`: put into the living functions; `imported`: in a process that imported everything anew; `run`: in its own run."""
    seconds: float = 0.0
    left: str = ""
    """What the trial left behind in its process, which therefore tried nothing more."""
    code: str = ""
    """A name for the code that the edit compiles to: whatever compiles to the same has the same one. Empty: not known."""
    twin: Edit | None = None
    """The edit that was really tried, since it compiles to the same code. The original itself is nobody's twin: see `why`."""

    @property
    def plausible(self) -> bool:
        """Whether no test speaks against it."""
        return self.fate is Fate.PLAUSIBLE
