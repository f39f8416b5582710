"""The first picture: what is seen from the moment that somebody opens the screen."""

import asyncio
import threading
from pathlib import Path
from typing import Any

from playing import NARROW, painted

import tui
from swarm import events as e
from tui.app import SwarmApp
from tui.panels.rows import Rows

STARTED = e.RunStarted("A title", "text", "0" * 40, "bubblewrap", 2)


def test_a_slow_store_does_not_hold_the_picture_back_and_keys_work_before_anything_is_told(stage: Any) -> None:
    made, ready = stage(STARTED, e.TaskAdded(1, "fix", "Search for the edit")), threading.Event()
    told = made.source
    made.source = lambda after, limit: ready.wait(60) and told(after, limit)

    async def run() -> None:
        app = made.app()
        async with app.run_test(size=NARROW) as pilot:
            for words in ("Tasks appear here", "waiting", "The issue appears here"):
                await painted(pilot, app, words)
            for key in ("tab", "enter", "d", "a", "m", "slash", "escape", "shift+tab"):
                await pilot.press(key)
            await painted(pilot, app, "[Tasks]")
            ready.set()
            for words in ("Search for the edit", "A title"):
                await painted(pilot, app, words)

    asyncio.run(run())


def test_the_panes_are_made_with_what_has_happened_so_far(stage: Any) -> None:
    made, begun = stage(STARTED, e.TaskAdded(1, "fix", "Search for the edit")), list[int]()

    class Watched(SwarmApp):
        CSS_PATH = str(Path(tui.__file__).with_name("screen.tcss"))

        def on_mount(self) -> None:
            begun.append(len(self.query_one("#tasks", Rows).board.tasks))

    async def run() -> None:
        app = Watched(made.app().given)
        async with app.run_test(size=NARROW) as pilot:
            await painted(pilot, app, "Search for the edit")

    asyncio.run(run())
    assert begun == [1]


def test_a_run_of_which_nothing_is_done_yet_is_told_with_its_issue(stage: Any) -> None:
    async def run() -> None:
        app = stage(STARTED).app()
        async with app.run_test(size=NARROW) as pilot:
            for words in ("A title", "running", "Tasks appear here once the tests have been run on base."):
                await painted(pilot, app, words)

    asyncio.run(run())
