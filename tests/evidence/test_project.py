"""In which folder a project is found, and how its tests are run there."""

from collections.abc import Callable, Mapping
from dataclasses import replace

import pytest

from swarm.evidence.detection import best
from swarm.evidence.project import project_folder
from swarm.evidence.results import Outcome
from swarm.evidence.rooms import Rooms
from swarm.evidence.runner import Manner
from swarm.evidence.runners.coarse import ExitCode
from swarm.evidence.runners.foreign import ForeignRunner
from swarm.evidence.runners.pytest import PytestRunner
from swarm.evidence.runners.unittest import UnittestRunner
from swarm.evidence.sources import Sources
from swarm.evidence.written import place

Plant = Callable[[Mapping[str, str]], str]

INI = {"pyproject.toml": "[tool.pytest.ini_options]\n"}
PACKAGE = {"pyproject.toml": "[project]\nname = 'x'\n", "tests/test_a.py": "def test_it():\n    pass\n"}
PLAIN = {"tests/test_a.py": "def test_it():\n    pass\n"}
TWO = """import unittest

from shop import price


class TestPrice(unittest.TestCase):
    def test_right(self):
        self.assertEqual(open("data/price.txt").read(), str(price()))

    def test_wrong(self):
        self.assertEqual(price(), 4)
"""
SHOP = {"shop.py": "def price():\n    return 3\n", "data/price.txt": "3", "tests/__init__.py": "", "tests/test_shop.py": TWO}


def beneath(folder: str, files: Mapping[str, str]) -> dict[str, str]:
    return {f"{folder}/{path}": text for path, text in files.items()}


def sources(files: Mapping[str, str]) -> Sources:
    return Sources.of({path: text.encode() for path, text in files.items()})


@pytest.mark.parametrize(
    ("files", "place", "folder"),
    [
        (beneath("a/b", INI), "a/b", "a/b"),
        (beneath("a/b", INI), "a/b/src/deep", "a/b"),
        (beneath("a/b", INI), "a", ""),
        (beneath("a/b", INI), "./a/b/", "a/b"),
        (beneath("a", {**PACKAGE, **beneath("b", INI)}), "a/b", "a/b"),
        (beneath("a", {"requirements.txt": "", **PLAIN}), "a/tests", "a"),
        (beneath("a", PLAIN), "a", ""),
        ({**INI, **PLAIN, "docs/requirements.txt": "sphinx\n"}, "docs", ""),
        ({**INI, **PLAIN, "tests/requirements.txt": "six\n"}, "tests", ""),
        ({**INI, **PLAIN, "tests/conftest.py": ""}, "tests", ""),
        ({**INI, **PLAIN}, "not/in/this/commit", ""),
        ({**INI, **beneath("a", PACKAGE)}, "a", "a"),
        (beneath("a", INI), "..", ""),
    ],
)
def test_where_one_stands_the_nearest_project_upwards_is_meant(files: Mapping[str, str], place: str, folder: str) -> None:
    assert project_folder(sources(files), place) == folder


@pytest.mark.parametrize(
    ("files", "folder"),
    [
        ({**beneath("backend", {**INI, **PLAIN}), "frontend/package.json": "{}"}, "backend"),
        (beneath("services/api", {**INI, **PLAIN, **beneath("plugins/x", {"pytest.ini": "", **PLAIN})}), "services/api"),
        ({**beneath("a", {**INI, **PLAIN}), **beneath("b", {**INI, **PLAIN})}, ""),
        ({**beneath("a", {**INI, **PLAIN}), **beneath("b", PLAIN)}, ""),
        ({**beneath("examples/a", {**INI, **PLAIN}), **PLAIN}, ""),
        (beneath("a", PACKAGE), ""),
        ({**beneath("a", {**INI, **PLAIN}), "setup.py": ""}, ""),
        ({**beneath("a", {**INI, **PLAIN}), "conftest.py": ""}, ""),
        ({**beneath("a", {**INI, **PLAIN}), "Makefile": "test:\n\tcd a && pytest\n"}, ""),
        ({}, ""),
    ],
)
def test_a_top_that_says_nothing_of_tests_means_the_one_folder_in_which_all_tests_lie(
    files: Mapping[str, str], folder: str
) -> None:
    assert project_folder(sources(files)) == folder


@pytest.mark.parametrize(
    ("command", "runner", "name"),
    [
        ("", PytestRunner("python", folder="a/b"), "cd a/b && pytest"),
        ("pytest -q tests", PytestRunner("python", ("-q",), ("tests",), folder="a/b"), "cd a/b && pytest -q tests"),
        ("python -m unittest", UnittestRunner("python", folder="a/b"), "cd a/b && unittest discover -s ."),
        ("./check", ForeignRunner("python", ExitCode(("./check",)), folder="a/b"), "cd a/b && ./check"),
    ],
)
def test_a_command_is_meant_in_the_folder_and_says_so(command: str, runner: PytestRunner, name: str) -> None:
    found = best(sources(beneath("a/b", {**INI, **PLAIN})), "python", command, folder="a/b")

    assert found.runner == runner
    assert found.runner.name == name
    assert found.why.startswith("a/b: ")


def test_without_a_folder_nothing_is_called_otherwise() -> None:
    assert best(sources({**INI, **PLAIN}), "python").runner.name == "pytest"
    assert best(sources({**INI, **PLAIN}), "python").why == "pyproject.toml has settings for pytest."


@pytest.mark.parametrize("kind", [PytestRunner, UnittestRunner])
def test_tests_are_run_in_the_folder_and_named_as_seen_from_the_top(
    rooms: Rooms, plant: Plant, kind: type[PytestRunner] | type[UnittestRunner]
) -> None:
    environment = rooms.environment.within("a b/c")
    runner = kind(environment.python, first=environment.first, folder="a b/c")
    also = "a b/c/tests/test_also.py"
    tree = plant({**beneath("a b/c", SHOP), also: TWO.replace("TestPrice", "TestAlso"), "tests/test_other.py": TWO})
    wrong = "a b/c/tests/test_shop.py::TestPrice::test_wrong"

    with rooms.open(tree) as room:
        whole = runner.run(room.sandbox, timeout=60)
    with rooms.open(tree) as room:
        one = runner.run(room.sandbox, [wrong], timeout=60, manner=Manner(also=(also,), only=(), reach=True))

    outcomes = {test: result.outcome for test, result in whole.results.items()}
    assert outcomes == {
        f"a b/c/tests/test_{file}.py::{name}::test_{what}": outcome
        for file, name in (("shop", "TestPrice"), ("also", "TestAlso"))
        for what, outcome in (("right", Outcome.PASSED), ("wrong", Outcome.FAILED))
    }
    assert whole.complete, whole.why_incomplete
    assert whole.results[wrong].frames[-1].path == "a b/c/tests/test_shop.py"
    assert wrong in one.results
    assert "a b/c/shop.py" in one.reached[wrong].functions
    assert one.argv[:3] == ("cd", "a b/c", "&&")
    assert not any("a b/c" in word for word in one.argv[3:])


def test_a_file_that_cannot_be_loaded_is_named_as_seen_from_the_top(rooms: Rooms, plant: Plant) -> None:
    broken = {**SHOP, "tests/test_broken.py": "import nothing_of_this_name\n"}
    for runner in (PytestRunner(rooms.environment.python, folder="a"), UnittestRunner(rooms.environment.python, folder="a")):
        with rooms.open(plant(beneath("a", broken))) as room:
            ran = replace(runner, first=rooms.environment.within("a").first).run(room.sandbox, timeout=60)
        assert list(ran.collection_errors) == ["a/tests/test_broken.py"]


def test_pytests_own_settings_in_the_folder_hold_there(rooms: Rooms, plant: Plant) -> None:
    files = {
        "a/pytest.ini": "[pytest]\npythonpath = lib\ntestpaths = checks/*\n",
        "a/lib/tool.py": "NUMBER = 1\n",
        "a/checks/one/test_it.py": "import tool\n\n\ndef test_it():\n    assert tool.NUMBER == 1\n",
        "a/checks/two/conftest.py": "def pytest_addoption(parser):\n    parser.addoption('--early', default='yes')\n",
        "a/checks/two/test_early.py": "def test_it(request):\n    assert request.config.getoption('--early') == 'yes'\n",
        "a/other/test_other.py": "def test_it():\n    pass\n",
        "pytest.ini": "[pytest]\npython_files = nothing\n",
    }
    with rooms.open(plant(files)) as room:
        ran = PytestRunner(rooms.environment.python, folder="a").run(room.sandbox, timeout=60)

    assert ran.complete, ran.why_incomplete
    assert ran.collected == ("a/checks/one/test_it.py::test_it", "a/checks/two/test_early.py::test_it")


def test_settings_above_the_folder_hold_there_as_pytest_has_it(rooms: Rooms, plant: Plant) -> None:
    test = "def test_it():\n    pass\n"
    files = {"pytest.ini": "[pytest]\npython_files = check_*.py\ntestpaths = b\n", "a/b/check_b.py": test, "a/check_a.py": test}
    with rooms.open(plant(files)) as room:
        ran = PytestRunner(rooms.environment.python, folder="a").run(room.sandbox, timeout=60)

    assert set(ran.collected) == {"a/b/check_b.py::test_it", "a/check_a.py::test_it"}


def test_a_path_in_the_commands_own_variables_is_one_of_the_folder(rooms: Rooms, plant: Plant) -> None:
    files = {"a/lib/tool.py": "", "lib/tool.py": "raise ValueError\n", "a/test_it.py": "import tool\n\n\ndef test_it(): pass\n"}
    with rooms.open(plant(files)) as room:
        runner = PytestRunner(rooms.environment.python, environment={"PYTHONPATH": "lib"}, folder="a")
        assert runner.run(room.sandbox, timeout=60).complete


def test_any_other_command_runs_in_the_folder_as_well(rooms: Rooms, plant: Plant) -> None:
    with rooms.open(plant({"a/mark": ""})) as room:
        runner = ForeignRunner(rooms.environment.python, ExitCode(("test", "-f", "mark")), folder="a")
        assert runner.run(room.sandbox, timeout=60).exit_code == 0


def test_a_test_of_swarms_own_lies_among_those_of_the_project() -> None:
    paths = ("a/b/tests/test_it.py", "tests/test_top.py", "a/b/it.py")

    assert [place(paths, folder) for folder in ("", "a/b", "c")] == [
        "tests/test_swarm_reproduction.py",
        "a/b/tests/test_swarm_reproduction.py",
        "c/tests/test_swarm_reproduction.py",
    ]
