"""Swarm as a person has it in tmux: keys go in, and what is seen is read back."""

import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from made_up_run import MadeUpRun

PATIENCE = 500.0
PROMPT = "ready>"
GREYS = {*range(232, 256), 16, 59, 102, 145, 188, 231}
"""Of the 256 colours of a terminal, those that are none."""


class Tmux:
    """A terminal of 80 columns and 24 lines, with a shell in it."""

    def __init__(self, folder: Path) -> None:
        self._socket = str(folder / "tmux")
        shell = f"env -u CI PS1='{PROMPT}' PROMPT_COMMAND= bash --norc --noprofile"
        self._tmux("-f", "/dev/null", "new-session", "-d", "-x", "80", "-y", "24", "-c", str(folder), shell)

    def _tmux(self, *args: str) -> str:
        # Whoever runs the tests in the background has Ctrl-C ignored, and hands that down.
        plain = ["env", "--default-signal=INT,HUP", "tmux", "-S", self._socket, *args]
        done = subprocess.run(plain, capture_output=True, text=True, check=True)
        return done.stdout

    def type(self, line: str) -> None:
        self._tmux("send-keys", "-l", line)
        self._tmux("send-keys", "Enter")

    def press(self, *keys: str) -> None:
        self._tmux("send-keys", *keys)

    def seen(self, *, colours: bool = False) -> str:
        return self._tmux("capture-pane", "-p", *(["-e"] if colours else []))

    def until(self, *words: str) -> str:
        """Wait until all of these are seen at once."""
        deadline = time.monotonic() + PATIENCE
        while not all(word in (seen := self.seen()) for word in words):
            assert time.monotonic() < deadline, f"{words} are not in:\n{seen}"
            time.sleep(0.1)
        return seen

    def close(self) -> None:
        self._tmux("kill-server")


@pytest.fixture
def tmux(tmp_path: Path) -> Iterator[Tmux]:
    terminal = Tmux(tmp_path)
    yield terminal
    terminal.close()


SWARM = f"{sys.executable} -m swarm"


@pytest.mark.timeout(600)  # a whole run, with whatever else this machine does beside it
@pytest.mark.timeout(600)  # whole runs, which share their cores
def test_the_demo_from_its_start_to_the_merge(tmux: Tmux, tmp_path: Path) -> None:
    tmux.type(f"{SWARM} demo {tmp_path}/demo")
    tmux.until("[Tasks]", "sandbox")
    tmux.press("?")
    tmux.until("Leave the screen")
    tmux.press("Escape")
    tmux.until("fixed", "c1")
    tmux.press("q")
    told = tmux.until("take it   swarm merge", f"{PROMPT}")
    assert "cost      nothing: no model was asked" in told
    assert "evidence  verified" in told

    tmux.type(f"clear; {SWARM} -C {tmp_path}/demo/bookshop merge")
    tmux.until("merged into", "undo      swarm undo")
    shop = tmp_path / "demo" / "bookshop"
    branches = subprocess.run(
        ["git", "-C", shop, "branch", "--merged", "HEAD"], capture_output=True, text=True, check=True
    ).stdout
    assert "swarm/customers-cannot-order" in branches


def test_without_colours_and_with_ascii_only_everything_still_has_its_word(tmux: Tmux, healthy: Path) -> None:
    MadeUpRun(healthy)
    tmux.type(f"cd {healthy}; clear; NO_COLOR=1 LC_ALL=C PYTHONCOERCECLOCALE=0 PYTHONUTF8=0 {SWARM} watch")
    seen = tmux.until("[Tasks]", "* claimed", "> running", "Leave")

    assert seen.isascii()
    painted = tmux.seen(colours=True)
    assert {int(number) for number in re.findall(r"[34]8;5;(\d+)", painted)} <= GREYS
    assert re.search(r"\x1b\[(?:\d+;)?[349][1-6]m", painted) is None


def test_a_terminal_that_can_show_nothing_gets_lines_and_ctrl_c_ends_the_run_in_order(tmux: Tmux, shop: Path) -> None:
    tmux.type(f"cd {shop}; TERM=dumb {SWARM} fix ../ISSUE.md; echo code $?")
    tmux.until("stage baseline")
    tmux.press("C-c")
    seen = tmux.until("code 130")

    assert "Ctrl-C once more stops at once" in seen
    assert "goes on from here" in seen
    assert "Traceback" not in seen


def test_a_reader_that_has_had_enough_does_not_end_the_run(tmux: Tmux, healthy: Path, swarm: Callable[..., Any]) -> None:
    tmux.type(f"cd {healthy}; clear; {SWARM} fix 'all is slow' 2>&1 | head -n 1; echo codes ${{PIPESTATUS[0]}}")
    seen = tmux.until("codes 141")

    assert "Traceback" not in seen
    assert "Exception" not in seen
    assert "no-verified-fix" in swarm("ls", cwd=healthy).out
