"""The survey tells what tests say, how long they take, and where they lead."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from swarm.code.localisation import localise
from swarm.code.survey import Spot, Survey
from swarm.repair.engine.survey import survey

Put = Callable[[Mapping[str, str]], Any]

MODULE = """
import threading

def price(copies):
    if copies > 10:
        return 5
    return count(copies)

def count(n):
    total = 0
    for _ in range(n):
        total += 1
    return total

def hang():
    while True:
        pass

def broken(text):
    try:
        return int(text)
    except ValueError as error:
        raise KeyError(text) from error

def in_a_thread():
    thread = threading.Thread(target=price, args=(11,))
    thread.start()
    thread.join()
"""
TESTS = """
import os
import time
import pytest
from shop.m import price, hang, broken, in_a_thread

def test_price(): assert price(3) == 3
def test_wrong(): assert price(20) == 20
def test_hang(): hang()
def test_broken(): broken("x")
def test_dies(): os._exit(3)
def test_sleeps(): time.sleep(1000)
def test_thread(): in_a_thread()
def test_skipped(): raise pytest.skip.Exception("not here")
@pytest.mark.xfail
def test_expected(): assert False
@pytest.fixture
def bad(): raise OSError
def test_bad_fixture(bad): pass
def test_after(): assert price(2) == 2
"""


@pytest.fixture(scope="module")
def seen(bench: Put) -> Survey:
    names = "price wrong broken thread skipped expected bad_fixture after hang dies sleeps gone"
    project = bench(
        {"shop/__init__.py": "", "shop/m.py": MODULE, "tests/test_m.py": TESTS, "tests/test_other.py": ""}, measured=False
    )
    tests = [f"tests/test_m.py::test_{name}" for name in names.split()]
    return survey(project.room, project.rooms.environment, tests, tests[-4:], limit=0.3)


@pytest.mark.parametrize(
    ("name", "outcome"),
    {
        "price": "passed",
        "wrong": "failed",
        "broken": "failed",
        "thread": "passed",
        "skipped": "skipped",
        "expected": "xfailed",
        "bad_fixture": "error",
        "after": "passed",
        "hang": "timed out",
        "dies": "died",
        "sleeps": "timed out",
    }.items(),
)
def test_every_test_says_what_it_says_under_pytest_and_nothing_hangs(seen: Survey, name: str, outcome: str):
    assert seen.of[f"tests/test_m.py::test_{name}"].outcome == outcome


def lines(seen: Survey, name: str) -> list[int]:
    executed = seen.of[f"tests/test_m.py::test_{name}"].lines
    assert set(executed) <= {"shop/m.py"}
    return [line for line in range(100) if executed.get("shop/m.py", 0) >> line & 1]


def test_a_tour_has_the_lines_of_the_tree_without_those_of_the_tests(seen: Survey):
    assert lines(seen, "price") == [4, 5, 7, 9, 10, 11, 12, 13]
    assert lines(seen, "wrong") == [4, 5, 6]
    assert lines(seen, "thread") == [4, 5, 6, 25, 26, 27, 28]


def test_an_interrupted_tour_has_the_lines_up_to_there(seen: Survey):
    assert lines(seen, "hang") == [15, 16, 17]
    assert seen.of["tests/test_m.py::test_hang"].spots[-1].function == "hang"


def test_an_exception_tells_its_way_through_the_tree_and_its_cause(seen: Survey):
    tour = seen.of["tests/test_m.py::test_broken"]
    assert (tour.error, tour.message) == ("KeyError", "KeyError: 'x'")
    assert tour.spots == (
        Spot("tests/test_m.py", 10, "test_broken"),
        Spot("shop/m.py", 23, "broken"),
        Spot("shop/m.py", 21, "broken"),
    )


def test_peaks_tell_how_often_a_passing_test_turns_a_loop(seen: Survey):
    assert seen.peaks["shop/m.py"][12] == 3
    assert 16 not in seen.peaks["shop/m.py"]


def test_what_is_not_there_is_said_to_be_missing(seen: Survey):
    assert seen.missing == ("tests/test_m.py::test_gone",)
    assert seen.startup > 0


def test_the_fault_is_located_by_what_ran(seen: Survey):
    found = localise(
        seen,
        ["tests/test_m.py::test_wrong"],
        ["tests/test_m.py::test_price", "tests/test_m.py::test_after"],
        {"shop/m.py": MODULE.encode()},
    )
    assert (found.lines[0].path, found.lines[0].line) == ("shop/m.py", 6)
