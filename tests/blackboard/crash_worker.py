"""The workers of the crash test, forked from one warm process so that hundreds of them can be killed in seconds.

`crash_worker.py FOLDER RUN MUTANT`: each line that comes in forks a worker, whose process id is told as `born ID NAME`.
What a worker was told that it is kept, it acknowledges on the same pipe, one short line each, which a pipe never mixes up.
"""

import gc
import json
import os
import random
import signal
import sys
import time
from pathlib import Path

from swarm.blackboard.findings import Evidence, NewFinding
from swarm.blackboard.sqlite import SqliteStore
from swarm.blackboard.sqlite.statements import Statements, load_statements
from swarm.blackboard.tasks import NewTask, TaskCaps
from swarm.errors import StaleLease

LEASE = 0.25
CAPS = TaskCaps(tasks=10**6, depth=10**6, setbacks=10**6)


def forgetful_statements() -> Statements:
    """The statements of a queue that does not look at the token: who writes last is right."""
    check = " AND state = 'claimed' AND worker = :worker AND token = :token"
    return Statements((name, text.replace(check, "")) for name, text in load_statements().items())


def say(*words: object) -> None:
    os.write(1, (json.dumps(words) + "\n").encode())


def work(folder: Path, run: str, name: str, statements: Statements) -> None:
    store = SqliteStore.open(folder, caps=CAPS, statements=statements)
    chance = random.Random(name)
    claimed = None
    while True:
        claimed = claimed or store.claim(run, name, ["fix"], lease_seconds=LEASE)
        if claimed is None:
            time.sleep(0.005)
            continue
        lease, claimed = claimed[1], None
        time.sleep(chance.expovariate(1 / 0.006))
        try:
            if chance.random() < 0.2:
                output = store.put_raw(f"{name} looked at {lease.task}".encode())
                seen = Evidence(argv=("look",), exit_code=0, output=output)
                new = NewFinding(kind="observed", gist=f"t{lease.task} by {name}", summary="", author=name, evidence=seen)
                say("found", store.propose(run, new, lease).number, output)
            if chance.random() < 0.5:
                claimed = store.exchange(lease, f"{name} {lease.token}", ["fix"], lease_seconds=LEASE)
            else:
                store.finish(lease, f"{name} {lease.token}")
            say("finished", lease.task, f"{name} {lease.token}")
        except StaleLease:
            say("refused", lease.task, name)
        goal = f"after t{lease.task} by {name}"
        say("added", store.add_task(run, NewTask(kind="fix", goal=goal)).number, goal)


def main() -> None:
    folder, run, mutant = Path(sys.argv[1]), sys.argv[2], sys.argv[3] == "mutant"
    statements = forgetful_statements() if mutant else load_statements()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    gc.freeze()
    for number, _ in enumerate(sys.stdin):
        if (process := os.fork()) == 0:
            work(folder, run, f"w{number}", statements)
        say("born", process, f"w{number}")


if __name__ == "__main__":
    main()
