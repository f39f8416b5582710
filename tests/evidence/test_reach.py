"""What each test reaches, as the reporter tells it from a real run."""

from collections.abc import Callable, Mapping

from swarm.evidence.results import Reached
from swarm.evidence.rooms import Rooms
from swarm.evidence.runner import Manner
from swarm.evidence.runners.pytest import PytestRunner
from swarm.evidence.runners.unittest import UnittestRunner

FILES = {
    "pytest.ini": "[pytest]\naddopts = -p no:hypothesispytest -p no:anyio -p no:timeout\n",
    "shop.py": """import tables

SIZE = tables.size()


def price():
    return 1


def rates():
    return open("rates.txt").read()
""",
    "tables.py": "def size():\n    return 4\n",
    "late.py": "def late():\n    return 1\n",
    "rates.txt": "7",
    "conftest.py": """import pytest
import shop


@pytest.fixture(scope="module")
def one():
    return shop.price()
""",
    "test_shop.py": """import os
import subprocess
import threading

import shop


def test_first(one):
    assert one == 1


def test_second(one):
    assert one == 1


def test_reads():
    assert shop.rates() == "7"
    assert os.listdir(".")


def test_starts():
    subprocess.run(["true"])


def test_imports():
    import late
    assert late.late() == 1


def test_thread():
    thread = threading.Thread(target=shop.price)
    thread.start()
    thread.join()
""",
}


def test_every_test_is_told_with_what_it_entered_read_and_listed(rooms: Rooms, plant: Callable[[Mapping[str, str]], str]) -> None:
    with rooms.open(plant(FILES)) as room:
        run = PytestRunner(rooms.environment.python).run(room.sandbox, timeout=60, manner=Manner(reach=True))

    assert run.complete, run.why_incomplete
    reached = {name.removeprefix("test_shop.py::"): told for name, told in run.reached.items()}
    fixture = {"conftest.py": (5,), "shop.py": (6,)}
    assert reached["test_first"] == Reached({**fixture, "test_shop.py": (8,)})
    assert reached["test_second"] == Reached({**fixture, "test_shop.py": (12,)}), "a fixture that is there already counts as well"
    assert reached["test_reads"].files == ("rates.txt",)
    assert reached["test_reads"].folders == ("",)
    assert reached["test_starts"].opaque
    assert reached["test_imports"].functions == {"late.py": (0, 1), "test_shop.py": (25,)}
    assert reached["test_thread"].functions["shop.py"] == (6,)
    assert reached["shop.py"].functions["tables.py"] == (0, 1), "what an import runs belongs to the file that imports"
    assert not reached["test_first"].opaque


WORDED = """class Odd(Exception):
    def __str__(self):
        return "odd"


def test_fails():
    raise Odd
"""
WORDS = "def pytest_runtest_makereport(item):\n    assert item\n"


def test_putting_a_failure_into_words_is_looked_at_only_if_the_tree_takes_part_in_it(
    rooms: Rooms, plant: Callable[[Mapping[str, str]], str]
) -> None:
    reached = []
    for more in ({}, {"conftest.py": WORDS}):
        with rooms.open(plant({"pytest.ini": FILES["pytest.ini"], "test_odd.py": WORDED, **more})) as room:
            run = PytestRunner(rooms.environment.python).run(room.sandbox, timeout=60, manner=Manner(reach=True))
        reached.append(run.reached["test_odd.py::test_fails"].functions)
    assert reached == [{"test_odd.py": (6,)}, {"conftest.py": (1,), "test_odd.py": (2, 6)}]


def test_only_what_is_asked_for_is_run_and_what_is_not_there_does_no_harm(
    rooms: Rooms, plant: Callable[[Mapping[str, str]], str]
) -> None:
    only = ("test_shop.py::test_first", "test_shop.py::test_of_yesterday")
    with rooms.open(plant(FILES)) as room:
        run = PytestRunner(rooms.environment.python).run(room.sandbox, ["test_shop.py"], timeout=60, manner=Manner(only=only))

    assert run.complete
    assert run.passed == ("test_shop.py::test_first",)


UNITTEST = {
    "shop.py": """def price():
    return 2


def opened():
    return 1


def closed():
    return 0


def lonely():
    pass
""",
    "test_class.py": """import unittest
import shop


def tearDownModule():
    shop.lonely()


class TestShop(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        shop.opened()

    @classmethod
    def tearDownClass(cls):
        shop.closed()

    def test_price(self):
        self.assertEqual(shop.price(), 2)

    def test_nothing(self):
        pass
""",
    "test_other.py": """import unittest


class TestOther(unittest.TestCase):
    def test_it(self):
        open("rates.txt").close()
""",
    "rates.txt": "",
}


def test_unittest_tells_it_as_well_and_what_a_class_sets_up_counts_for_all_tests_of_its_file(
    rooms: Rooms, plant: Callable[[Mapping[str, str]], str]
) -> None:
    with rooms.open(plant(UNITTEST)) as room:
        run = UnittestRunner(rooms.environment.python).run(room.sandbox, timeout=60, manner=Manner(reach=True))

    assert run.complete, run.why_incomplete
    first, second = (run.reached[f"test_class.py::TestShop::test_{name}"].functions["shop.py"] for name in ("price", "nothing"))
    assert (first, second) == ((1, 5, 9, 13), (5, 9, 13))
    assert run.reached["test_other.py::TestOther::test_it"].files == ("rates.txt",)
    assert 0 in run.reached["test_class.py"].functions["shop.py"], "importing the file imports the shop"
