"""What the screen is given: things that happened, a way to look deeper, and a way to wish. It knows nothing else of a run."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from swarm.events import Event
from swarm.values import Value


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

Raw = Callable[[str], str]
"""What is kept under a digest. Asked from a thread."""

Wish = Callable[[str, str, str], str]
"""Ask something of the run: kind, target, text. Answers with a sentence about what became of the wish. Asked from a thread."""

Ask = Callable[[str], bool]
"""Ask the person whether something may be done, for this reason. Waits for the answer; called from a thread."""

Deed = Callable[[str, str, Ask], str]
"""Do something with the result of a run that has ended: `merge`, `undo` or `pull-request`, and a candidate, or nothing.
Answers with what became of it. Asked from a thread."""

THEMES = {"auto": "", "dark": "textual-dark", "light": "textual-light", "contrast": "swarm-contrast"}
"""The looks of the screen; `auto` is light where the terminal says that its ground is, otherwise dark."""


def no_deed(kind: str, target: str, ask: Ask) -> str:  # noqa: ARG001 - the seam
    """Where nothing can be done with a result, it is said."""
    return f"{kind}: nothing can be done from here"


class Given(Value, kw_only=True):
    """Everything that the screen is given."""

    source: Source
    look: Look
    wish: Wish
    clock: Callable[[], float]
    """Seconds since the run began; what the screen shows as elapsed while the run has not ended."""
    raw: Raw = "nothing is kept under {}".format
    deed: Deed = no_deed
    alive: Callable[[], bool] = lambda: True
    """Whether a process works on the run."""
    standing: Standing = tuple
    plain_signs: bool = False
    """Whether the terminal can show ASCII only."""
    bell: bool = True
    """Whether the bell rings for what waits for the person."""
    theme: str = "auto"
    """One of `THEMES`."""
