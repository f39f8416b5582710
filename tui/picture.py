"""A picture of the screen: `python -m tui.picture JOURNAL OUT.svg [DIFF]`, where JOURNAL is a run's lines of JSON.

The picture holds nothing from elsewhere: the fonts are those of whoever looks at it.
"""

import asyncio
import re
import sys
from collections.abc import Sequence
from pathlib import Path

from tui.app import SwarmApp
from tui.given import Given, Moment
from tui.recorded import moments
from tui.replay import Replay

SIZE = (150, 40)

SETTLED = 1.0
"""Seconds after which everything is painted."""

FONT = re.compile(r"@font-face \{.*?\}", re.DOTALL)


def recorded(told: Sequence[Moment], depth: str) -> Given:
    """What the screen is given when a run is only remembered."""
    end = told[-1].seconds if told else 0.0
    replay = Replay(told, lambda: end, 0.0)
    return Given(
        source=replay,
        look=lambda kind, number: depth,  # noqa: ARG005
        wish=lambda *_: "this is a recording",
        clock=lambda: end,
        theme="dark",
    )


async def drawn(given: Given, size: tuple[int, int], keys: Sequence[str]) -> str:
    """The screen as SVG after these keys."""
    app = SwarmApp(given)
    async with app.run_test(size=size) as pilot:
        while app.board.state != "ended":
            await pilot.pause(0.05)
        await pilot.pause()
        await pilot.press(*keys)
        if looks := [worker for worker in app.workers if worker.group == "look"]:
            await app.workers.wait_for_complete(looks)
        await pilot.pause(SETTLED)
        return FONT.sub("", app.export_screenshot(title="swarm"))


def main() -> None:
    """The command."""
    journal, out, *diff = sys.argv[1:]
    told = moments(Path(journal).read_text(encoding="utf-8").splitlines())
    given = recorded(told, Path(diff[0]).read_text(encoding="utf-8") if diff else "")
    picture = asyncio.run(drawn(given, SIZE, ["d"] if diff else []))
    Path(out).write_text(picture, encoding="utf-8")


if __name__ == "__main__":
    main()
