"""The power is cut: only what was synced is there afterwards, and what was acknowledged or shown is among it.

A library between the store and the kernel keeps a shadow of the folder with nothing in it but what was synced. A cut is a
copy of this shadow at one moment, while all writers are stopped.
"""

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import apsw
import pytest

from swarm.blackboard.findings import Finding
from swarm.blackboard.sqlite import SqliteStore
from swarm.blackboard.sqlite.database import FILE
from swarm.blackboard.tasks import Task
from swarm.errors import SwarmError

HERE = Path(__file__).parent
CUTS = 40


@dataclass
class Writers:
    """Processes that write, the folder they write to, and what was acknowledged to them up to now."""

    process: subprocess.Popen[bytes]
    folder: Path
    shadow: Path
    acknowledged: list[list] = field(default_factory=list)
    rest: bytes = b""

    def cut(self, to: Path) -> None:
        """Leave at `to` what a power cut would leave at this moment."""
        os.killpg(self.process.pid, signal.SIGSTOP)
        self.wait_until_stopped()
        self.listen()
        restore(self.shadow, self.folder.stat().st_ino, to)
        os.killpg(self.process.pid, signal.SIGCONT)

    def wait_until_stopped(self) -> None:
        while any(state not in "TtZ" for state in states_of_group(self.process.pid)):
            time.sleep(0.0005)

    def listen(self) -> None:
        assert self.process.stdout
        while chunk := self.process.stdout.read(1 << 20):
            self.rest += chunk
        *lines, self.rest = self.rest.split(b"\n")
        self.acknowledged += [json.loads(line) for line in lines]


def states_of_group(group: int) -> list[str]:
    found = []
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = status.read_text().rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        if int(fields[2]) == group:
            found.append(fields[0])
    return found


def restore(shadow: Path, folder: int, to: Path) -> None:
    """Make the folder anew from its names and contents as far as they were synced, by their inodes."""
    to.mkdir()
    names = shadow / f"names-{folder}"
    for line in names.read_text().splitlines() if names.exists() else []:
        inode, _, name = line.partition(" ")
        if (shadow / f"names-{inode}").exists():
            restore(shadow, int(inode), to / name)
        elif (shadow / f"data-{inode}").exists():
            shutil.copy(shadow / f"data-{inode}", to / name)
        else:
            (to / name).touch()


@pytest.fixture(scope="module")
def shim(tmp_path_factory: pytest.TempPathFactory) -> Path:
    built = tmp_path_factory.mktemp("shim") / "powercut.so"
    subprocess.run(["cc", "-shared", "-fPIC", "-O1", "-Wall", "-o", str(built), str(HERE / "powercut.c")], check=True)
    return built


@contextmanager
def writers(shim: Path, place: Path, synced: str) -> Iterator[Writers]:
    folder, shadow = place / "state", place / "shadow"
    folder.mkdir()
    shadow.mkdir()
    environment = {**os.environ, "LD_PRELOAD": str(shim), "POWERCUT_FOLDER": str(folder), "POWERCUT_SHADOW": str(shadow)}
    argv = [sys.executable, str(HERE / "powercut_worker.py"), str(folder), synced]
    with subprocess.Popen(argv, env=environment, stdout=subprocess.PIPE, start_new_session=True) as process:
        assert process.stdout
        os.set_blocking(process.stdout.fileno(), False)
        writing = Writers(process, folder, shadow)
        try:
            until = time.monotonic() + 20
            while len(writing.acknowledged) < 3 and time.monotonic() < until:
                time.sleep(0.01)
                writing.listen()
            yield writing
        finally:
            os.killpg(process.pid, signal.SIGKILL)


def lost(folder: Path, acknowledged: list[list]) -> list[str]:
    """What was acknowledged and is not there, and what is there and damaged."""
    run = acknowledged[0][1]
    store = SqliteStore.open(folder)
    tasks = {task.number: task for task in store.tasks(run)}
    findings = {finding.number: finding for finding in store.findings(run)}
    shown = [words[1] for words in acknowledged if words[0] == "saw"]
    missing = [f"{words}" for words in acknowledged if words[0] not in ("run", "saw") and not is_kept(words, tasks, findings)]
    missing += [f"entry {max(shown)}, which was shown" for _ in shown[:1] if not store.entries(run, after=max(shown) - 1)]
    for finding in findings.values():
        assert finding.evidence
        if store.raw(finding.evidence.output) != finding.gist.encode():
            missing.append(f"raw output of f{finding.number}")
    store.close()
    with apsw.Connection(str(folder / FILE)) as database:
        missing += [str(row) for row in database.execute("pragma integrity_check") if row != ("ok",)]
    return missing


def is_kept(words: list, tasks: dict[int, Task], findings: dict[int, Finding]) -> bool:
    match words:
        case ["added", number, goal]:
            return number in tasks and tasks[number].goal == goal
        case ["finished", number, result]:
            return number in tasks and tasks[number].result == result
        case ["found", number, gist]:
            return number in findings and findings[number].gist == gist
    raise AssertionError(words)


def test_forty_power_cuts_lose_nothing_that_was_acknowledged_or_shown(shim: Path, tmp_path: Path):
    with writers(shim, tmp_path, "synced") as writing:
        for number in range(CUTS):
            time.sleep(random.uniform(0.001, 0.08))
            cut = tmp_path / f"cut{number}"
            writing.cut(cut)
            assert lost(cut, writing.acknowledged) == []
            shutil.rmtree(cut)
    said = Counter(words[0] for words in writing.acknowledged)
    print(f"{CUTS} cuts, {said}")
    assert min(said[what] for what in ("added", "finished", "found", "saw")) > 20


def test_the_same_cuts_lose_commits_of_a_store_that_does_not_sync_its_log(shim: Path, tmp_path: Path):
    losses = 0
    with writers(shim, tmp_path, "not synced") as writing:
        for number in range(CUTS):
            time.sleep(random.uniform(0.001, 0.08))
            cut = tmp_path / f"cut{number}"
            writing.cut(cut)
            losses += bool(unsynced_losses(cut, writing.acknowledged))
            if losses > 3:
                break
    assert losses > 3


def unsynced_losses(cut: Path, acknowledged: list[list]) -> list[str]:
    try:
        return lost(cut, acknowledged)
    except SwarmError as trouble:
        return [str(trouble)]
