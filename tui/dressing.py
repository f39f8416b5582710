"""How the screen is dressed: in the theme that the person wants, and with its panes folded to the room that there is."""

import os

from textual.events import Resize
from textual.geometry import Size

from tui.given import THEMES
from tui.hearing import Hearing
from tui.looks import CONTRAST, theme_for

WIDE, HIGH, BROAD = 110, 30, 170
"""From these columns and lines on all panes are shown at once, from more columns on side by side; below, they fold to tabs."""


class Dressed(Hearing):
    """An application that looks as the person and the terminal want it."""

    def dress(self) -> None:
        """Put everything on; where this comes before the panes, they are made in the looks that they will have."""
        self.register_theme(CONTRAST)
        self.theme = theme_for(self.given.theme, os.environ)
        self.set_class(self.plain_signs, "-plain")
        self.set_class(bool(os.environ.get("NO_COLOR")), "-mono")
        self._fold(self.size)

    def on_resize(self, event: Resize) -> None:
        """Fold the panes to tabs where there is no room for all of them."""
        self._fold(event.size)

    def _fold(self, size: Size) -> None:
        self.screen_stack[0].update_classes({"-folded": size.width < WIDE or size.height < HIGH, "-broad": size.width >= BROAD})

    def action_look(self, theme: str) -> None:
        """Change the looks of the screen."""
        self.theme = THEMES[theme]
        self.look_in_other_colours()
