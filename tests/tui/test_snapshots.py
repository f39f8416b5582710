"""The main states of the screen, as pictures. `SNAPSHOTS=write` draws them anew: look at them before they are kept."""

import asyncio
import os
import time
from pathlib import Path
from typing import Any

import pytest
from playing import caught_up, painted, settled

from tui.picture import FONT

PICTURES = Path(__file__).parent / "snapshots"
PATIENCE = 20.0
"""Seconds until a picture that differs is a failure: on a busy machine it is painted late."""


@pytest.mark.parametrize(
    ("name", "run", "size", "theme", "plain", "keys", "words"),
    [
        ("working-dark", "team_at_work", (120, 40), "dark", False, ("shift+tab", "j", "enter"), "What I see"),
        ("working-light", "team_at_work", (120, 40), "light", False, ("d",), "if total >= FREE_SHIPPING"),
        ("compared-wide", "team_at_work", (200, 60), "dark", False, ("c",), "Compare c2 and c1"),
        ("done-small", "team_done", (80, 24), "dark", False, (), "◆ Fixed"),
        ("merging-contrast", "team_done", (80, 24), "contrast", False, ("m",), "judged"),
        ("empty-ascii", "nothing_yet", (120, 40), "dark", True, (), "Tasks appear here"),
    ],
)
def test_the_screen_looks_as_it_did_when_somebody_last_looked(
    request: pytest.FixtureRequest, name: str, run: str, size: Any, theme: str, plain: bool, keys: Any, words: str
) -> None:
    stage, kept = request.getfixturevalue(run), PICTURES / f"{name}.svg"

    async def drawn() -> str:
        app = stage.app(plain_signs=plain, theme=theme)
        async with app.run_test(size=size) as pilot:
            await caught_up(pilot, app, stage)
            await painted(pilot, app, "q Leave")
            for key in keys:
                await pilot.press(key)
                await settled(pilot, app)
            await painted(pilot, app, words)
            until, writes = time.monotonic() + PATIENCE, os.environ.get("SNAPSHOTS") == "write"
            picture = ""
            while time.monotonic() < until:
                await pilot.pause(2.0 if writes else 0.05)
                picture = FONT.sub("", app.export_screenshot(title=name))
                if writes or (kept.exists() and kept.read_text(encoding="utf-8") == picture):
                    break
            return picture

    picture = asyncio.run(drawn())
    if os.environ.get("SNAPSHOTS") == "write":
        PICTURES.mkdir(exist_ok=True)
        kept.write_text(picture, encoding="utf-8")
    assert picture == kept.read_text(encoding="utf-8")
