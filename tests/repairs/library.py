"""Small bugs in small projects, as repositories; and a hidden test for each, which says whether a fix is right."""

import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
REPORTED = "tests/test_reported.py"
HIDDEN = "tests/test_second_opinion.py"


@dataclass(frozen=True)
class Bug:
    """A bug: where it is, how it was reported, and how a fix of it is recognised."""

    project: str
    name: str
    facts: dict[str, Any]

    @property
    def is_within_reach(self) -> bool:
        """Whether a small edit or two can fix it; otherwise only abstaining is right."""
        return self.facts.get("reach", "one place") != "none"

    def files(self) -> dict[str, str]:
        """The project with the bug in it, and with the test of whoever reported it."""
        base = HERE / "projects" / self.project / "base"
        found = {
            str(path.relative_to(base)).removesuffix(".txt"): path.read_text(encoding="utf-8")
            for path in sorted(base.rglob("*"))
            if path.is_file()
        }
        for change in self.facts.get("bug", ()):
            text = found.get(change["path"], "")
            assert not change["old"] or text.count(change["old"]) == 1, f"{self.name}: {change['old']!r} is not there once"
            found[change["path"]] = text.replace(change["old"], change["new"]) if change["old"] else change["new"].lstrip("\n")
        for path in self.facts.get("drop", ()):
            del found[path]
        if visible := self.facts.get("visible", ""):
            found[REPORTED] = visible.lstrip("\n")
        return found


def bugs() -> Iterator[Bug]:
    """All of them, by project and name."""
    for path in sorted(HERE.glob("cases/*/*.toml")):
        yield Bug(path.parent.name, path.stem, tomllib.loads(path.read_text(encoding="utf-8")))


@dataclass(frozen=True)
class Came:
    """What came of `swarm fix` for a bug."""

    outcome: str
    """`right`, `wrong`, `doubted`, `abstained` or `needs-review`; anything else is a failure of the run itself.

    What is doubted is wrong, and says itself what no test decides, so that nobody merges it without having looked.
    """
    seconds: float
    edits: int
    said: str
    doubts: tuple[str, ...] = ()
    """What the run says a person should look at, whether or not the fix is right."""


def second_opinion(bug: Bug, repository: Path, branch: str, scratch: Path) -> bool:
    """Whether the hidden test passes on the branch, and all visible tests with it."""
    shutil.rmtree(scratch, ignore_errors=True)
    subprocess.run(["git", "clone", "-q", "-b", branch, str(repository), str(scratch)], check=True, capture_output=True)
    (scratch / HIDDEN).write_text(bug.facts["hidden"].lstrip("\n"), encoding="utf-8")
    is_pytest = (scratch / "pyproject.toml").exists()
    how = ["pytest", "-q", "-p", "no:cacheprovider"] if is_pytest else ["unittest", "discover", "-q", "-t", ".", "-s", "tests"]
    surroundings = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    done = subprocess.run(
        [sys.executable, "-m", *how], cwd=scratch, capture_output=True, text=True, check=False, env=surroundings
    )
    return done.returncode == 0


def edits_tried(result: dict[str, Any]) -> int:
    """How many edits the tasks of a run say that they tried."""
    return sum(int(number) for task in result["tasks"] for number in re.findall(r"\b[Tt]ried (\d+)", task["result"]))
