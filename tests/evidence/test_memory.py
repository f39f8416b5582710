"""What is known of base is measured once."""

import json
from pathlib import Path
from typing import Any

import pytest

from swarm.evidence.baseline import Baseline, Thoroughness
from swarm.evidence.memory import Memory

FILES = {"test_a.py": "def test_passes(): pass\ndef test_fails(): assert 1 == 2, 'no'\n", "test_b.py": "import nowhere\n"}
ONCE = Thoroughness(runs=1)


class _Counting:
    """A runner that counts its runs."""

    def __init__(self, runner: Any) -> None:
        self.runner, self.name, self.framework, self.runs = runner, runner.name, runner.framework, 0

    def run(self, *args: Any, **options: Any) -> Any:
        self.runs += 1
        return self.runner.run(*args, **options)


@pytest.fixture
def counting(bench: Any) -> _Counting:
    return _Counting(bench.runner)


@pytest.fixture
def memory(tmp_path: Path) -> Memory:
    return Memory(tmp_path / "baselines")


def test_what_was_measured_once_is_remembered_to_the_last_word(bench: Any, counting: _Counting, memory: Memory) -> None:
    tree = bench.tree(FILES)
    first = memory.measured(counting, bench.rooms, tree, ONCE)
    again = Memory(memory.folder).measured(counting, bench.rooms, tree, ONCE)
    assert counting.runs == 1
    assert again == first
    assert isinstance(again, Baseline)
    assert again.red == ("test_a.py::test_fails",)
    assert again.missing == ("nowhere",)


def test_another_tree_and_another_way_to_test_are_measured_anew(bench: Any, counting: _Counting, memory: Memory) -> None:
    tree = bench.tree(FILES)
    memory.measured(counting, bench.rooms, tree, ONCE)
    memory.measured(counting, bench.rooms, bench.changed(tree, {"shop.py": ""}), ONCE)
    counting.name = "pytest -v"
    memory.measured(counting, bench.rooms, tree, ONCE)
    assert counting.runs == 3


@pytest.mark.parametrize("damage", [b"", b"nonsense", None])
def test_a_damaged_memory_is_measured_anew_and_made_good(
    bench: Any, counting: _Counting, memory: Memory, damage: bytes | None
) -> None:
    tree = bench.tree(FILES)
    memory.measured(counting, bench.rooms, tree, ONCE)
    (kept,) = memory.folder.iterdir()
    whole = kept.read_bytes()
    kept.write_bytes(whole.replace(b"test_fails", b"test_passs") if damage is None else damage)
    memory.measured(counting, bench.rooms, tree, ONCE)
    assert counting.runs == 2
    assert json.loads(kept.read_bytes().partition(b"\n")[2])["tests"] == ["test_a.py::test_passes", "test_a.py::test_fails"]
    assert list(memory.folder.iterdir()) == [kept]
