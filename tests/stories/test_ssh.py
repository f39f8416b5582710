"""The screen over ssh: keys and sizes go there, and a connection that drops ends the screen and nothing else."""

import termios
from collections.abc import Iterator
from pathlib import Path

import pytest
from far_machine import FarMachine, far_machine
from made_up_run import MadeUpRun
from processes import called_with, until


@pytest.fixture
def far(tmp_path: Path) -> Iterator[FarMachine]:
    with far_machine(tmp_path) as machine:
        yield machine


def test_keys_and_sizes_reach_a_screen_over_ssh_and_leaving_gives_the_terminal_back(far: FarMachine, healthy: Path) -> None:
    MadeUpRun(healthy)
    terminal = far.swarm("watch", cwd=healthy)
    terminal.until("[Tasks]")
    terminal.press("\t")
    terminal.until("[Findings]")
    terminal.forget()
    termios.tcsetwinsize(terminal.own, (40, 180))
    terminal.until("Patches appear here")
    terminal.press("?")
    terminal.until("Leave the screen")
    terminal.press("q")
    terminal.press("q")

    assert terminal.end() == 0
    assert "\x1b[?1049l" in terminal.shown
    assert "\x1b[?25h" in terminal.shown


def test_a_run_goes_on_when_the_connection_drops_and_its_end_is_shown_on_return(far: FarMachine, healthy: Path) -> None:
    terminal = far.swarm("fix", "everything is slow", cwd=healthy)
    terminal.until("[Tasks]")
    (screen,) = called_with("-C", str(healthy))
    terminal.process.kill()  # no goodbye, as when a laptop is closed
    terminal.end()
    until(lambda: not Path(f"/proc/{screen}").exists())

    back = far.swarm("watch", cwd=healthy)
    back.until("no-verified-fix")
    back.press("q")
    assert back.end() == 0
