"""Tests that never end are failures like any other: interrupted, located, and no hindrance for those behind them."""

from pathlib import Path

from sandboxes.environment import inherited
from sandboxes.host import Host
from sandboxes.mirror import Mirror
from swarm.evidence.baseline import HANGS, Thoroughness, measure
from swarm.evidence.rooms import Rooms
from swarm.evidence.runner import Manner
from swarm.evidence.runners.pytest import PytestRunner
from swarm.evidence.runners.unittest import UnittestRunner

FILES = {
    "pytest.ini": "[pytest]\naddopts = -p no:hypothesispytest -p no:anyio -p no:timeout\n",
    "steps.py": "def count(n):\n    steps = 0\n    while n != 0:\n        n -= 2\n        steps += 1\n    return steps\n"
    "def deep(n):\n    return deep(n + 1)\n",
    "test_steps.py": "import pytest\nfrom steps import count, deep\n"
    "@pytest.mark.parametrize('n', [0, 1, 3, 4])\ndef test_count(n): assert count(n) == (n + 1) // 2\n"
    "def test_deep(): assert deep(1) == 2\ndef test_last(): pass\n",
}


def put(folder: Path) -> tuple[Rooms, str, PytestRunner]:
    mirror = Mirror.at(folder / "mirror.git")
    rooms = Rooms(Host(), mirror, inherited(folder), folder / "worktrees")
    tree = mirror.put(mirror.git.text("mktree"), {path: text.encode() for path, text in FILES.items()})
    return rooms, tree, PytestRunner(rooms.environment.python)


def test_a_test_that_never_ends_is_interrupted_where_it_is_and_the_others_are_run(tmp_path: Path) -> None:
    rooms, tree, runner = put(tmp_path)
    with rooms.open(tree) as room:
        run = runner.run(room.sandbox, timeout=100, manner=Manner(cpu=0.5))
    assert run.complete, run.why_incomplete
    assert {test.partition("::")[2] for test in run.failed} == {"test_count[1]", "test_count[3]", "test_deep"}
    hung = run.results["test_steps.py::test_count[1]"]
    assert hung.error == HANGS
    assert "interrupted after 0.5 s" in hung.message
    assert hung.frames[-1].path == "steps.py"
    assert 3 <= hung.frames[-1].line <= 5
    assert run.results["test_steps.py::test_deep"].error == "RecursionError"


def test_the_baseline_counts_them_as_red_and_knows_that_tests_hang(tmp_path: Path) -> None:
    rooms, tree, runner = put(tmp_path)
    baseline = measure(runner, rooms, tree, Thoroughness(runs=2, cpu=0.3))
    assert {test.partition("::")[2] for test in baseline.red} == {"test_count[1]", "test_count[3]", "test_deep"}
    assert {test.partition("::")[2] for test in baseline.passing} == {"test_count[0]", "test_count[4]", "test_last"}
    assert baseline.hanging == ()
    assert baseline.cpu > 0


def test_a_test_that_only_takes_long_is_not_taken_for_hanging(tmp_path: Path) -> None:
    rooms, tree, runner = put(tmp_path)
    slow = "import time\ndef test_slow():\n    end = time.process_time() + 0.5\n    while time.process_time() < end: pass\n"
    tree = rooms.mirror.put(tree, {"test_steps.py": slow.encode()})
    baseline = measure(runner, rooms, tree, Thoroughness(runs=1, cpu=0.3))
    assert baseline.passing == ("test_steps.py::test_slow",)
    assert baseline.cpu == 0


def test_the_same_is_true_of_unittest(tmp_path: Path) -> None:
    rooms, tree, _ = put(tmp_path)
    text = (
        "import unittest\nfrom steps import count\nclass TestSteps(unittest.TestCase):\n"
        "    def test_even(self): self.assertEqual(count(4), 2)\n    def test_odd(self): self.assertEqual(count(3), 2)\n"
        "    def test_part(self):\n        with self.subTest(n=1): count(1)\n    def test_z_last(self): pass\n"
    )
    tree = rooms.mirror.put(tree, {"test_steps.py": text.encode()})
    runner = UnittestRunner(rooms.environment.python)
    baseline = measure(runner, rooms, tree, Thoroughness(runs=2, cpu=0.3))
    assert [test.rpartition("::")[2] for test in baseline.red] == ["test_odd", "test_part"]
    assert [test.rpartition("::")[2] for test in baseline.passing] == ["test_even", "test_z_last"]
    hung = baseline.failing["test_steps.py::TestSteps::test_odd"]
    assert hung.error == HANGS
    assert hung.frames[-1].path == "steps.py"
