"""What waits for the person, above everything else; without it there is nothing to be seen."""

from collections.abc import Sequence

from textual.content import Content
from textual.reactive import reactive
from textual.widgets import Static

from swarm.visible import visible
from tui.waiting import Wait


class Waiting(Static):
    """The lines above the header."""

    waits: reactive[Sequence[Wait]] = reactive(())
    plain_signs: reactive[bool] = reactive(False)

    def watch_waits(self) -> None:
        """Draw what waits."""
        self.display = bool(self.waits)
        sign = "!" if self.plain_signs else "◆"
        self.update(Content("\n").join(Content(f" {sign} {visible(wait.text)}") for wait in self.waits))
