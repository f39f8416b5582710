"""What `swarm gc` finds, takes and leaves, with real runs that are killed or live."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import docker
import pytest

from sandboxes.docker import owner
from sandboxes.docker.backend import Docker

Swarm = Callable[..., Any]
SLOW = {
    "shop.py": "PRICE = 1\n",
    "test_shop.py": "import time\n\ndef test_slow():\n    time.sleep(300)\n",
    "pytest.ini": "[pytest]\npythonpath = .\n",
}
DAY = 86_400


@pytest.fixture
def slow(make_repository: Callable[[Mapping[str, str]], Path]) -> Path:
    """A repository whose tests take longer than anybody waits."""
    return make_repository(SLOW)


@pytest.fixture
def state(home: Path) -> Callable[[], Path]:
    """The state folder of the one repository of a test."""

    def only() -> Path:
        return next(place for place in (home / "state/swarm").iterdir() if place.is_dir())

    return only


def worktrees(state: Path) -> list[Path]:
    return [place for place in (state / "worktrees").glob("*/*") if place.is_dir()]


def trees(home: Path) -> set[Path]:
    return set((home / "state/swarm").glob("*/worktrees/*/*/shop.py"))


def until(holds: Callable[[], object], seconds: float = 40) -> None:
    gives_up = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < gives_up, "it never came to that"
        time.sleep(0.05)


@contextmanager
def running(folder: Path, home: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A run that is in the middle of its baseline, with a worktree of its own."""
    known = trees(home)
    words = [sys.executable, "-m", "swarm", "fix", "prices are wrong"]
    run = subprocess.Popen(words, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        until(lambda: trees(home) - known)
        yield run
    finally:
        run.send_signal(signal.SIGKILL)
        run.wait()


def collected(swarm: Swarm, folder: Path, *flags: str) -> dict[str, Any]:
    said = swarm("gc", "--json", *flags, cwd=folder)
    assert said.code == 0, said.err
    answer: dict[str, Any] = json.loads(said.out)
    return answer


def used_last(file: Path, *, days: int) -> None:
    then = time.time() - days * DAY
    os.utime(file, (then, then))


def test_where_nothing_was_ever_run_there_is_nothing_to_remove(swarm: Swarm, tmp_path: Path, home: Path) -> None:
    said = swarm("gc", cwd=tmp_path)

    assert (said.code, said.out) == (0, "nothing to remove\n")
    assert not (home / "state").exists()


def test_what_a_killed_run_leaves_is_shown_first_and_removed_when_asked(
    swarm: Swarm, slow: Path, home: Path, state: Callable[[], Path]
) -> None:
    with running(slow, home) as run:
        run.kill()
        run.wait()

    shown = collected(swarm, slow)
    still_there = worktrees(state())
    taken = collected(swarm, slow, "--yes")
    again = collected(swarm, slow, "--yes")

    assert [waste["kind"] for waste in shown["waste"]] == ["worktree"]
    assert shown["bytes"] > 0
    assert not shown["removed"]
    assert len(still_there) == 1
    assert (taken["waste"][0]["place"], taken["removed"]) == (shown["waste"][0]["place"], True)
    assert again["waste"] == []
    assert sorted(place.name for place in (state() / "worktrees").iterdir()) == [".lock"]


def test_the_next_run_clears_away_what_a_killed_one_left(slow: Path, home: Path, state: Callable[[], Path]) -> None:
    with running(slow, home) as first:
        first.kill()
        first.wait()
    left = worktrees(state())

    with running(slow, home):
        pass

    assert len(left) == 1
    assert not left[0].exists()


def test_a_live_run_is_left_alone_and_what_is_dead_beside_it_is_not(
    swarm: Swarm, slow: Path, home: Path, state: Callable[[], Path]
) -> None:
    with running(slow, home) as run:
        dead = state() / "worktrees" / "dead"
        dead.mkdir()
        old = state() / "environments" / "old"
        old.mkdir(parents=True)
        live = worktrees(state())

        said = collected(swarm, slow, "--yes", "--older-than", "0")

        assert said["busy"] == [state().name]
        assert [waste["place"] for waste in said["waste"]] == [str(dead)]
        assert worktrees(state()) == live
        assert old.is_dir()
        assert run.poll() is None


def test_environments_go_when_they_were_not_used_for_long_or_never_finished(
    swarm: Swarm, slow: Path, home: Path, state: Callable[[], Path]
) -> None:
    with running(slow, home):
        pass
    kept = state() / "environments"
    for name in ("old", "new", "torn"):
        (kept / name / "room/venv").mkdir(parents=True)
        (kept / name / "room/venv/file").write_bytes(b"x" * 100_000)
        (kept / f"{name}.log").write_text("")
        if name != "torn":
            (kept / name / "ready.json").write_text("{}")
    used_last(kept / "old/ready.json", days=40)
    used_last(kept / "new/ready.json", days=20)
    (kept / "old/room/venv").chmod(0o555)

    said = collected(swarm, slow, "--yes")

    found = {Path(waste["place"]).name: waste for waste in said["waste"] if waste["kind"] == "environment"}
    assert {name: waste["reason"] for name, waste in found.items()} == {
        "old": "not used for 40 days",
        "torn": "it was never finished",
    }
    assert found["old"]["bytes"] >= 100_000
    assert sorted(place.name for place in kept.iterdir()) == ["new", "new.log"]


def test_the_mirror_of_a_repository_goes_only_when_that_is_gone_for_long(
    swarm: Swarm, slow: Path, home: Path, state: Callable[[], Path], tmp_path: Path
) -> None:
    with running(slow, home):
        pass
    origin, mirror = state() / "origin", state() / "mirror.git"
    collected(swarm, slow, "--yes")

    used_last(origin, days=40)
    still_here = collected(swarm, tmp_path, "--yes")["waste"]
    shutil.rmtree(slow)
    gone_for_long = collected(swarm, tmp_path)["waste"]
    used_last(origin, days=1)
    gone_just_now = collected(swarm, tmp_path, "--yes")["waste"]
    used_last(origin, days=40)
    said = swarm("gc", "--yes", cwd=tmp_path)

    assert (still_here, gone_just_now) == ([], [])
    assert [waste["kind"] for waste in gone_for_long] == ["mirror"]
    assert str(slow) in said.out
    assert not mirror.exists()
    assert list(state().glob("blackboard*")), "what was learned is kept"


def test_checkouts_that_worktrees_lay_on_go_when_they_were_not_used_for_long(
    swarm: Swarm, slow: Path, home: Path, state: Callable[[], Path]
) -> None:
    with running(slow, home):
        pass
    trees = state() / "mirror.git.trees"
    for name in ("aa", "bb"):
        (trees / name / "files").mkdir(parents=True)
        (trees / f"{name}.live").touch()
    used_last(trees / "aa", days=40)

    said = collected(swarm, slow, "--yes")

    assert [waste["place"] for waste in said["waste"] if waste["kind"] == "checkout"] == [str(trees / "aa")]
    assert sorted(place.name for place in trees.glob("[ab]*")) == ["bb", "bb.live"]


def test_containers_of_dead_runs_are_named_and_go_and_those_of_the_living_stay(
    slow: Path, swarm: Swarm, tmp_path: Path, engine: docker.DockerClient
) -> None:
    gone = subprocess.Popen(["true"])
    gone.wait()
    (tmp_path / "tree").mkdir()
    with Docker().open(tmp_path / "tree", ()):
        living = engine.containers.list(filters={"label": f"{owner.PROCESS}={os.getpid()}"})[0]
        dead = engine.api.create_container(
            living.image.id, ["true"], name="left-over", labels={**owner.labels(), owner.PROCESS: str(gone.pid)}
        )

        named = collected(swarm, slow)
        still = engine.api.inspect_container(dead["Id"])
        removed = collected(swarm, slow, "--yes")
        living.reload()

        assert still
        assert living.status == "running"
    for answer in (named, removed):
        assert [(waste["kind"], waste["place"]) for waste in answer["waste"] if waste["kind"] == "container"] == [
            ("container", "left-over")
        ]
    with pytest.raises(docker.errors.NotFound):
        engine.api.inspect_container(dead["Id"])
