"""Workers are killed and stopped at random moments, hundreds of times, and nothing that was acknowledged is lost or doubled."""

import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import apsw
import pytest

from swarm.blackboard.runs import NewRun
from swarm.blackboard.sqlite import SqliteStore
from swarm.blackboard.sqlite.database import FILE
from swarm.blackboard.tasks import NewTask, TaskCaps, TaskState
from swarm.events import TaskClaimed, TaskExpired, TaskFinished

SCRIPT = Path(__file__).with_name("crash_worker.py")
WORKERS = 8
STOPPED_FOR = 0.5
"""Seconds; twice the lease of a worker."""


@dataclass
class Crew:
    """Worker processes that are killed, stopped, let go on and replaced, and what they acknowledged."""

    process: subprocess.Popen[str]
    chance: random.Random
    alive: dict[int, str] = field(default_factory=dict)
    stopped: dict[int, float] = field(default_factory=dict)
    heard: list[list] = field(default_factory=list)
    kills: int = 0
    stops: int = 0

    def listen(self) -> None:
        assert self.process.stdout
        for line in self.process.stdout:
            words = json.loads(line)
            if words[0] == "born":
                self.alive[words[1]] = words[2]
            else:
                self.heard.append(words)

    def hire(self) -> None:
        assert self.process.stdin
        before = len(self.alive)
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        while len(self.alive) == before:
            time.sleep(0.001)

    def kill(self, worker: int) -> None:
        os.kill(worker, signal.SIGKILL)
        self.stopped.pop(worker, None)
        del self.alive[worker]
        self.kills += 1

    def stop(self, worker: int) -> None:
        os.kill(worker, signal.SIGSTOP)
        self.stopped[worker] = time.monotonic() + STOPPED_FOR
        self.stops += 1

    def wake(self, *, everybody: bool = False) -> None:
        for worker, until in list(self.stopped.items()):
            if everybody or time.monotonic() > until:
                os.kill(worker, signal.SIGCONT)
                del self.stopped[worker]

    def told(self, what: str) -> list[list]:
        return [words[1:] for words in self.heard if words[0] == what]


@contextmanager
def crew(folder: Path, run: str, kind: str, seed: int) -> Iterator[Crew]:
    argv = [sys.executable, str(SCRIPT), str(folder), run, kind]
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        hired = Crew(process, random.Random(seed))
        listener = threading.Thread(target=hired.listen)
        listener.start()
        try:
            for _ in range(WORKERS):
                hired.hire()
            yield hired
        finally:
            for worker in list(hired.alive):
                with suppress(ProcessLookupError):
                    os.kill(worker, signal.SIGKILL)
            process.stdin.close()
            process.wait(10)
            listener.join(10)


@pytest.fixture
def run(tmp_path: Path) -> str:
    store = SqliteStore.open(tmp_path, caps=TaskCaps(tasks=10**6))
    run = store.start_run(NewRun(title="t", issue="i", source="s", base="b", sandbox="none", workers=WORKERS)).name
    for number in range(20):
        store.add_task(run, NewTask(kind="fix", goal=f"first {number}"))
    store.close()
    return run


def violations(folder: Path, run: str, crew: Crew) -> list[str]:
    """Everything that the store promised and did not keep."""
    store = SqliteStore.open(folder)
    tasks = {task.number: task for task in store.tasks(run)}
    entries = list(store.entries(run, limit=10**7))
    found = [
        f"acknowledged result of t{task} is not kept" for task, result in crew.told("finished") if tasks[task].result != result
    ]
    found += [f"t{task} is not done" for task, _ in crew.told("finished") if tasks[task].state is not TaskState.DONE]
    twice = Counter(task for task, _ in crew.told("finished"))
    found += [f"t{task} was acknowledged {times} times" for task, times in twice.items() if times > 1]
    found += [f"added task t{number} is lost" for number, goal in crew.told("added") if tasks[number].goal != goal]
    for number, output in crew.told("found"):
        evidence = store.finding(run, number).evidence
        if evidence is None or evidence.output != output or not store.raw(output):
            found.append(f"evidence of f{number} is lost")
    found += stale_effects(entries)
    if [entry.position for entry in entries] != list(range(1, len(entries) + 1)):
        found.append("the journal has holes")
    store.close()
    with apsw.Connection(str(folder / FILE)) as database:
        found += [f"integrity: {row}" for row in database.execute("pragma integrity_check") if row != ("ok",)]
        found += [f"reference: {row}" for row in database.execute("pragma foreign_key_check")]
    return found


def stale_effects(entries) -> list[str]:
    """Results in the journal by workers that did not hold the task any more."""
    found: list[str] = []
    holders: dict[int, str] = {}
    for entry in entries:
        match entry.event:
            case TaskClaimed(task=task, worker=worker):
                holders[task] = worker
            case TaskExpired(task=task):
                holders.pop(task)
            case TaskFinished(task=task, worker=worker) if holders.pop(task, "") != worker:
                found.append(f"{worker} finished t{task}, which it did not hold")
    return found


def disturb(crew: Crew, *, kill: float, stop: float) -> None:
    """For a moment, do to a random worker what may happen to it."""
    crew.wake()
    running = [worker for worker in crew.alive if worker not in crew.stopped]
    if crew.chance.random() < kill:
        crew.kill(crew.chance.choice(running))
        crew.hire()
    elif len(running) > WORKERS // 2 and crew.chance.random() < stop:
        crew.stop(crew.chance.choice(running))
    time.sleep(crew.chance.uniform(0.001, 0.03))


def test_three_hundred_kills_lose_nothing_and_double_nothing(tmp_path: Path, run: str):
    seed = random.SystemRandom().randrange(2**32)
    print(f"seed {seed}")
    with crew(tmp_path, run, "real", seed) as hired:
        while hired.kills < 300:
            disturb(hired, kill=0.8, stop=0.2)
        hired.wake(everybody=True)
        time.sleep(1)
    acknowledged = {what: len(hired.told(what)) for what in ("finished", "added", "found", "refused")}
    print(f"{hired.kills} kills, {hired.stops} stops, {acknowledged}")
    assert violations(tmp_path, run, hired) == []
    assert acknowledged["finished"] > 100
    assert acknowledged["found"] > 10


def test_the_late_results_of_stopped_workers_are_refused(tmp_path: Path, run: str):
    with crew(tmp_path, run, "real", 1) as hired:
        until = time.monotonic() + 20
        while len(hired.told("refused")) < 10 and time.monotonic() < until:
            disturb(hired, kill=0, stop=0.5)
        hired.wake(everybody=True)
        time.sleep(0.5)
    assert violations(tmp_path, run, hired) == []
    assert len(hired.told("refused")) >= 10


def test_a_queue_that_does_not_look_at_the_token_is_caught(tmp_path: Path, run: str):
    with crew(tmp_path, run, "mutant", 1) as hired:
        until = time.monotonic() + 20
        while not stale(tmp_path, run) and time.monotonic() < until:
            for _ in range(20):
                disturb(hired, kill=0.1, stop=0.5)
        hired.wake(everybody=True)
    found = violations(tmp_path, run, hired)
    assert any("did not hold" in violation for violation in found)
    assert any("acknowledged" in violation for violation in found)


def stale(folder: Path, run: str) -> bool:
    store = SqliteStore.open(folder)
    found = stale_effects(store.entries(run, limit=10**7))
    store.close()
    return len(found) > 3
