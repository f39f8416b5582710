"""The keys at the bottom of the screen."""

from textual.screen import Screen
from textual.widgets import Footer


class Keybar(Footer):
    """The footer of Textual, made anew only for other keys and not whenever the focus moves, which most keys here let it do."""

    def __init__(self) -> None:
        super().__init__(show_command_palette=False, compact=True)
        self._shown: list[tuple[str, bool]] = []
        """The actions that have a key here, and whether they can be done."""

    def bindings_changed(self, screen: Screen[object]) -> None:
        """Show the keys that there are now."""
        shown = [(one.binding.action, one.enabled) for one in screen.active_bindings.values() if one.binding.show]
        if screen.app.app_focus and shown != self._shown:
            self._shown = shown
            super().bindings_changed(screen)
