"""The screen on a real terminal: opened by the real commands, left by a key, killed, or closed with its terminal."""

import os
import signal
import termios
from collections.abc import Callable
from pathlib import Path
from typing import Any

from processes import called_with, until
from terminal import SWARM, Terminal

Swarm = Callable[..., Any]


def screens_of(process: int) -> list[int]:
    """The screens that a process has opened."""
    return called_with("--opened-by", str(process))


def test_leaving_the_screen_leaves_the_run_going_on_in_lines(shop: Path) -> None:
    terminal = Terminal("fix", "../ISSUE.md", cwd=shop)
    terminal.until("Tasks")
    terminal.press("q")
    terminal.until("run ended: fixed")

    assert terminal.end() == 0
    assert "take it   swarm merge" in terminal.shown


def test_killing_the_screen_leaves_the_run_going_on_in_lines_and_the_terminal_in_order(shop: Path) -> None:
    terminal = Terminal("fix", "../ISSUE.md", cwd=shop)
    terminal.until("Tasks")
    (screen,) = screens_of(terminal.process.pid)
    assert termios.tcgetattr(terminal.own) != terminal.modes
    terminal.forget()
    os.kill(screen, signal.SIGKILL)
    terminal.until("\x1b[?1049l")
    terminal.until("s  still ", "s  baseline:", "s  task t", "s  finding f", "s  worker w")

    assert termios.tcgetattr(terminal.own) == terminal.modes
    assert "\x1b[?1003l" in terminal.shown
    terminal.press("\x03")
    assert terminal.end() == 130
    assert "goes on from here" in terminal.shown


def test_closing_the_terminal_leaves_the_run_going_on_and_its_end_is_shown_on_return(healthy: Path) -> None:
    terminal = Terminal("fix", "everything is slow", cwd=healthy)
    terminal.until("Tasks")
    (screen,) = screens_of(terminal.process.pid)
    os.close(terminal.own)
    assert terminal.process.wait() == 4
    assert not Path(f"/proc/{screen}").exists()

    back = Terminal("watch", cwd=healthy)
    back.until("no-verified-fix")
    back.press("q")
    assert back.end() == 0


def test_a_screen_does_not_outlive_a_run_that_is_killed_and_gives_the_terminal_back(shop: Path) -> None:
    shell = ("sh", "-c", '"$@"; exec sleep 300', "shell", *SWARM)  # whom the terminal belongs to, and who outlives the run
    terminal = Terminal("fix", "../ISSUE.md", cwd=shop, command=shell)
    terminal.until("Tasks")
    (run,) = map(int, Path(f"/proc/{terminal.process.pid}/task/{terminal.process.pid}/children").read_text().split())
    (screen,) = screens_of(run)
    os.kill(run, signal.SIGKILL)
    until(lambda: (terminal.read(0.1), not Path(f"/proc/{screen}").exists())[1])
    terminal.forget()

    assert "\x1b[?1049l" in terminal.shown
    assert termios.tcgetattr(terminal.own) == terminal.modes
    terminal.process.kill()
    terminal.process.wait()
    os.close(terminal.own)


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
