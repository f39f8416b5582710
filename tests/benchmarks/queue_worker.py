"""One process of the benchmark: claims and finishes tasks in a loop until its time is over, then prints what it saw.

`queue_worker.py CONTENDER FOLDER RUN SECONDS`; it says `ready`, and begins when a line comes in.
"""

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path

import apsw
from huey.storage import SqliteStorage

from swarm.blackboard.sqlite import SqliteStore
from swarm.blackboard.sqlite.database import FILE
from swarm.blackboard.sqlite.statements import load_statements


def swarm_turn(folder: Path, run: str) -> Callable[[], bool]:
    store = SqliteStore.open(folder)
    claimed = store.claim(run, f"worker {time.monotonic_ns()}", ("fix",), lease_seconds=60)

    def turn() -> bool:
        nonlocal claimed
        if claimed is not None:
            claimed = store.exchange(claimed[1], "done", ("fix",), lease_seconds=60)
        return claimed is not None

    return turn


def bare_turn(folder: Path, run: str) -> Callable[[], bool]:
    """The same rows written in the same durable transactions, by nothing but SQLite in a loop."""
    sql = load_statements()
    connection = apsw.Connection(str(folder / FILE), statementcachesize=200)
    connection.set_busy_timeout(60_000)
    connection.config(apsw.SQLITE_DBCONFIG_ENABLE_QPSG, 1)
    for name in ("use_wal", "keep_references"):
        connection.execute(sql[name]).fetchall()
    connection.pragma("synchronous", 2)
    claim, finish, append, begin, commit = (sql[name] for name in ("claim", "finish", "append", "begin_change", "commit"))
    tell = {
        "run": run,
        "at": 1.0,
        "format": 1,
        "event": "TaskClaimed",
        "body": json.dumps({"task": 1, "worker": "w", "token": 1}),
    }

    lease: dict[str, object] = {}

    def turn() -> bool:
        connection.execute(begin)
        if lease:
            connection.execute(finish, lease).fetchall()
            connection.execute(append, tell)
        now = time.time() + 60
        rows = connection.execute(claim, {"run": run, "worker": "w", "until": now, "kinds": '["fix"]'}).fetchall()
        if rows:
            connection.execute(append, tell)
            lease.update(run=run, task=rows[0][1], worker="w", token=rows[0][10], result="done")
        connection.execute(commit)
        return bool(rows)

    return turn


def huey_turn(folder: Path, _run: str) -> Callable[[], bool]:
    storage = SqliteStorage("bench", filename=str(folder / "huey.sqlite3"), fsync=True, timeout=60)

    def turn() -> bool:
        task = storage.dequeue()
        if task is None:
            return False
        storage.put_data(task, b"done")
        return True

    return turn


def main() -> None:
    contender, folder, run, seconds = sys.argv[1:]
    turn = {"swarm": swarm_turn, "bare": bare_turn, "huey": huey_turn}[contender](Path(folder), run)
    print("ready", flush=True)
    sys.stdin.readline()
    waits, begun = [], time.monotonic()
    now = begun
    while now < begun + float(seconds) and turn():
        before, now = now, time.monotonic()
        waits.append(now - before)
    print(json.dumps({"waits": waits, "seconds": now - begun}))


if __name__ == "__main__":
    main()
