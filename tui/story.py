"""The story of a run as one line: its stages as long as they took, with the verdicts where they came."""

from collections.abc import Sequence

from textual.content import Content

from swarm.values import Value
from swarm.visible import visible
from tui.pace import Mark, Pace
from tui.safe import MUTED
from tui.signs import SIGNS, UNKNOWN, sign_of

STYLES = ("$text-primary", "$text-accent", "$text-secondary")
"""Stages that follow each other differ in colour; their names say the rest."""


class Part(Value):
    """A stretch of the line."""

    name: str
    begin: int
    end: int


def story(pace: Pace, now: float, width: int, *, plain: bool) -> Content:
    """The line, as wide as it may be; empty while there is nothing to tell."""
    if not pace.stages or width < 20:
        return Content("")
    whole = max(now, pace.last, 1.0)
    cells, named = [("=" if plain else "━", MUTED)] * width, set[int]()
    for number, part in enumerate(parts(pace.stages, whole, width)):
        style = STYLES[number % len(STYLES)]
        text = f"{visible(part.name)} "
        text = text if len(text) < part.end - part.begin else ""
        named.update(range(part.begin, part.begin + len(text)))
        for at in range(part.begin, part.end):
            name = text[at - part.begin : at - part.begin + 1]
            cells[at] = (name, style) if name.strip() else ((" ", "") if name else (cells[at][0], style))
    for mark in pace.marks:
        at = _place(mark, whole, width)
        beside = next((cell for cell in range(at, width) if cell not in named), at)  # a name stays whole
        cells[beside] = (sign_of(mark.state, plain=plain), SIGNS.get(mark.state, UNKNOWN).style)
    return Content.assemble(*cells)


def parts(stages: Sequence[tuple[str, float]], whole: float, width: int) -> Sequence[Part]:
    """The stages as stretches of a line of this width."""
    begins = [min(int(at / whole * width), width - 1) for _, at in stages]
    ends = [*begins[1:], width]
    return [Part(name, begin, end) for (name, _), begin, end in zip(stages, begins, ends, strict=True)]


def _place(mark: Mark, whole: float, width: int) -> int:
    return min(int(mark.seconds / whole * width), width - 1)
