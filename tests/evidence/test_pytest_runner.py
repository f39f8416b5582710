"""What swarm makes of a run of pytest, honest or not."""

import ast
from collections.abc import Mapping
from importlib import resources
from typing import Any

import pytest

from swarm.evidence.results import Outcome
from swarm.evidence.runners.pytest import PytestRunner

KINDS = """
import pytest
from shop import half

def test_passes(): assert half(4) == 2
def test_fails(): assert half(4) == 3
def test_raises(): half("four")
@pytest.mark.skip
def test_is_skipped(): pass
@pytest.mark.xfail
def test_fails_as_expected(): assert False
@pytest.mark.xfail
def test_passes_unexpectedly(): pass
@pytest.mark.xfail(strict=True)
def test_passes_strictly_unexpectedly(): pass
@pytest.fixture
def broken(): raise ValueError("no fixture\\nfor you")
def test_has_a_broken_fixture(broken): pass
@pytest.fixture
def messy():
    yield
    raise ValueError("left a mess")
def test_has_a_broken_teardown(messy): pass
"""
SHOP = "def half(n):\n    return n / 2\n"
OUTCOMES = {
    "test_passes": Outcome.PASSED,
    "test_fails": Outcome.FAILED,
    "test_raises": Outcome.FAILED,
    "test_is_skipped": Outcome.SKIPPED,
    "test_fails_as_expected": Outcome.XFAILED,
    "test_passes_unexpectedly": Outcome.XPASSED,
    "test_passes_strictly_unexpectedly": Outcome.FAILED,
    "test_has_a_broken_fixture": Outcome.ERROR,
    "test_has_a_broken_teardown": Outcome.ERROR,
}
FAILING = "def test_one(): pass\ndef test_two(): assert False\n"
TRICKS: Mapping[str, Mapping[str, str]] = {
    "leaves the process in a test": {"test_a.py": "import os\ndef test_one(): os._exit(0)\n"},
    "leaves the process when it is imported": {"test_a.py": "import os\nos._exit(0)\ndef test_one(): pass\n"},
    "leaves the process in conftest": {"conftest.py": "import os\nos._exit(0)\n", "test_a.py": FAILING},
    "leaves the process at its end": {"test_a.py": "import atexit, os\natexit.register(os._exit, 0)\n" + FAILING},
    "asks pytest to end well": {"test_a.py": "import pytest\ndef test_one(): pytest.exit('done', returncode=0)\n"},
    "ends well after the session": {
        "conftest.py": "def pytest_sessionfinish(session): session.exitstatus = 0\n",
        "test_a.py": FAILING,
    },
    "takes all tests away": {"conftest.py": "def pytest_collection_modifyitems(items): items.clear()\n", "test_a.py": FAILING},
    "runs no test": {"conftest.py": "def pytest_runtest_protocol(item): return True\n", "test_a.py": FAILING},
    "runs no loop": {"conftest.py": "def pytest_runtestloop(session): return True\n", "test_a.py": FAILING},
    "writes into every pipe": {
        "test_a.py": "import os\ndef test_one():\n    for fd in range(3, 64):\n"
        "        try: os.write(fd, b'{}\\n')\n        except OSError: pass\n"
    },
    "silences the reporter": {
        "conftest.py": "def pytest_runtest_setup(item):\n    manager = item.config.pluginmanager\n"
        "    for plugin in manager.get_plugins():\n        if type(plugin).__name__ == 'Reporter': manager.unregister(plugin)\n",
        "test_a.py": FAILING,
    },
}


def test_every_kind_of_outcome_is_told(bench: Any) -> None:
    run = bench.run({"shop.py": SHOP, "test_shop.py": KINDS})
    assert {test.removeprefix("test_shop.py::"): result.outcome for test, result in run.results.items()} == OUTCOMES
    assert run.complete, run.why_incomplete
    assert run.collected == tuple(f"test_shop.py::{test}" for test in OUTCOMES)
    assert run.exit_code == 1


def test_outcomes_are_the_same_behind_a_wall(walled_bench: Any) -> None:
    run = walled_bench.run({"shop.py": SHOP, "test_shop.py": KINDS})
    assert run.complete, run.why_incomplete
    assert {test.removeprefix("test_shop.py::"): result.outcome for test, result in run.results.items()} == OUTCOMES


def test_a_failure_tells_what_it_said_and_where_it_came_from(bench: Any) -> None:
    run = bench.run({"shop.py": SHOP, "test_shop.py": KINDS, "pytest.ini": "[pytest]\naddopts = --tb=no\n"})
    failed, raised = run.results["test_shop.py::test_fails"], run.results["test_shop.py::test_raises"]
    assert (failed.error, failed.message) == ("AssertionError", "AssertionError: assert 2.0 == 3")
    assert [(frame.path, frame.line, frame.function) for frame in raised.frames] == [
        ("test_shop.py", 7, "test_raises"),
        ("shop.py", 2, "half"),
    ]
    assert raised.error == "TypeError"


def test_the_cause_of_an_exception_is_told_as_well(bench: Any) -> None:
    source = (
        "def price(n):\n    try:\n        return 1 / n\n    except Exception as error:\n        raise ValueError from error\n"
    )
    run = bench.run({"shop.py": source, "test_shop.py": "from shop import price\ndef test_one(): price(0)\n"})
    lines = [(frame.path, frame.line) for frame in run.results["test_shop.py::test_one"].frames]
    assert lines == [("test_shop.py", 2), ("shop.py", 5), ("shop.py", 3)]


def test_tests_can_be_run_by_the_names_they_came_with(bench: Any) -> None:
    names = ["a::b", "c d", "[x]", "\u00e9", "'\""]
    files = {"tests/test_a.py": f"import pytest\n@pytest.mark.parametrize('x', {names!r})\ndef test_one(x): pass\n"}
    whole = bench.run(files)
    assert len(whole.passed) == len(names)
    wanted = whole.passed[1::2]
    part = bench.run(files, *wanted)
    assert part.complete, part.why_incomplete
    assert part.collected == wanted


@pytest.mark.parametrize("trick", TRICKS)
def test_a_run_that_was_tricked_is_not_complete(bench: Any, trick: str) -> None:
    run = bench.run(TRICKS[trick])
    assert not run.complete
    assert run.why_incomplete
    assert not run.infrastructure


def test_what_tests_print_is_no_evidence(bench: Any) -> None:
    run = bench.run({"test_a.py": "def test_one():\n    print('1 passed', flush=True)\n    assert False\n"})
    assert run.complete
    assert run.failed == ("test_a.py::test_one",)


def test_tests_do_not_see_the_way_out(bench: Any) -> None:
    source = "import os\ndef test_one():\n    assert 'SWARM_REPORT_FD' not in os.environ\n    assert os.read(0, 1) == b''\n"
    assert bench.run({"test_a.py": source}).passed == ("test_a.py::test_one",)


def test_modules_of_the_tree_do_not_stand_in_for_those_of_the_reporter(bench: Any) -> None:
    shadows = dict.fromkeys(["pytest.py", "json.py", "_pytest.py", "traceback.py"], "raise SystemExit(0)\n")
    run = bench.run({**shadows, "test_a.py": "def test_one(): assert False\n"})
    assert run.complete, run.why_incomplete
    assert run.failed == ("test_a.py::test_one",)


def test_forked_children_do_not_tell_everything_twice(bench: Any) -> None:
    source = "import os\ndef test_one():\n    if os.fork() == 0:\n        raise SystemExit\n    os.wait()\ndef test_two(): pass\n"
    run = bench.run({"test_a.py": source})
    assert run.complete, run.why_incomplete
    assert len(run.passed) == 2


def test_what_cannot_be_collected_is_told_and_the_rest_is_run(bench: Any) -> None:
    run = bench.run({"test_a.py": "import nowhere\n", "test_b.py": "def test_one(): pass\n", "test_c.py": "def (\n"})
    assert run.complete, run.why_incomplete
    assert run.passed == ("test_b.py::test_one",)
    assert set(run.collection_errors) == {"test_a.py", "test_c.py"}
    assert "No module named 'nowhere'" in run.collection_errors["test_a.py"]


def test_an_interpreter_that_is_not_there_is_named(bench: Any) -> None:
    with bench.rooms.open(bench.tree({"test_a.py": FAILING})) as room:
        run = PytestRunner("/nowhere/python").run(room.sandbox, timeout=60)
    assert not run.complete
    assert "/nowhere/python" in run.why_incomplete


def test_no_test_at_all_is_not_a_pass(bench: Any) -> None:
    run = bench.run({"shop.py": SHOP})
    assert (run.complete, run.why_incomplete) == (False, "no test was collected")


def test_a_run_of_skipped_tests_passes_nothing(bench: Any) -> None:
    run = bench.run({"test_a.py": "import pytest\n@pytest.mark.skip\ndef test_one(): pass\n"})
    assert run.complete
    assert run.passed == ()


def test_settings_that_stop_at_the_first_failure_are_overruled(bench: Any) -> None:
    source = "def test_one(): assert False\ndef test_two(): assert False\ndef test_three(): pass\n"
    run = bench.run({"test_a.py": source, "pytest.ini": "[pytest]\naddopts = -x\n"})
    assert run.complete, run.why_incomplete
    assert len(run.results) == 3


def test_a_run_that_hangs_is_ended_and_says_nothing_about_the_code(bench: Any) -> None:
    run = bench.run({"test_a.py": "import time\ndef test_one(): time.sleep(60)\n"}, timeout=2)
    assert run.infrastructure
    assert "timed out" in run.why_incomplete
    assert run.seconds < 20


def test_a_crash_of_the_interpreter_is_the_fault_of_the_code(walled_bench: Any) -> None:
    run = walled_bench.run({"test_a.py": "import os, signal\ndef test_one(): os.kill(os.getpid(), signal.SIGSEGV)\n"})
    assert (run.complete, run.infrastructure) == (False, False)
    assert "crashed" in run.why_incomplete or "ended early" in run.why_incomplete


def test_a_killed_run_is_the_fault_of_its_surroundings(walled_bench: Any) -> None:
    run = walled_bench.run({"test_a.py": "import os, signal\ndef test_one(): os.kill(os.getpid(), signal.SIGKILL)\n"})
    assert (run.complete, run.infrastructure) == (False, True)


def test_sources_below_src_are_the_ones_that_are_tested(bench: Any) -> None:
    run = bench.run(
        {"src/click/__init__.py": "OURS = True\n", "tests/test_a.py": "import click\ndef test_one(): assert click.OURS\n"}
    )
    assert run.passed == ("tests/test_a.py::test_one",)


def test_long_texts_are_cut_in_the_middle(bench: Any) -> None:
    run = bench.run({"test_a.py": "def test_one(): raise ValueError('begin' + 'x' * 100_000 + 'end')\n"})
    result = run.results["test_a.py::test_one"]
    assert len(result.text) < 10_000
    assert "characters left out" in result.text


@pytest.mark.parametrize("name", ["channel.py", "pytest_reporter.py", "unittest_reporter.py", "wrapper.py"])
def test_what_runs_inside_is_python_that_old_interpreters_understand(name: str) -> None:
    source = resources.files("swarm.evidence.runners.inside").joinpath(name).read_text()
    ast.parse(source, feature_version=(3, 8))


def test_an_error_that_looks_like_an_example_is_an_error(bench: Any) -> None:
    error = "class Odd(Exception):\n    failures, example, got = 3, 'x', 'y'\n\n\ndef test_it():\n    raise Odd('so')\n"
    run = bench.run({"test_odd.py": error})
    assert run.complete
    assert run.results["test_odd.py::test_it"].message.endswith("Odd: so")


def test_an_example_that_fails_says_what_it_shows(bench: Any) -> None:
    ini = "[pytest]\naddopts = --doctest-modules -p no:hypothesispytest -p no:anyio -p no:timeout\n"
    run = bench.run({"pytest.ini": ini, "shop.py": 'def twice(x):\n    """\n    >>> twice(2)\n    4\n    """\n    return 5\n'})
    assert run.results["shop.py::shop.twice"].message == "`twice(2)` should show '4', but shows '5'"
