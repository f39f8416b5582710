"""How fast and how fair the queue is, beside a bare loop of the same transactions and beside huey, in alternating rounds.

The figures are printed, not asserted: a shared machine would make them fail at random.
"""

import json
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import pytest
from huey.storage import SqliteStorage

from swarm.blackboard.journal import read_line
from swarm.blackboard.runs import NewRun
from swarm.blackboard.sqlite import SqliteStore
from swarm.blackboard.tasks import NewTask, TaskCaps
from swarm.board import Board
from swarm.events import WorkerActed

WORKER = Path(__file__).with_name("queue_worker.py")
SECONDS = 2.0
TASKS = 40_000

pytestmark = pytest.mark.benchmark


@dataclass(frozen=True)
class Round:
    rate: float
    p99: float
    longest: float
    fairness: float

    def line(self) -> str:
        return f"{self.rate:8.0f}/s  p99 {self.p99 * 1000:7.1f} ms  longest {self.longest:6.3f} s  min/mean {self.fairness:4.2f}"


@pytest.mark.timeout(600)
@pytest.mark.parametrize("processes", [1, 4, 16])
def test_claims_and_finishes_beside_a_bare_loop_and_huey(tmp_path: Path, processes: int):
    rounds: dict[str, list[Round]] = {"swarm": [], "bare": [], "huey": []}
    for number in range(3):
        for contender, measured in rounds.items():
            measured.append(measure(contender, tmp_path / f"{contender}{number}", processes))
    best = {contender: middle(measured) for contender, measured in rounds.items()}
    print(f"\n{processes} processes, medians of 3 alternating rounds of {SECONDS} s")
    print("  one turn claims a task and finishes it, and whoever finishes knows that it is on the disk")
    for contender, seen in best.items():
        print(f"  {contender:6} {seen.line()}")
    print(f"  rate: {best['swarm'].rate / best['bare'].rate:.2f} of bare, {best['swarm'].rate / best['huey'].rate:.2f} of huey")
    print(f"  longest wait: {best['swarm'].longest / best['huey'].longest:.2f} of huey's")
    assert all(seen.rate > 0 for seen in best.values())


def test_events_appended_and_folded(tmp_path: Path):
    store = SqliteStore.open(tmp_path)
    run = a_run(store)
    events = [WorkerActed("w1", number, f"step {number}") for number in range(1000)]
    begun = time.perf_counter()
    for event in events:
        store.record(run, event)
    one_by_one = time.perf_counter() - begun
    begun = time.perf_counter()
    store.record(run, *events * 10)
    at_once = time.perf_counter() - begun
    begun = time.perf_counter()
    lines = [entry.line() for entry in store.entries(run, limit=20_000)]
    read = time.perf_counter() - begun
    begun = time.perf_counter()
    entries = [read_line(line) for line in lines]
    parsed = time.perf_counter() - begun
    begun = time.perf_counter()
    board = Board().after_all(entry.event for entry in entries)
    folded = time.perf_counter() - begun
    store.close()
    print(f"\nappended one by one: {1000 / one_by_one:.0f}/s, 10,000 in one transaction: {10_000 / at_once:.0f}/s")
    print(f"read as lines: {len(lines) / read:.0f}/s, parsed: {len(lines) / parsed:.0f}/s, folded: {len(lines) / folded:.0f}/s")
    assert board.state == "running"


def measure(contender: str, folder: Path, processes: int) -> Round:
    run = fill(contender, folder)
    argv = [sys.executable, str(WORKER), contender, str(folder), run, str(SECONDS)]
    pipe = subprocess.PIPE
    workers = [subprocess.Popen(argv, stdin=pipe, stdout=pipe, text=True) for _ in range(processes)]
    for worker in workers:
        assert worker.stdout
        assert worker.stdout.readline() == "ready\n"
    for worker in workers:
        assert worker.stdin
        worker.stdin.write("go\n")
        worker.stdin.flush()
    seen = [json.loads(worker.communicate()[0]) for worker in workers]
    waits = sorted(wait for each in seen for wait in each["waits"])
    counts = [len(each["waits"]) for each in seen]
    rate = sum(counts) / max(each["seconds"] for each in seen)
    return Round(rate, waits[int(len(waits) * 0.99)], waits[-1], min(counts) / statistics.mean(counts))


def middle(rounds: list[Round]) -> Round:
    columns = zip(*((one.rate, one.p99, one.longest, one.fairness) for one in rounds), strict=True)
    return Round(*(statistics.median(column) for column in columns))


def fill(contender: str, folder: Path) -> str:
    folder.mkdir()
    if contender == "huey":
        storage = SqliteStorage("bench", filename=str(folder / "huey.sqlite3"), fsync=False)
        with storage.db(commit=True) as cursor:
            rows = [("bench", str(number).encode(), 0) for number in range(TASKS)]
            cursor.executemany("insert into task (queue, data, priority) values (?, ?, ?)", rows)
        storage.close()
        return ""
    store = SqliteStore.open(folder, caps=TaskCaps(tasks=TASKS))
    run = a_run(store)
    with store._database.changing() as change:
        for number in range(TASKS):
            store._add(change, run, NewTask(kind="fix", goal=f"task {number}"))
    store.close()
    return run


def a_run(store: SqliteStore) -> str:
    return store.start_run(NewRun(title="t", issue="i", source="s", base="b", sandbox="none", workers=1)).name
