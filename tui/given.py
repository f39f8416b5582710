"""What the screen is given: things that happened, a way to look deeper, and a way to wish. It knows nothing else of a run."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from swarm.events import Event


@dataclass(frozen=True)
class Moment:
    """Something that happened: where it stands in the journal, and how many seconds after the run began."""

    position: int
    seconds: float
    event: Event


Source = Callable[[int, int], Sequence[Moment]]
"""What happened after a position, in order, at most so many; empty when nothing more has happened so far."""

Standing = Callable[[], Sequence[Moment]]
"""As much of what has happened so far as the board of this moment is made of; empty: that is everything, and not much."""

Look = Callable[[str, int], str]
"""The text of a thing in depth: `task`, `finding`, `evidence`, `candidate` or `diff`, and its number. Asked from a thread."""

Wish = Callable[[str, str, str], str]
"""Ask something of the run: kind, target, text. Answers with a sentence about what became of the wish. Asked from a thread."""


@dataclass(frozen=True, kw_only=True)
class Given:
    """Everything that the screen is given."""

    source: Source
    look: Look
    wish: Wish
    clock: Callable[[], float]
    """Seconds since the run began; what the screen shows as elapsed while the run has not ended."""
    standing: Standing = tuple
    plain_signs: bool = False
    """Whether the terminal can show ASCII only."""
