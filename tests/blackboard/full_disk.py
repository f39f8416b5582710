"""Fills the disk below a blackboard and makes space again. Run it in a mount namespace of its own, with a folder."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from swarm.blackboard.runs import NewRun
from swarm.blackboard.sqlite import SqliteStore
from swarm.blackboard.tasks import NewTask
from swarm.errors import StoreFull


def until_full(step: Callable[[], object]) -> int:
    """How often the step could be done before it said that the disk is full."""
    for times in range(10**6):
        try:
            step()
        except StoreFull:
            return times
    raise AssertionError("the disk never became full")


def main() -> None:
    disk = Path(sys.argv[1])
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(disk)], check=True)
    store = SqliteStore.open(disk / "state")
    run = store.start_run(NewRun(title="t", issue="i", source="s", base="b", sandbox="none", workers=1)).name
    kept = [store.put_raw(os.urandom(500)) for _ in range(10)]
    ballast = disk / "ballast"
    ballast.write_bytes(b"x" * 200_000)
    added = until_full(lambda: store.add_task(run, NewTask(kind="fix", goal="more" * 500)))
    assert added > 10
    assert until_full(lambda: store.put_raw(os.urandom(300_000))) == 0
    assert len(store.tasks(run)) == added
    ballast.unlink()
    store.add_task(run, NewTask(kind="fix", goal="space again"))
    assert [len(store.raw(digest)) for digest in kept] == [500] * len(kept)
    assert not list(disk.glob("state/raw/*/draft-*"))
    store.close()
    again = SqliteStore.open(disk / "state")
    assert len(again.tasks(run)) == added + 1
    again.close()


if __name__ == "__main__":
    main()
