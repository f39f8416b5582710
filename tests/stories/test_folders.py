"""A project that lies in a folder of its repository: swarm works there as pytest does in that folder."""

import json
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

Swarm = Callable[..., Any]

SETTINGS = """[project]
name = "api"
version = "1"

[tool.pytest.ini_options]
pythonpath = ["."]
testpaths = ["checks"]
addopts = "-p no:hypothesispytest -p no:anyio -p no:timeout"
"""
PAGING = '''"""Pages of a list."""


def pages(total, size):
    """How many pages it takes, the last one as short as it may be."""
    if total > size * (total // size):
        return total // size
    return total // size


def begin(page, size):
    return (page - 1) * size
'''
API = {
    "pyproject.toml": SETTINGS,
    "api/__init__.py": "",
    "api/paging.py": PAGING,
    "data/totals.txt": "20\n",
    "checks/test_paging.py": """from pathlib import Path

from api.paging import begin, pages


def test_whole_pages():
    assert pages(int(Path("data/totals.txt").read_text()), 10) == 2


def test_the_rest_takes_a_page():
    assert [pages(total, 10) for total in (1, 21, 39)] == [1, 3, 4]


def test_where_a_page_begins():
    assert begin(2, 10) == 10
""",
    "elsewhere/test_not_looked_at.py": "def test_it():\n    assert False\n",
}
ISSUE = "The last page is missing\n\npages() gives one too few where the last page is not full.\n"
BUG = """from pathlib import Path

from api.paging import pages


def test_it():
    total = int(Path("data/totals.txt").read_text())
    assert pages(total + 1, 10) == 3
"""


def git(folder: Path, *args: str) -> str:
    return subprocess.run(["git", *args], cwd=folder, capture_output=True, text=True, check=True).stdout


def beneath(folder: str, files: Mapping[str, str]) -> dict[str, str]:
    return {f"{folder}/{path}": text for path, text in files.items()}


@pytest.fixture
def api(make_repository: Callable[..., Path]) -> Path:
    """The folder of one of two projects in a repository whose top says nothing of tests."""
    other = {"pytest.ini": "[pytest]\n", "test_web.py": "import web\n\n\ndef test_it():\n    assert False\n"}
    top = make_repository({"README.md": "", **beneath("services/api", API), **beneath("services/web", other)})
    (top.parent / "ISSUE.md").write_text(ISSUE)
    (top.parent / "bug.py").write_text(BUG)
    return top / "services" / "api"


@pytest.fixture
def changed(api: Path) -> Callable[[str, str], str]:
    """The diff of another text in the source, as git prints it: seen from the top of the repository."""

    def make(old: str, new: str) -> str:
        assert old in PAGING
        (api / "api/paging.py").write_text(PAGING.replace(old, new))
        text = git(api, "diff")
        git(api, "reset", "-q", "--hard")
        return text

    return make


@pytest.fixture
def fixed(changed: Callable[[str, str], str]) -> str:
    """The diff of a right patch."""
    return changed("        return total // size\n", "        return total // size + 1\n")


def test_a_bug_is_fixed_where_one_stands_and_merged_from_anywhere(api: Path, swarm: Swarm) -> None:
    top = api.parent.parent

    said = swarm("fix", "../../../ISSUE.md", "--json", cwd=api)
    merged = swarm("merge", cwd=top)

    assert said.code == 0, said.err
    assert "services/api: pyproject.toml has settings for pytest." in said.err
    assert "2 tests pass, 1 fail (services/api/checks/test_paging.py::test_the_rest_takes_a_page)" in said.err
    assert json.loads(said.out)["outcome"] == "fixed"
    assert merged.code == 0, merged.err
    assert git(top, "diff", "--stat", "HEAD~1").splitlines()[0].split()[0] == "services/api/api/paging.py"


def test_the_folder_can_be_named_with_c_or_as_a_setting(api: Path, swarm: Swarm, fixed: str) -> None:
    top = api.parent.parent

    pointed = swarm("-C", "services/api", "verify", "-", "--json", cwd=top, stdin=fixed)
    named = swarm("verify", "-", "--json", "--project", "services/api", cwd=top, stdin=fixed)
    wrong = swarm("verify", "-", "--json", "--project", "services/apy", cwd=top, stdin=fixed)

    assert [json.loads(said.out)["verdict"] for said in (pointed, named)] == ["no-regression"] * 2
    assert (wrong.code, "There is no folder `services/apy`" in wrong.err) == (2, True)
    outside = swarm("verify", "-", "--project", "..", cwd=api, stdin=fixed)
    assert (outside.code, "There is no folder `..` in this repository" in outside.err) == (2, True)


def test_a_patch_is_verified_by_a_test_that_is_named_as_pytest_names_it_there(api: Path, swarm: Swarm, fixed: str) -> None:
    test = "checks/test_paging.py::test_the_rest_takes_a_page"

    said = swarm("verify", "-", "--reproduction", test, "--reproduction", "../../../bug.py", cwd=api, stdin=fixed)

    assert said.code == 0, said.err + said.out
    assert "verdict   verified" in said.out
    assert f"asked     services/api/{test}" in said.out
    assert "see it    cd services/api && python -m pytest" in said.out


def test_a_wrong_patch_is_rejected_with_the_command_that_shows_it_there(
    api: Path, swarm: Swarm, changed: Callable[[str, str], str]
) -> None:
    said = swarm("verify", "-", cwd=api, stdin=changed("(page - 1) * size", "page * size"))

    assert said.code == 4, said.err
    assert "see it    cd services/api && python -m pytest checks/test_paging.py::test_where_a_page_begins" in said.out


def test_a_patch_cannot_bend_the_settings_of_the_folder(api: Path, swarm: Swarm, fixed: str) -> None:
    (api / "pyproject.toml").write_text(SETTINGS.replace("checks", "elsewhere"))
    (api / "checks/test_paging.py").write_text("def test_nothing():\n    pass\n")
    bent = git(api, "diff")
    git(api, "reset", "-q", "--hard")

    said = swarm("verify", "-", "--json", cwd=api, stdin=fixed + bent)

    answer = json.loads(said.out)
    assert (said.code, answer["verdict"]) == (4, "needs-review")
    assert answer["record"]["patch"]["sensitive"] == ["services/api/pyproject.toml"]
    assert answer["passed"] >= 3, "the tests are those of base"


def test_a_hunk_that_breaks_a_test_of_the_folder_is_found_and_answered_apart_from_other_folders(api: Path, swarm: Swarm) -> None:
    (api / "api/paging.py").write_text(PAGING.replace("(page - 1) * size", "page * size"))
    git(api, "add", "-A")

    here = swarm("triage", "--json", cwd=api)
    again = swarm("triage", cwd=api)
    there = swarm("triage", cwd=api.parent / "web")

    assert (here.code, again.code, there.code) == (4, 4, 0), here.err
    guilty = json.loads(here.out)
    assert "services/api/checks/test_paging.py::test_where_a_page_begins" in json.dumps(guilty)
    assert "test_paging" not in there.out


def test_what_is_known_of_tests_holds_only_while_the_settings_of_the_folder_do(api: Path, swarm: Swarm) -> None:
    git(api, "rm", "-q", "-r", "elsewhere")
    ran = []
    for path, text in (
        ("api/paging.py", PAGING + "\n\nLEAST = 1\n"),
        ("data/more.txt", "30\n"),
        ("pyproject.toml", SETTINGS.replace("no:anyio", "no:randomly")),
    ):
        (api / path).write_text(text)
        git(api, "add", "-A")
        ran.append(json.loads(swarm("triage", "--json", cwd=api).out)["tests"]["ran"])
        git(api, "-c", "user.name=A", "-c", "user.email=a@example.org", "commit", "-qm", "more")

    assert ran == [3, 1, 3], "the one that fails, and where the settings are others, all"


def test_the_commit_that_broke_a_test_is_found_by_its_name_in_the_folder(api: Path, swarm: Swarm) -> None:
    (api / "api/paging.py").write_text(PAGING.replace("(page - 1) * size", "page * size"))
    git(api, "-c", "user.name=A", "-c", "user.email=a@example.org", "commit", "-qam", "break it")

    said = swarm("triage", "--bisect", "checks/test_paging.py::test_where_a_page_begins", "--json", cwd=api)

    assert said.code == 4, said.err
    assert json.loads(said.out)["subject"] == "break it"


def test_from_a_top_that_says_nothing_of_tests_the_one_project_below_is_found(
    make_repository: Callable[..., Path], swarm: Swarm
) -> None:
    front = {"package.json": '{"name": "shop", "scripts": {"start": "vite"}}', "src/main.js": "export {}\n"}
    own = {path: text for path, text in API.items() if not path.startswith("elsewhere")}
    top = make_repository({"README.md": "", **beneath("backend", own), **beneath("frontend", front)})

    said = swarm("fix", ISSUE, "--json", cwd=top)
    (top / "backend/api/paging.py").write_text(PAGING.replace("(page - 1) * size", "page * size"))
    git(top, "add", "-A")
    looked = swarm("triage", "--json", cwd=top)

    assert said.code == 0, said.err
    assert "backend: pyproject.toml has settings for pytest." in said.err
    assert looked.code == 4, looked.err
    assert "backend/checks/test_paging.py::test_where_a_page_begins" in looked.out


def test_what_the_issue_shows_is_asked_of_the_project_in_the_folder(api: Path, swarm: Swarm) -> None:
    git(api, "rm", "-q", "-r", "elsewhere")
    tests = api / "checks/test_paging.py"
    tests.write_text(tests.read_text().replace("(1, 21, 39)] == [1, 3, 4]", "(10, 20)] == [1, 2]"))
    git(api, "-c", "user.name=A", "-c", "user.email=a@example.org", "commit", "-qam", "ask less")

    said = swarm("fix", "A page is missing\n\n>>> pages(21, 10)\n2\n\nExpected: 3\n", cwd=api)

    assert "the issue says" in said.err
    assert said.code == 0, said.err
