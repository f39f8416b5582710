"""How a project's way of testing is found."""

from collections.abc import Mapping
from typing import Any

import pytest

from swarm.errors import UsageError
from swarm.evidence.detection import Found, NoTests, best, find
from swarm.evidence.runners.coarse import ExitCode
from swarm.evidence.runners.foreign import ForeignRunner
from swarm.evidence.runners.junit import Junit
from swarm.evidence.runners.pytest import PytestRunner
from swarm.evidence.runners.unittest import UnittestRunner
from swarm.evidence.sources import Sources

UNITTEST = "import unittest\n\n\nclass TestShop(unittest.TestCase):\n    def test_it(self):\n        pass\n"
PYTEST = "def test_it():\n    pass\n"
TOX_TABLE = """[tool.tox]
env_list = ["py"]
[tool.tox.env_run_base]
commands = [["pytest", "-m", "not slow", { replace = "posargs", default = ["tests"], extend = true }]]
"""
NOXFILE = """import nox

raise RuntimeError("a noxfile is read, never run")


@nox.session
def lint(session):
    session.run("ruff", "check")


@nox.session(python=["3.11", "3.12"])
def tests(session):
    session.install("pytest")
    session.run("coverage", "run", "-m", "pytest", "tests", *session.posargs)
"""
MAKEFILE = """PYTHON ?= python3
FLAGS := -k "not slow"

.PHONY: test
lint: ; ruff check

test: build
\t@echo testing
\t$(PYTHON) -m pytest ${FLAGS} \\
\t\ttests/unit
"""


def found(files: Mapping[str, str], command: str = "") -> Found:
    return best(Sources.of({path: text.encode() for path, text in files.items()}), "python", command)


@pytest.mark.parametrize(
    ("files", "runner", "why"),
    [
        ({"pytest.ini": "", "test_a.py": UNITTEST}, PytestRunner("python"), "pytest.ini has settings"),
        ({"pyproject.toml": "[tool.pytest.ini_options]\n"}, PytestRunner("python"), "pyproject.toml has settings"),
        ({"setup.cfg": "[tool:pytest]\n"}, PytestRunner("python"), "setup.cfg has settings"),
        ({"tox.ini": "[pytest]\n[testenv]\ncommands = nonsense\n"}, PytestRunner("python"), "tox.ini has settings"),
        ({"tests/conftest.py": ""}, PytestRunner("python"), "tests/conftest.py has settings"),
        ({"tests/test_a.py": PYTEST}, PytestRunner("python"), "tests/test_a.py has tests for pytest"),
        ({"shop_test.py": PYTEST}, PytestRunner("python"), "shop_test.py has tests for pytest"),
        ({"test_a.py": UNITTEST, "test_b.py": PYTEST}, PytestRunner("python"), "test_b.py has tests for pytest"),
        ({"test_a.py": UNITTEST}, UnittestRunner("python"), "test_a.py has tests for unittest"),
        ({"tests/__init__.py": "", "tests/test_a.py": UNITTEST}, UnittestRunner("python"), "has tests for unittest"),
        ({"tests/test_a.py": UNITTEST}, UnittestRunner("python", starts=("tests",)), "has tests for unittest"),
        (
            {"t/unit/test_a.py": UNITTEST, "t/web/__init__.py": "", "t/web/test_b.py": UNITTEST},
            UnittestRunner("python", starts=("t", "t/unit")),
            "has tests for unittest",
        ),
    ],
)
def test_python_projects_are_recognised_by_settings_and_test_files(files: Mapping[str, str], runner: object, why: str) -> None:
    answer = found(files)

    assert answer.runner == runner
    assert why in answer.why


@pytest.mark.parametrize(
    ("files", "name"),
    [
        ({"tox.ini": "[testenv]\ncommands =\n  coverage erase\n  pytest {posargs:tests} -q\n"}, "pytest -q tests"),
        (
            {"tox.ini": "[testenv:lint]\ncommands = ruff\n[testenv:py]\ncommands = {envpython} -m unittest\n"},
            "unittest discover -s .",
        ),
        ({"pyproject.toml": TOX_TABLE}, "pytest -m not slow tests"),
        ({"noxfile.py": NOXFILE}, "pytest tests"),
        ({"Makefile": MAKEFILE, "tests/unit/test_a.py": UNITTEST}, "pytest -k 'not slow' tests/unit"),
        ({"Makefile": "check:\n\tPYTHONPATH=lib python -m unittest discover -s t -p '*_t.py'\n"}, None),
        ({"Makefile": "test:\n\tpython setup.py test && echo done\n"}, "make test"),
        ({"Makefile": "test:\n\t$(SOMETHING) pytest\n"}, "make test"),
        ({"Makefile": "test:\n\tpytest a\n\tpytest b\n"}, "make test"),
    ],
)
def test_commands_of_tox_nox_and_make_are_understood_without_running_them(files: Mapping[str, str], name: str | None) -> None:
    files = {"tests/data.txt": "", **files}

    assert found(files).runner.name == (name or "PYTHONPATH=lib unittest discover -s t -p '*_t.py'")


@pytest.mark.parametrize(
    ("files", "name"),
    [
        ({"package.json": '{"scripts": {"test": "node --test"}}'}, "node --test"),
        ({"package.json": '{"scripts": {"test": "node --test test/*.mjs"}}', "test/a.mjs": ""}, "node --test test/a.mjs"),
        ({"package.json": '{"scripts": {"test": "NODE_ENV=test jest --watch"}}'}, "NODE_ENV=test npx --no-install jest"),
        ({"package.json": '{"scripts": {"test": "vitest"}}'}, "npx --no-install vitest run"),
        ({"package.json": '{"scripts": {"test": "tsc && mocha"}}'}, "npm test"),
        ({"package.json": '{"devDependencies": {"vitest": "1"}}'}, "npx --no-install vitest run"),
        ({"package.json": "{}", "src/a.test.js": ""}, "node --test"),
        ({"go.mod": "module x"}, "go test ./..."),
        ({"Cargo.toml": "[package]\n"}, "cargo test"),
        ({"Cargo.toml": "[workspace]\nmembers = []\n"}, "cargo test --workspace"),
    ],
)
def test_other_languages_are_recognised_by_their_manifests(files: Mapping[str, str], name: str) -> None:
    assert found(files).runner.name == name


@pytest.mark.parametrize(
    ("command", "name"),
    [
        ("pytest tests -x", "pytest -x tests"),
        ("pytest --cov tests tests", "pytest --cov tests tests"),
        ("uv run --frozen python -W error -m pytest -p no:randomly", "pytest -p no:randomly"),
        ("python3.11 -m unittest -v tests/test_a.py", "unittest tests.test_a"),
        ("python -m unittest discover -s tests -t .", "unittest discover -s tests -t ."),
        ("npx jest --ci", "npx --no-install jest --ci"),
        ("go test -race ./cart", "go test -race ./cart"),
        ("cargo test --all-features", "cargo test --all-features"),
        ("make tests", "pytest -q"),
        ("tox", "pytest tests"),
        ("npm test", "npx --no-install jest"),
    ],
)
def test_a_command_that_was_given_is_understood_and_goes_before_all_else(command: str, name: str) -> None:
    files = {
        "tests/test_a.py": PYTEST,
        "Makefile": "test:\n\tfalse\ntests:\n\tpytest -q\n",
        "tox.ini": "[testenv]\ncommands = pytest tests\n",
        "package.json": '{"scripts": {"test": "jest"}}',
        "go.mod": "",
    }

    answer = found(files, command)

    assert answer.runner.name == name
    assert f"`{command}`" in answer.why
    assert len(find(Sources.of({path: text.encode() for path, text in files.items()}), "python", command)) == 1


def test_a_command_of_any_kind_is_run_by_its_report_or_by_its_exit_code() -> None:
    reported = found({}, "ctest --output-junit {report}").runner
    coarse = found({}, "LEVEL=2 ./check.sh 'all of it'")
    piped = found({}, "cd tests && pytest | tee log").runner

    assert isinstance(reported, ForeignRunner)
    assert reported.dialect == Junit(("ctest", "--output-junit", "{report}"))
    assert isinstance(coarse.runner, ForeignRunner)
    assert coarse.runner.dialect == ExitCode(("./check.sh", "all of it"))
    assert coarse.runner.environment == {"LEVEL": "2"}
    assert coarse.why.endswith("Only its exit code is known.")
    assert isinstance(piped, ForeignRunner)
    assert piped.dialect == ExitCode(("/bin/sh", "-c", "cd tests && pytest | tee log"))


def test_quotes_that_do_not_close_are_a_mistake_of_the_person() -> None:
    with pytest.raises(UsageError, match="cannot be read"):
        found({}, "pytest -k 'slow")


def test_a_project_without_any_sign_of_tests_has_none() -> None:
    with pytest.raises(NoTests, match="--test-cmd"):
        found(
            {"shop.py": "", "README.md": "", "package.json": '{"scripts": {"test": "echo Error: no test specified && exit 1"}}'}
        )


@pytest.mark.parametrize(
    "path", ["pyproject.toml", "tox.ini", "setup.cfg", "noxfile.py", "package.json", "Makefile", "Cargo.toml"]
)
def test_a_file_that_cannot_be_read_hides_no_other(path: str) -> None:
    sources = Sources.of({path: b"\xff[[[ def ]: \0", "tests/test_a.py": PYTEST.encode()})

    assert PytestRunner("python") in [one.runner for one in find(sources, "python")]


def test_every_way_is_listed_once_the_most_likely_first() -> None:
    files = {"pytest.ini": "", "Makefile": "test:\n\tpytest\n", "test_a.py": UNITTEST, "go.mod": ""}

    ways = find(Sources.of({path: text.encode() for path, text in files.items()}), "python")

    assert [way.runner.name for way in ways] == ["pytest", "unittest discover -s .", "go test ./...", "make test"]


def test_a_tree_of_the_mirror_is_looked_at_and_what_is_found_runs(bench: Any) -> None:
    files = {"Makefile": b"test:\n\tpython -m unittest discover tests\n", "tests/test_a.py": UNITTEST.encode()}
    tree = bench.mirror.put(bench.mirror.git.text("mktree"), files)

    answer = best(Sources.in_tree(bench.mirror, tree), bench.rooms.environment.python)
    with bench.rooms.open(tree) as room:
        run = answer.runner.run(room.sandbox, timeout=60)

    assert run.complete, run.why_incomplete
    assert run.passed == ("tests/test_a.py::TestShop::test_it",)
