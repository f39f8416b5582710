"""How a state looks: a sign, its word, and a colour that only repeats what the two say."""

from dataclasses import dataclass

from rich.text import Text

from swarm.visible import visible


@dataclass(frozen=True)
class Sign:
    """The look of a state."""

    sign: str
    plain: str
    """The sign where there is only ASCII."""
    style: str


SIGNS = {
    "waiting": Sign("◌", ".", "dim"),
    "running": Sign("▶", ">", "bold green"),
    "paused": Sign("‖", "=", "bold yellow"),
    "ended": Sign("■", "#", "bold"),
    "fixed": Sign("✔", "+", "bold green"),
    "idle": Sign("○", "o", "dim"),
    "working": Sign("●", "*", "green"),
    "stopped": Sign("■", "#", "dim"),
    "ready": Sign("○", "o", ""),
    "claimed": Sign("●", "*", "green"),
    "done": Sign("✔", "+", "green"),
    "split": Sign("÷", "/", ""),
    "dead": Sign("✗", "x", "red"),
    "cancelled": Sign("-", "-", "dim"),
    "proposed": Sign("?", "?", "yellow"),
    "verified": Sign("✔", "+", "bold green"),
    "rejected": Sign("✗", "x", "red"),
    "refuted": Sign("✗", "x", "bold red"),
    "superseded": Sign("»", ">", "dim"),
    "judging": Sign("◌", ".", "yellow"),
    "no-regression": Sign("~", "~", "yellow"),
    "needs-review": Sign("!", "!", "bold yellow"),
    "inconclusive": Sign("?", "?", "yellow"),
}

UNKNOWN = Sign("·", ".", "")
"""The look of a state that this screen has no picture for; its word still says what it is."""


def state_text(state: str, *, plain: bool, width: int = 0) -> Text:
    """A state as its sign and its word, filled up to a width."""
    look = SIGNS.get(state, UNKNOWN)
    return Text(f"{look.plain if plain else look.sign} {visible(state)}".ljust(width), look.style)
