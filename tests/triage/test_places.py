"""Which files a test runner looks into is the project's own choice."""

import pytest

from swarm.code.blocks import Blocks
from swarm.code.snapshot import Snapshot
from swarm.evidence.runner import Runner
from swarm.evidence.runners.pytest import PytestRunner
from swarm.evidence.runners.unittest import UnittestRunner
from swarm.triage.places import files_of

PATHS = ("shop.py", "tests/test_a.py", "tests/b_test.py", "tests/check_c.py", "app/tests.py", "test_d.txt", "docs/use.rst")
USUAL = {"tests/test_a.py", "tests/b_test.py", "test_d.txt"}


def found(runner: Runner, settings: dict[str, str]) -> set[str]:
    files = {**dict.fromkeys(PATHS, ""), **settings}
    now = Snapshot("t", dict.fromkeys(files, "0"), lambda path: files[path].encode(), lambda _: Blocks.of(b""))
    return set(files_of(runner, now))


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({}, USUAL),
        ({"pytest.ini": "[pytest]\npython_files = check_*.py tests.py\n"}, {"tests/check_c.py", "app/tests.py", "test_d.txt"}),
        ({"setup.cfg": "[tool:pytest]\npython_files = app/*.py\n"}, {"app/tests.py", "test_d.txt"}),
        ({"pyproject.toml": "[tool.pytest.ini_options]\npython_files = ['check_*.py']\n"}, {"tests/check_c.py", "test_d.txt"}),
        ({"tox.ini": "[pytest]\naddopts = --doctest-modules\n"}, {one for one in PATHS if one.endswith(".py")} | {"test_d.txt"}),
        (
            {"pyproject.toml": "[tool.pytest.ini_options]\naddopts = '--doctest-glob=*.rst -q'\n"},
            {"tests/test_a.py", "tests/b_test.py", "docs/use.rst"},
        ),
        ({"pytest.ini": '[pytest]\naddopts = "half\n'}, USUAL),
        ({"pyproject.toml": "broken ["}, USUAL),
    ],
)
def test_the_settings_of_pytest_say_where_tests_are(settings: dict[str, str], expected: set[str]) -> None:
    assert found(PytestRunner("python"), settings) == expected


def test_so_does_the_command_that_runs_them() -> None:
    runner = PytestRunner("python", options=("--doctest-glob", "*.rst", "-o", "python_files=check_*.py"))
    assert found(runner, {}) == {"tests/check_c.py", "docs/use.rst"}
    assert found(UnittestRunner("python", pattern="*_test.py"), {}) == {"tests/b_test.py"}


def test_a_project_in_a_folder_has_its_tests_and_its_settings_there() -> None:
    files = {
        "a/tox.ini": "[pytest]\npython_files = check_*.py\n",
        "tox.ini": "",
        "a/check_a.py": "",
        "a/test_a.py": "",
        "check_b.py": "",
    }
    now = Snapshot("t", dict.fromkeys(files, "0"), lambda path: files[path].encode(), lambda _: Blocks.of(b""), "a")
    assert files_of(PytestRunner("python", folder="a"), now) == ["a/check_a.py"]
