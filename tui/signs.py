"""How a state looks: a sign, its word, and a colour that only repeats what the two say."""

from textual.content import Content

from swarm.values import Value
from swarm.visible import visible


class Sign(Value):
    """The look of a state."""

    sign: str
    plain: str
    """The sign where there is only ASCII."""
    style: str


SIGNS = {
    "waiting": Sign("◌", ".", "$foreground 65%"),
    "running": Sign("▶", ">", "bold $text-success"),
    "paused": Sign("‖", "=", "bold $text-warning"),
    "ended": Sign("■", "#", "bold"),
    "fixed": Sign("✔", "+", "bold $text-success"),
    "idle": Sign("○", "o", "$foreground 65%"),
    "working": Sign("●", "*", "$text-success"),
    "stopped": Sign("■", "#", "$foreground 65%"),
    "ready": Sign("○", "o", ""),
    "claimed": Sign("●", "*", "$text-success"),
    "done": Sign("✔", "+", "$text-success"),
    "split": Sign("÷", "/", ""),
    "dead": Sign("✗", "x", "$text-error"),
    "cancelled": Sign("-", "-", "$foreground 65%"),
    "proposed": Sign("?", "?", "$text-warning"),
    "verified": Sign("✔", "+", "bold $text-success"),
    "rejected": Sign("✗", "x", "$text-error"),
    "refuted": Sign("✗", "x", "bold $text-error"),
    "superseded": Sign("»", ">", "$foreground 65%"),
    "judging": Sign("◌", ".", "$text-warning"),
    "no-regression": Sign("~", "~", "$text-warning"),
    "needs-review": Sign("!", "!", "bold $text-warning"),
    "merged": Sign("⇒", ">", "bold $text-success"),
    "inconclusive": Sign("?", "?", "$text-warning"),
}

UNKNOWN = Sign("·", ".", "")
"""The look of a state that this screen has no picture for; its word still says what it is."""


def state_text(state: str, *, plain: bool, width: int = 0) -> Content:
    """A state as its sign and its word, filled up to a width."""
    look = SIGNS.get(state, UNKNOWN)
    return Content.styled(f"{sign_of(state, plain=plain)} {visible(state)}".ljust(width), look.style)


def sign_of(state: str, *, plain: bool) -> str:
    """The sign of a state alone."""
    look = SIGNS.get(state, UNKNOWN)
    return look.plain if plain else look.sign
