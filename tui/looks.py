"""The looks of the screen: which theme, what a terminal can show, and how it is rung."""

from collections.abc import Mapping

from textual.theme import Theme

from tui.given import THEMES

CONTRAST = Theme(
    name="swarm-contrast", primary="#ffff00", secondary="#00ffff", accent="#ff80ff", warning="#ffd000", error="#ff7070",
    success="#60ff60", foreground="#ffffff", background="#000000", surface="#000000", panel="#000000", dark=True, text_alpha=1.0,
    variables={"border": "#ffffff", "block-cursor-background": "#ffff00", "block-cursor-foreground": "#000000",
               "footer-key-foreground": "#ffff00", "text-success": "#60ff60", "text-warning": "#ffd000", "text-error": "#ff7070",
               "text-primary": "#ffff00", "text-secondary": "#00ffff", "text-accent": "#ff80ff"},
)  # fmt: skip
"""Pure colours on black, for eyes that need them."""

LIGHT_GROUNDS = frozenset({"7", "15"})
"""How terminals call a light ground in `COLORFGBG`."""


def theme_for(wanted: str, environment: Mapping[str, str]) -> str:
    """The theme that was asked for, or the one that fits the ground of the terminal."""
    if theme := THEMES.get(wanted, ""):
        return theme
    ground = environment.get("COLORFGBG", "").rpartition(";")[2]
    return THEMES["light" if ground in LIGHT_GROUNDS else "dark"]


def ringing(text: str) -> str:
    """What makes a terminal ring: a notification where it knows them (OSC 9), and the plain bell."""
    printable = "".join(sign for sign in text if sign.isprintable())[:200]
    return f"\x1b]9;swarm: {printable}\x1b\\\x07"
