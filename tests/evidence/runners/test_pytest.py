"""What the pytest runner adds to pytest, in real sandboxes."""

from collections.abc import Callable

from swarm.evidence.results import TestRun
from swarm.evidence.rooms import Rooms
from swarm.evidence.runners.pytest import PytestRunner

RunTests = Callable[..., TestRun]


def test_a_test_that_hangs_is_named_and_fails(run_tests: RunTests, rooms: Rooms) -> None:
    text = "import time\ndef test_a():\n    pass\ndef test_b():\n    time.sleep(600)\ndef test_c():\n    pass\n"

    run = run_tests(PytestRunner(rooms.environment.python), {"test_it.py": text}, silence=2.0)

    assert run.hung == "test_it.py::test_b"
    assert run.results[run.hung].message.startswith("it hangs")
    assert run.passed == ("test_it.py::test_a",)
    assert run.collected == ("test_it.py::test_a", "test_it.py::test_b", "test_it.py::test_c")
    assert (run.complete, run.infrastructure) == (False, False)


def test_the_longest_silence_is_measured(run_tests: RunTests, rooms: Rooms) -> None:
    text = "import time\ndef test_a():\n    time.sleep(0.5)\n"

    run = run_tests(PytestRunner(rooms.environment.python), {"test_it.py": text})

    assert 0.4 < run.longest_silence < run.seconds


def test_the_projects_own_options_and_folders_hold_for_all_tests_and_give_way_to_selected_ones(
    run_tests: RunTests, rooms: Rooms
) -> None:
    files = {
        "unit/test_a.py": "def test_quick():\n    pass\ndef test_slow():\n    assert 0\n",
        "other/test_b.py": "def test_far():\n    import os\n    assert os.environ['PLACE'] == 'far'\n",
    }
    runner = PytestRunner(
        rooms.environment.python, options=("-x", "-k", "not slow"), paths=("unit",), environment={"PLACE": "far"}
    )

    assert run_tests(runner, files).passed == ("unit/test_a.py::test_quick",)
    assert run_tests(runner, files, ["other/test_b.py::test_far"]).passed == ("other/test_b.py::test_far",)
    assert runner.name == "PLACE=far pytest -x -k 'not slow' unit"


def test_what_the_projects_command_sets_reaches_the_tests_but_hides_nothing_from_the_reporter(
    run_tests: RunTests, rooms: Rooms
) -> None:
    poison = "import os\nos._exit(0)\n"
    files = {
        "lib/shop.py": "PRICE = 5\n",
        "lib/sitecustomize.py": poison,
        "lib/json.py": poison,
        "test_it.py": "import shop\ndef test_it():\n    assert shop.PRICE == 5\n",
    }
    runner = PytestRunner(rooms.environment.python, environment={"PYTHONPATH": "lib", "PYTHONHASHSEED": "7"})

    run = run_tests(runner, files)

    assert run.complete, run.why_incomplete
    assert run.passed == ("test_it.py::test_it",)
