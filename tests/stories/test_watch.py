"""The screen on a real terminal: opened by the real commands, left by a key."""

import os
import pty
import select
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

Swarm = Callable[..., Any]


class Terminal:
    """A command on a terminal of its own."""

    def __init__(self, *args: str, cwd: Path) -> None:
        self._own, theirs = pty.openpty()
        os.set_blocking(self._own, False)
        size = {"TERM": "xterm-256color", "LINES": "30", "COLUMNS": "100"}
        surroundings = {name: value for name, value in os.environ.items() if name != "CI"}
        command = [sys.executable, "-m", "swarm", *args]
        self.process = subprocess.Popen(
            command, cwd=cwd, stdin=theirs, stdout=theirs, stderr=theirs, env={**surroundings, **size}, start_new_session=True
        )
        os.close(theirs)
        self.shown = ""

    def until(self, words: str) -> None:
        """Wait for words to be shown."""
        before = len(self.shown)
        while words not in self.shown[before:]:
            self._read()

    def press(self, key: str) -> None:
        os.write(self._own, key.encode())

    def end(self) -> int:
        """Wait for the command to end; its exit code."""
        while self.process.poll() is None:
            self._read()
            time.sleep(0.01)
        self._read()
        os.close(self._own)
        return self.process.returncode

    def _read(self) -> None:
        if select.select([self._own], [], [], 0.2)[0]:
            try:
                self.shown += os.read(self._own, 65536).decode("utf-8", "replace")
            except OSError:  # how Linux says that nobody has the terminal open any more
                assert self.process.wait() is not None


def test_leaving_the_screen_leaves_the_run_going_on_in_lines(shop: Path) -> None:
    terminal = Terminal("fix", "../ISSUE.md", cwd=shop)
    terminal.until("Tasks")
    terminal.press("q")
    terminal.until("run ended: fixed")

    assert terminal.end() == 0
    assert "take it   swarm merge" in terminal.shown


def test_a_run_that_has_ended_is_shown_and_replayed_on_the_screen(shop: Path, swarm: Swarm) -> None:
    swarm("fix", "../ISSUE.md", cwd=shop)

    for args in ((), ("--replay", "--speed", "1000")):
        terminal = Terminal("watch", "last", *args, cwd=shop)
        terminal.until("fixed")
        terminal.press("d")
        terminal.until("FREE_SHIPPING")
        terminal.press("q")
        assert terminal.end() == 0
        assert "\x1b[?1049l" in terminal.shown


def test_the_screen_merges_a_fix_after_asking_and_takes_it_back(shop: Path, swarm: Swarm) -> None:
    swarm("fix", "../ISSUE.md", cwd=shop)
    before = (shop / "shop" / "prices.py").read_text()

    terminal = Terminal("watch", "last", cwd=shop)
    terminal.until("m merges it")
    terminal.press("m")
    terminal.until("judged there again")
    terminal.press("y")
    terminal.until("merged into")
    assert (shop / "shop" / "prices.py").read_text() != before
    terminal.press("u")
    terminal.until("Take the merge back?")
    terminal.press("y")
    terminal.until("merge undone")
    terminal.press("q")

    assert terminal.end() == 0
    assert (shop / "shop" / "prices.py").read_text() == before
