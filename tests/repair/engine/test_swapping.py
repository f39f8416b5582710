"""An edit reaches every place from which its function can be called."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from swarm.repair.trial import Fate

Put = Callable[[Mapping[str, str]], Any]

SHAPES = '''
from __future__ import annotations
import functools
import contextlib
from dataclasses import dataclass, field


def plain(x):
    """It should add one."""
    return x + 1


class Box:
    """A class with one of everything."""

    def __init__(self, value):
        self.__value = value

    def method(self):
        return self.__value + 1

    @property
    def doubled(self):
        return self.__value * 2

    @classmethod
    def made(cls, value):
        return cls(value + 1)

    @staticmethod
    def halved(value):
        return value // 2

    class Inner:
        def name(self) -> str:
            return "inner"


class Sub(Box):
    def method(self):
        return super().method() + 1


def logged(function):
    @functools.wraps(function)
    def wrapper(*args):
        return function(*args) + 1
    return wrapper


@logged
def decorated(x):
    return x * 1


def adder(n):
    def add(x):
        return x + n
    return add


add_ten = adder(10)


def squares(n):
    for i in range(n):
        yield i * i


@contextlib.contextmanager
def opened():
    yield "open"


async def later():
    return 10


def outer(xs):
    return sorted(xs, key=lambda x: x)


@functools.lru_cache(maxsize=None)
def cached(n):
    return n + 1


def doubled_twice(x):
    def once(y): return y + y
    return once(once(x))


if True:
    def conditional(x):
        return 1 + x
'''
ALIASES = """
from shapes.core import plain as simple
TABLE = {"plain": simple}
"""
TESTS = """
import asyncio
import unittest
import pytest
from shapes.core import *
from shapes.core import Box, Sub, Box as Crate
from shapes.aliases import TABLE, simple

def test_function(): assert plain(1) == 2
def test_alias(): assert simple(1) == 2 and TABLE["plain"](1) == 2
def test_method(): assert Box(1).method() == 2
def test_property(): assert Crate(2).doubled == 4
def test_class_method(): assert vars(Box.made(1)) == {"_Box__value": 2}
def test_static_method(): assert Box.halved(8) == 4
def test_inner_class(): assert Box.Inner().name() == "inner"
def test_super(): assert Sub(1).method() == 3
def test_decorated(): assert decorated(1) == 2
def test_closure(): assert add_ten(1) == 11
def test_generator(): assert list(squares(2)) == [0, 1]
def test_context():
    with opened() as what:
        assert what == "open"
def test_coroutine(): assert asyncio.run(later()) == 10
def test_lambda(): assert outer([2, 1]) == [1, 2]
def test_cached(): assert cached(1) == 2
def test_inner_function(): assert doubled_twice(1) == 4
def test_conditional(): assert conditional(1) == 2

class TestUnit(unittest.TestCase):
    def setUp(self): self.box = Box(1)
    def test_unit(self): self.assertEqual(self.box.method(), 2)
"""
KINDS = {
    "function": ("return x + 1", "return x + 2"),
    "method": ("return self.__value + 1", "return self.__value + 3"),
    "property": ("self.__value * 2", "self.__value * 3"),
    "class_method": ("cls(value + 1)", "cls(value + 4)"),
    "static_method": ("value // 2", "value // 4"),
    "inner_class": ('"inner"', '"inner!"'),
    "super": ("super().method() + 1", "super().method() + 5"),
    "wrapper": ("function(*args) + 1", "function(*args) + 0"),
    "decorated": ("return x * 1", "return x * 6"),
    "closure": ("return x + n", "return x + n + 7"),
    "generator": ("range(n)", "range(n + 8)"),
    "context": ('"open"', '"open?"'),
    "coroutine": ("return 10", "return 9"),
    "lambda": ("lambda x: x", "lambda x: -x"),
    "cached": ("return n + 1", "return n + 11"),
    "inner_function": ("return y + y", "return y + y + y"),
    "conditional": ("return 1 + x", "return 12 + x"),
}


@pytest.fixture(scope="module")
def tried(bench: Put) -> Mapping[str, Any]:
    """Every kind of function with an edit that its test notices, and with one that nobody can notice."""
    files = {"shapes/__init__.py": "", "shapes/core.py": SHAPES, "shapes/aliases.py": ALIASES, "tests/test_shapes.py": TESTS}
    project = bench(files)
    assert not project.truth.failed
    wrong = [("shapes/core.py", right, wrong) for right, wrong in KINDS.values()]
    same = [("shapes/core.py", right, f"{right}  # as it is") for right, _ in KINDS.values() if right.startswith("return")]
    trials = project.tries(*wrong, *same)
    return {**dict(zip(KINDS, trials, strict=False)), "same": trials[len(wrong) :]}


@pytest.mark.parametrize("kind", KINDS)
def test_a_living_function_does_something_else(tried: Mapping[str, Any], kind: str):
    trial = tried[kind]
    assert (trial.fate, trial.how) == (Fate.FAILED, "swapped")
    noticed = {
        "method": ("test_unit", "test_method", "test_super"),
        "function": ("test_function", "test_alias"),
        "wrapper": ("test_decorated",),
    }
    assert trial.test.endswith(noticed.get(kind, (f"test_{kind}",)))


def test_an_edit_that_compiles_to_what_is_there_is_not_tried(tried: Mapping[str, Any]):
    assert len(tried["same"]) > 5
    assert {(trial.plausible, trial.why) for trial in tried["same"]} == {(False, "it compiles to what is there already")}


@pytest.mark.parametrize("held", ["simple(1)", "TABLE['plain'](1)", "Crate(1).method() + 0"])
def test_whoever_holds_the_function_sees_the_edit(bench: Put, held: str):
    code = SHAPES.replace("return x + 1", "return x + 2", 1).replace("self.__value + 1", "self.__value + 2", 1)
    test = (
        f"from shapes.aliases import TABLE, simple\nfrom shapes.core import Box as Crate\ndef test_held(): assert {held} == 2\n"
    )
    project = bench({"shapes/__init__.py": "", "shapes/core.py": code, "shapes/aliases.py": ALIASES, "tests/test_held.py": test})
    change = ("return self.__value + 2", "return self.__value + 1") if "Crate" in held else ("return x + 2", "return x + 1")
    (trial,) = project.tries(("shapes/core.py", *change))
    assert (trial.plausible, trial.how) == (True, "swapped")


ELSEWHERE = """
import shapes.tools
LIMIT = 5
LOOKUP = shapes.tools.table()

def wanted(x, step=2):
    return x + step + LIMIT + LOOKUP["a"]

class Thing:
    size = 3

def gone(x):
    return x + 1
value = gone(1)
del gone
"""
AT_IMPORT = {
    "a constant": ("shapes/m.py", "LIMIT = 5", "LIMIT = 6"),
    "a default": ("shapes/m.py", "step=2", "step=3"),
    "a function that the import called": ("shapes/tools.py", "'a': 1", "'a': 2"),
    "a class body": ("shapes/m.py", "size = 3", "size = 4"),
    "a function that nobody holds": ("shapes/m.py", "def gone(x):\n    return x + 1", "def gone(x):\n    return x + 2"),
}


@pytest.fixture(scope="module")
def imported(bench: Put) -> Mapping[str, Any]:
    tests = "from shapes.m import wanted, Thing, value\ndef test_all(): assert wanted(1) + Thing.size + value == 15\n"
    tools = "def table():\n    return {'a': 1}\n"
    project = bench({"shapes/__init__.py": "", "shapes/m.py": ELSEWHERE, "shapes/tools.py": tools, "tests/test_m.py": tests})
    changes = [*AT_IMPORT.values(), ("shapes/m.py", "size = 3", "size = 2"), ("shapes/m.py", "LIMIT = 5", "LIMIT = ]")]
    return dict(zip([*AT_IMPORT, "wrong", "no Python"], project.tries(*changes), strict=True))


@pytest.mark.parametrize("kind", AT_IMPORT)
def test_what_happened_at_import_happens_again(imported: Mapping[str, Any], kind: str):
    assert (imported[kind].plausible, imported[kind].how, imported[kind].why) == (True, "imported", "")


def test_what_was_imported_anew_can_fail(imported: Mapping[str, Any]):
    assert (imported["wrong"].fate, imported["wrong"].why) == (Fate.FAILED, "AssertionError")
    assert (imported["no Python"].fate, imported["no Python"].how) == (Fate.FAILED, "swapped")
