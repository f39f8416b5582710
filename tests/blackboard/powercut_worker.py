"""Processes that write to a blackboard as fast as they can, or watch it, and say what was acknowledged or shown to them.

`powercut_worker.py FOLDER SYNCED`; where SYNCED is not `synced`, the log is never synced, as with synchronous=NORMAL alone.
"""

import json
import os
import sys
import tempfile
from pathlib import Path

from swarm.blackboard.findings import Evidence, NewFinding
from swarm.blackboard.runs import NewRun
from swarm.blackboard.sqlite import SqliteStore
from swarm.blackboard.sqlite.upkeep import tidy
from swarm.blackboard.tasks import NewTask, TaskCaps


def say(*words: object) -> None:
    os.write(1, (json.dumps(words) + "\n").encode())


def work(folder: Path, run: str, name: str, *, synced: bool) -> None:
    store = SqliteStore.open(folder, caps=TaskCaps(tasks=10**6))
    if synced:
        # A log of 25 pages counts as long, and one of 75 as too long, so that cuts fall into checkpoints of both sorts.
        store._database._writer.set_wal_hook(lambda log, name, pages: tidy(log, name, pages * 40))
    else:
        with tempfile.TemporaryFile() as elsewhere:
            os.dup2(elsewhere.fileno(), store._database._log)
    claimed = None
    for number in range(10**6):
        goal = f"{name} {number}"
        say("added", store.add_task(run, NewTask(kind=name, goal=goal)).number, goal)
        claimed = claimed or store.claim(run, name, [name], lease_seconds=600)
        assert claimed
        if number % 3 == 0:
            seen = Evidence(argv=("look",), exit_code=0, output=store.put_raw(goal.encode()))
            new = NewFinding(kind="observed", gist=goal, summary="", author=name, evidence=seen)
            say("found", store.propose(run, new, claimed[1]).number, goal)
        (done, lease), claimed = claimed, None
        if number % 2:
            claimed = store.exchange(lease, goal, [name], lease_seconds=600)
        else:
            store.finish(lease, goal)
        say("finished", done.number, goal)


def watch(folder: Path, run: str) -> None:
    for entry in SqliteStore.open(folder).follow(run, idle=0.001):
        say("saw", entry.position)


def main() -> None:
    folder, synced = Path(sys.argv[1]), sys.argv[2] == "synced"
    store = SqliteStore.open(folder)
    run = store.start_run(NewRun(title="t", issue="i", source="s", base="b", sandbox="none", workers=2)).name
    store.close()
    say("run", run)
    if os.fork() == 0:
        watch(folder, run)
    work(folder, run, "child" if os.fork() == 0 else "parent", synced=synced)


if __name__ == "__main__":
    main()
