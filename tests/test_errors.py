"""The one tree of errors: drawn as it is, rendered whole, and harmless."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from swarm import errors
from swarm.errors import Conflict, StaleLease, UnknownSetting, shown

LIST_ERRORS = """
import importlib, inspect, json, pkgutil, string
import sandboxes, swarm
from sandboxes.trouble import Trouble
from swarm.errors import shown

HOSTILE = "line\\nline\\x1b[2J\\u202e"

def modules(package):
    for found in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
        if not found.name.endswith("__main__"):
            yield importlib.import_module(found.name)

def tree(kind):
    yield kind
    for child in kind.__subclasses__():
        yield from tree(child)

def described(kind):
    names = {name for _, name, _, _ in string.Formatter().parse(inspect.cleandoc(kind.__doc__ or "")) if name}
    return {
        "name": kind.__name__, "parent": kind.__mro__[1].__name__, "code": kind.exit_code, "module": kind.__module__,
        "doc": kind.__doc__, "names": sorted(names),
        "plain": shown(kind(**{name: f"<{name}>" for name in names})),
        "hostile": shown(kind(**{name: HOSTILE for name in names})),
    }

loaded = [*modules(swarm), *modules(sandboxes)]
print(json.dumps([described(kind) for kind in tree(Trouble) if kind.__name__[0] != "_"]))  # those never leave their file
"""


@pytest.fixture(scope="module")
def real() -> list[dict[str, Any]]:
    """Every error, as a clean interpreter finds it after it has loaded every module."""
    program = [sys.executable, "-W", "ignore", "-c", LIST_ERRORS]
    answer = subprocess.run(program, check=False, capture_output=True, text=True, timeout=100)
    assert answer.returncode == 0, answer.stderr
    found: list[dict[str, Any]] = json.loads(answer.stdout)
    return found


def drawn() -> dict[str, tuple[str, int, str]]:
    """Name, parent, exit code and home of every error in the drawing at the head of the module."""
    line = re.compile(r"^(?P<edge>[│ ├└─]*)(?P<name>[A-Z]\w+) *(?P<code>\d+)?(?: +(?P<note>.*))?$")
    tree: dict[str, tuple[str, int, str]] = {}
    above: list[str] = []
    for text in (errors.__doc__ or "").splitlines()[1:]:
        if not (found := line.match(text)):
            continue
        depth = len(found["edge"]) // 4
        above[depth:] = [found["name"]]
        parent = above[depth - 1] if depth else "Exception"
        inherited = tree[parent][1:] if depth else (1, "")
        home = re.search(r"([\w/]+)\.py", found["note"] or "")
        own = home[1].replace("/", ".") if home else ("swarm.errors" if found["name"] == "SwarmError" else inherited[1])
        tree[found["name"]] = (parent, int(found["code"] or inherited[0]), own)
    return tree


def test_the_drawn_tree_is_the_real_one(real: list[dict[str, Any]]):
    assert drawn() == {error["name"]: (error["parent"], error["code"], error["module"]) for error in real}


def test_every_error_has_a_message_of_its_own(real: list[dict[str, Any]]):
    assert [error["name"] for error in real if not error["doc"]] == []


def test_every_message_has_at_most_three_lines_and_names_all_its_facts(real: list[dict[str, Any]]):
    for error in real:
        lines = error["plain"].splitlines()
        assert 1 <= len(lines) <= 3, error["name"]
        assert all(f"<{name}>" in error["plain"] for name in error["names"]), error["name"]
        assert not re.search(r"[{}]", error["plain"]), error["name"]
        assert all(line == line.strip() for line in lines), error["name"]


def test_hostile_facts_add_no_line_and_no_escape_to_any_message(real: list[dict[str, Any]]):
    for error in real:
        assert len(error["hostile"].splitlines()) == len(error["plain"].splitlines()), error["name"]
        assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]", error["hostile"]), error["name"]


def test_every_exit_code_is_one_that_the_shell_was_promised(real: list[dict[str, Any]]):
    assert {error["code"] for error in real} <= {1, 2, 3, 4, 5, 6, 7, 8, 9, 130, 143}


def test_an_error_without_a_fact_that_its_message_names_is_refused():
    with pytest.raises(TypeError, match="UnknownSetting needs hint, origin"):
        UnknownSetting(key="agent")


def test_a_message_is_the_text_of_the_exception():
    assert str(StaleLease(worker="w1", task=7, token=3)).startswith("Worker w1 no longer holds task t7: its token 3 is old.")


def test_braces_in_a_fact_are_only_text():
    assert shown(Conflict(what="{0.__class__} {remedy}", remedy="{}")).splitlines()[0] == "{0.__class__} {remedy}"


def test_an_endless_fact_is_cut():
    assert len(shown(Conflict(what="x" * 10_000_000, remedy=Path("y")))) < 1100


def test_without_docstrings_an_error_still_tells_its_facts():
    program = "from swarm.errors import Conflict, shown; print(shown(Conflict(what='the head moved', remedy='again')))"
    answer = subprocess.run([sys.executable, "-OO", "-c", program], capture_output=True, text=True, timeout=60, check=True)
    assert answer.stdout == "Conflict: what the head moved, remedy again\n"


def test_the_drawing_is_read_whole():
    names = set(re.findall(r"\b[A-Z]\w+\b", (errors.__doc__ or "").partition("\n\n")[2]))
    assert names == set(drawn())
    assert len(names) > 20
