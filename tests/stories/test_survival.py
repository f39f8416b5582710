"""Runs that are interrupted, killed, stopped, or run out of space: nothing is lost, and the outcome is the same."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Swarm = Callable[..., Any]
BRANCH = "swarm/orders-of-exactly-50-pay-shipping"


def git(folder: Path, *args: str) -> str:
    who = ["-c", "user.name=Ada", "-c", "user.email=ada@example.org"]
    return subprocess.run(["git", *who, *args], cwd=folder, capture_output=True, text=True, check=True).stdout.strip()


def until(words: str, *args: str, cwd: Path, signals: tuple[signal.Signals, ...]) -> tuple[int, str]:
    """Run the command until it says these words, send it signals, and wait for its end: exit code, and what it said then."""
    command = [sys.executable, "-m", "swarm", *args]
    with subprocess.Popen(command, cwd=cwd, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True) as process:
        assert process.stderr is not None
        found = any(words in line for line in process.stderr)
        for number, each in enumerate(signals):
            if number:  # a second one comes when the first one was heard
                assert any("once more" in line for line in process.stderr)
            os.kill(process.pid, each)
        rest = process.stderr.read()
    assert found, f"it never said {words!r}"
    return process.returncode, rest


@pytest.mark.timeout(400)  # five processes, of which four are killed
def test_a_run_that_is_killed_at_every_step_and_resumed_ends_as_it_would_have(shop: Path, swarm: Swarm) -> None:
    killed = (signal.SIGKILL,)
    base = git(shop, "rev-parse", "HEAD")
    until("stage baseline", "fix", "../ISSUE.md", cwd=shop, signals=killed)
    (shop / "NEWS").write_text("the head moves while the run is down\n")
    git(shop, "add", "NEWS")
    git(shop, "commit", "-qm", "news")
    moved = git(shop, "rev-parse", "HEAD")
    for words in ("t1 claimed by", "judging c1", "c1 verified by", "c1 chosen"):
        code, _ = until(words, "resume", cwd=shop, signals=killed)
        assert code == -signal.SIGKILL

    said = swarm("resume", "--json", cwd=shop)

    result = json.loads(said.out)
    assert (said.code, result["outcome"], result["branch"]) == (0, "fixed", BRANCH), said.err
    assert git(shop, "branch", "--list", "swarm/*", "--format=%(refname:short)") == BRANCH
    assert git(shop, "rev-parse", f"{BRANCH}~1", "HEAD").split() == [base, moved]
    assert "+    if total >= FREE_SHIPPING:" in git(shop, "show", BRANCH)
    assert git(shop, "status", "--porcelain") == ""
    assert len([one for one in result["candidates"] if one["chosen"]]) == 1
    again = swarm("resume", cwd=shop)
    assert again.code == 2
    assert "has ended" in again.err


@pytest.mark.parametrize(
    ("signals", "code"), [((signal.SIGINT,), 130), ((signal.SIGINT, signal.SIGINT), 130), ((signal.SIGTERM,), 143)]
)
def test_an_interrupted_run_says_how_to_go_on(shop: Path, swarm: Swarm, signals: tuple[signal.Signals, ...], code: int) -> None:
    ended, rest = until("t1 claimed by", "fix", "../ISSUE.md", cwd=shop, signals=signals)

    assert ended == code, rest
    assert "Traceback" not in rest
    assert len(signals) == 2 or "swarm resume" in rest
    assert json.loads(swarm("ls", "--json", cwd=shop).out)["runs"][0]["outcome"] == ""


def test_a_run_is_worked_on_by_one_process_and_stopped_from_another_terminal(
    shop_without: Callable[..., Path], swarm: Swarm
) -> None:
    folder = shop_without({"tests/test_slow.py": "import time\n\n\ndef test_slow():\n    time.sleep(1)\n"})
    command = [sys.executable, "-m", "swarm", "fix", "../ISSUE.md"]
    with subprocess.Popen(command, cwd=folder, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True) as process:
        assert process.stderr is not None
        for line in process.stderr:
            if "stage baseline" in line:
                break
        second = swarm("resume", "--quiet", cwd=folder)
        asked = swarm("stop", cwd=folder)
        rest = process.stderr.read()

    assert second.code == 2, second.err
    assert "going on in another process" in second.err
    assert asked.code == 0
    assert process.returncode == 130, rest
    assert "request 1: stop-all" in rest


def test_a_disk_without_space_is_named_and_loses_nothing(shop: Path, home: Path) -> None:
    as_root = [] if os.geteuid() == 0 else ["--map-root-user"]
    state = home / "small"
    state.mkdir()
    script = f"mount -t tmpfs -o size=600k tmpfs {state} && exec {sys.executable} -m swarm fix ../ISSUE.md --quiet"
    command = ["unshare", "--mount", *as_root, "sh", "-c", script]
    surroundings = {**os.environ, "XDG_STATE_HOME": str(state)}

    full = subprocess.run(command, cwd=shop, capture_output=True, text=True, check=False, env=surroundings)

    assert full.returncode == 1, full.stderr
    assert "space" in full.stderr
    assert "Traceback" not in full.stderr
    assert len(full.stderr.splitlines()) <= 3
    assert git(shop, "status", "--porcelain") == ""
    assert git(shop, "branch", "--list") == "* main"
