"""Edits tried in living functions beside a pytest process for each of them, on the same edits in the same run."""

import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from sandboxes.environment import inherited
from sandboxes.host import Host
from sandboxes.mirror import Mirror
from swarm.evidence.rooms import Room, Rooms
from swarm.evidence.runners.pytest import PytestRunner
from swarm.repair.edits import Edit
from swarm.repair.engine.survey import survey
from swarm.repair.engine.trying import Engine
from swarm.repair.trial import Fate, Trial

pytestmark = [pytest.mark.benchmark, pytest.mark.timeout(600)]

QUICK = "[pytest]\naddopts = -p no:hypothesispytest -p no:anyio -p no:timeout\n"
SEARCH = """
def position(names, wanted):
    low, high = 0, len(names) - 1
    while low < high:
        middle = (low + high) // 2
        if names[middle] == wanted:
            return middle
        if names[middle] < wanted:
            low = middle + 1
        else:
            high = middle - 1
    return -1
"""
SMALL = {
    "pytest.ini": QUICK,
    "search.py": SEARCH,
    "test_search.py": """
import pytest
from search import position

@pytest.mark.parametrize("name", "abcdefg")
def test_position(name):
    assert position(list("abcdefg"), name) == "abcdefg".index(name)

def test_nowhere():
    assert position([], "a") == position(["b"], "a") == -1
""",
}


def large() -> Mapping[str, str]:
    """Fifty modules with ten tests each; a tenth of them leads to the function with the fault."""
    files = {
        "pytest.ini": QUICK,
        "shop/__init__.py": "",
        "shop/search.py": SEARCH,
        "tests/test_search.py": SMALL["test_search.py"],
    }
    files["tests/test_search.py"] = files["tests/test_search.py"].replace("from search", "from shop.search")
    for number in range(50):
        files[f"shop/part{number}.py"] = (
            "from shop.search import position\nclass Part:\n    known = {}\n    def __init__(self, n):\n        self.n = n\n"
            "    def total(self):\n        return sum(range(self.n))\n"
            "    def place(self):\n        return position(['x', 'y', 'z'], 'y')\n"
        )
        files[f"tests/test_part{number}.py"] = (
            f"import pytest\nfrom shop.part{number} import Part\n@pytest.fixture\ndef part(): return Part(4)\n"
            "@pytest.mark.parametrize('n', range(9))\ndef test_total(part, n): assert part.total() + n == 6 + n\n"
            "def test_place(part): assert part.place() == 1\n"
        )
    return files


def many(path: str, text: str) -> Iterator[Edit]:
    """Thousands of edits of one function: most fail at once, one in twenty loops for ever, some satisfy the failing tests."""
    places = [
        ("low, high = 0, len(names) - 1", "low, high = 0, len(names) - {}"),
        ("middle + 1", "middle + {}"),
        ("// 2", "// {}"),
    ]
    for n in range(3, 1003):
        for old, new in places:
            yield Edit(path, 4, "hand", f"{old} with {n}", text.replace(old, new.format(n)).encode())
    for n in range(150):
        yield Edit(path, 4, "hand", f"for ever, in way {n}", text.replace("low < high", f"low < high + {n + 9}").encode())
    for n in range(20):
        yield Edit(path, 4, "hand", f"right, in way {n}", text.replace("low < high", f"low <= high + {n} - {n}").encode())


@contextmanager
def room_for(folder: Path, files: Mapping[str, str]) -> Iterator[tuple[Rooms, Room]]:
    mirror = Mirror.at(folder / "mirror.git")
    rooms = Rooms(Host(), mirror, inherited(folder), folder / "worktrees")
    tree = mirror.put(mirror.git.text("mktree"), {path: text.encode() for path, text in files.items()})
    with rooms.open(tree) as room:
        yield rooms, room


def slowly(rooms: Rooms, room: Room, edits: Sequence[Edit], tests: Sequence[str]) -> None:
    """Run a pytest process for each edit, and in it nothing but the failing tests."""
    runner = PytestRunner(rooms.environment.python)
    for edit in edits:
        (room.worktree / edit.path).write_bytes(edit.new_source)
        runner.run(room.sandbox, tests, timeout=60)


@contextmanager
def stopwatch() -> Iterator[Callable[[], tuple[float, float]]]:
    """Measure the seconds on the clock, and those that all cores together worked in the processes that ended meanwhile."""
    before, began = os.times(), time.perf_counter()

    def read() -> tuple[float, float]:
        now = os.times()
        worked = now.children_user + now.children_system - before.children_user - before.children_system
        return time.perf_counter() - began, worked

    yield read


@pytest.mark.parametrize(("size", "goal"), [("small", 200), ("large", 50)])
def test_edits_are_tried_many_times_faster_than_by_a_process_each(tmp_path: Path, size: str, goal: int):
    files = SMALL if size == "small" else large()
    path = "search.py" if size == "small" else "shop/search.py"
    with room_for(tmp_path, files) as (rooms, room):
        truth = PytestRunner(rooms.environment.python).run(room.sandbox, timeout=120)
        with stopwatch() as watch:
            seen = survey(room, rooms.environment, truth.collected, truth.failed)
            surveyed, _ = watch()
        engine = Engine(room, rooms.environment, {path: files[path].encode()}, seen, truth.failed, truth.passed)
        edits = list(many(path, files[path]))
        with stopwatch() as watch:
            trials: list[Trial] = list(engine.tries(edits, seconds=300))
            clock, worked = watch()
        fast = len(trials) / worked
        ending = [trial.edit for trial in trials if trial.fate is not Fate.TIMED_OUT]
        chosen = ending[:: len(ending) // 12]
        with stopwatch() as watch:
            slowly(rooms, room, chosen, truth.failed)
            slow = len(chosen) / watch()[1]
    print(f"\n{size}: {len(truth.collected)} tests, surveyed in {surveyed:.1f} s; {len(trials)} edits in {clock:.1f} s,")
    print(f"{fast:.0f} a second of a core, {slow:.2f} by a process each: {fast / slow:.0f} times as many (goal {goal})")
    assert len(trials) == len(edits)
    assert sum(trial.plausible for trial in trials) >= 20
    assert fast / slow >= goal
