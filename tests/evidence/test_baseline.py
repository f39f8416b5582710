"""What is known of the tests before anybody changed anything."""

from collections.abc import Callable
from typing import Any

import pytest

from swarm.evidence.baseline import NotMeasured, Thoroughness, measure


def test_tests_are_told_apart_by_what_they_do_in_every_run(bench: Any, counter: Callable[[], str]) -> None:
    varies = f"""
import os
def test_varies():
    with open({counter()!r}, "a") as file:
        file.write("x")
    assert os.path.getsize({counter()!r}) % 2 == 1
def test_passes(): pass
def test_fails(): assert 1 == 2
"""
    baseline = bench.ground({"test_a.py": varies}, runs=3).baseline
    assert baseline.passing == ("test_a.py::test_passes",)
    assert baseline.varying == ("test_a.py::test_varies",)
    assert tuple(baseline.failing) == baseline.red == ("test_a.py::test_fails",)
    assert baseline.failing["test_a.py::test_fails"].message == "AssertionError: assert 1 == 2"
    assert baseline.runs == 3


def test_every_run_has_a_worktree_of_its_own(bench: Any) -> None:
    source = "from pathlib import Path\ndef test_one():\n    assert not Path('left').exists()\n    Path('left').touch()\n"
    assert bench.ground({"test_a.py": source}, runs=2).baseline.passing == ("test_a.py::test_one",)


@pytest.mark.parametrize(
    "source",
    [
        "import pytest\n@pytest.fixture\ndef broken(): assert False\ndef test_one(broken): pass\n",
        "def test_one(): import nowhere\n",
        "def test_one(): exec('def (')\n",
    ],
)
def test_a_test_that_never_got_to_its_question_is_not_red(bench: Any, source: str) -> None:
    baseline = bench.ground({"test_a.py": source}).baseline
    assert tuple(baseline.failing) == ("test_a.py::test_one",)
    assert baseline.red == ()


def test_files_without_tests_are_named_with_the_reason(bench: Any) -> None:
    baseline = bench.ground({"test_a.py": "import nowhere\n", "test_b.py": "def test_one(): pass\n"}).baseline
    assert "No module named 'nowhere'" in baseline.uncollected["test_a.py"]
    assert baseline.passing == ("test_b.py::test_one",)


@pytest.mark.parametrize(
    ("files", "reason", "timeout"),
    [
        ({"shop.py": "x = 1\n"}, "no test was collected", 60),
        ({"test_shop.py": "import nowhere_at_all\n"}, "test_shop.py cannot be loaded: ModuleNotFoundError: No module named", 60),
        ({"test_a.py": "import os\ndef test_one(): os._exit(0)\n"}, "ended early, with exit code 0", 60),
        ({"test_a.py": "import time\ndef test_one(): time.sleep(600)\n"}, "timed out", 2),
    ],
)
def test_without_a_whole_run_there_is_no_baseline(bench: Any, files: dict[str, str], reason: str, timeout: float) -> None:
    with pytest.raises(NotMeasured, match=reason) as caught:
        measure(bench.runner, bench.rooms, bench.tree(files), Thoroughness(runs=1, timeout=timeout))
    assert caught.value.exit_code == 9
    assert "-m pytest" in str(caught.value)


def test_a_fixture_that_dies_of_a_fault_of_the_source_makes_its_tests_red(bench: Any) -> None:
    test = "import pytest\nimport shop\n\n\n@pytest.fixture\ndef it():\n    return {}\n\n\ndef test_it(it):\n    assert it\n"
    files = {
        "pytest.ini": "[pytest]\npython_files = test_*.py check_*.py\naddopts = -p no:hypothesispytest -p no:timeout\n",
        "shop.py": "def wrong():\n    return unknown\n\n\ndef away():\n    raise ConnectionError('no server')\n",
        "test_wrong.py": test.format("shop.wrong()"),
        "test_away.py": test.format("shop.away()"),
        "test_own.py": test.format("unknown"),
        "check_own.py": test.format("unknown"),
    }
    baseline = bench.ground(files).baseline
    assert {test.partition("::")[0] for test in baseline.failing} == files.keys() - {"pytest.ini", "shop.py"}
    assert baseline.red == ("test_wrong.py::test_it",)
