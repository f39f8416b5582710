"""Text from strangers on its way to the screen: never markup, and nothing in it can move what a person sees."""

from textual.content import Content

from swarm.visible import visible

MUTED = "$foreground 65%"
"""The style of what matters less."""


def safe(text: str, style: str = "") -> Content:
    """A text of one line."""
    return Content.styled(visible(text), style)


def safe_block(text: str) -> str:
    """A text of several lines; tabs become spaces, for a tab in a table of cells has no width."""
    return visible(text.replace("\r\n", "\n").replace("\t", "    "), keep="\n")


def contains(text: str, words: str) -> bool:
    """Whether all the words stand somewhere in the text."""
    folded = text.casefold()
    return all(word in folded for word in words.casefold().split())


def cut(*, plain: bool) -> str:
    """What stands where a line goes on but there is no more room."""
    return "~" if plain else "…"
