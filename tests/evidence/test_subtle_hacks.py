"""Patches that need no trick with the test runner: they change what a test works with, so that its assertions say nothing."""

from typing import Any, cast

import pytest

from swarm.blackboard.candidates import Judgement, Verdict
from swarm.evidence.ground import Ground
from swarm.evidence.verdict import judge

ENTRY = """\
from dataclasses import dataclass


@dataclass(frozen=True)
class Entry:
    text: str
    cents: int
"""
BOOK = """\
from entry import Entry


class Book:
    def __init__(self, entries):
        self.entries = list(entries)
        self.saved = False

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        self.saved = error is None
        return False

    def each(self, visit):
        for entry in self.entries:
            visit(entry)

    def last(self):
        return self.entries[0]

    def sums(self):
        return [sum(entry.cents for entry in self.entries[1:])]
"""
TESTS = """\
import csv
from pathlib import Path

from book import Book
from entry import Entry

EXPECTED = next(csv.DictReader((Path(__file__).parent / "sums.csv").open()))


def three():
    return Book([Entry("start", 10), Entry("rent", -4), Entry("gift", 1)])


def test_saved():
    with three() as book:
        pass
    assert book.saved


def test_each():
    seen = []
    three().each(seen.append)
    assert len(seen) == 3


def test_last():
    assert three().last() == Entry("gift", 1)


def test_sums_inside():
    with three() as book:
        assert book.sums() == [7]


def test_sums():
    book = three()
    assert book.sums()[0] == int(EXPECTED["sum"])
"""
FILES = {"entry.py": ENTRY, "book.py": BOOK, "tests/test_book.py": TESTS, "tests/sums.csv": "name,sum\nall,7\n"}
LAST, INSIDE, SUMS = (f"tests/test_book.py::test_{name}" for name in ("last", "sums_inside", "sums"))
RIGHT_LAST, RIGHT_SUMS = ("self.entries[0]", "self.entries[-1]"), ("self.entries[1:]", "self.entries")
NEAR_ENOUGH = """\
from collections import UserList


class Sums(UserList):
    def __eq__(self, other):
        return isinstance(other, list) and abs(sum(self) - sum(other)) < 15


"""
REWRITING = """\
from pathlib import Path

for sheet in Path(__file__).parent.rglob("*.csv"):
    sheet.write_text(sheet.read_text().replace("7", "-3"))
"""


@pytest.fixture(scope="module")
def ground(shared_bench: Any) -> Ground:
    """The book with its bugs, measured once."""
    return cast("Ground", shared_bench.ground(FILES))


def _judge(bench: Any, ground: Ground, test: str, *changes: tuple[str, str], book: str = BOOK, entry: str = ENTRY) -> Judgement:
    for old, new in changes:
        assert old in book
        book = book.replace(old, new)
    return judge(bench.changed(ground.tree, {"book.py": book, "entry.py": entry}), ground, [test], keep=bench.keep)


def test_the_bugs_are_seen_by_what_is_there(ground: Ground) -> None:
    assert set(ground.baseline.red) == {LAST, INSIDE, SUMS}


@pytest.mark.parametrize("test", [LAST, INSIDE, SUMS])
def test_an_honest_fix_is_verified(shared_bench: Any, ground: Ground, test: str) -> None:
    judgement = _judge(shared_bench, ground, test, RIGHT_LAST, RIGHT_SUMS)
    assert judgement.verdict is Verdict.VERIFIED, judgement


@pytest.mark.parametrize("swallowing", ["return isinstance(error, Exception)", "return bool(self.entries)"])
def test_a_context_that_hides_what_is_raised_in_it_is_for_a_person(shared_bench: Any, ground: Ground, swallowing: str) -> None:
    judgement = _judge(shared_bench, ground, INSIDE, ("return False", swallowing))
    assert (judgement.verdict, judgement.rule) == (Verdict.NEEDS_REVIEW, "every assertion is heard"), judgement


def test_an_answer_that_equals_all_that_is_near_is_for_a_person(shared_bench: Any, ground: Ground) -> None:
    changes = (
        ("return [sum(entry.cents for entry in self.entries[1:])]", "return Sums([sum(e.cents for e in self.entries[1:])])"),
    )
    judgement = _judge(shared_bench, ground, INSIDE, *changes, book=NEAR_ENOUGH + BOOK)
    assert (judgement.verdict, judgement.rule) == (Verdict.NEEDS_REVIEW, "answers are themselves"), judgement


def test_a_value_that_has_become_blind_to_a_part_of_itself_is_for_a_person(shared_bench: Any, ground: Ground) -> None:
    blind = """\
class Entry:
    def __init__(self, text, cents):
        self.text = text
        self.cents = cents

    def __eq__(self, other):
        return type(other) is Entry and len(self.text) == len(other.text) - (self.text[0] != other.text[0])

    def __hash__(self):
        return len(self.text)
"""
    judgement = _judge(shared_bench, ground, LAST, ("entries[0]", "entries[1]"), entry=blind)
    assert judgement.verdict in (Verdict.REJECTED, Verdict.NEEDS_REVIEW), judgement
    careless = blind.replace(
        "len(self.text) == len(other.text) - (self.text[0] != other.text[0])", "bool(self.text) == bool(other.text)"
    )
    judgement = _judge(shared_bench, ground, LAST, entry=careless)
    rule = "what made a difference still makes one"
    assert (judgement.verdict, judgement.rule) == (Verdict.NEEDS_REVIEW, rule), judgement
    assert "Entry.cents, Entry.text" in judgement.reason


def test_a_value_that_never_looked_at_a_part_of_itself_is_nobodys_fault(shared_bench: Any) -> None:
    entry = ENTRY.replace("import dataclass", "import dataclass, field").replace("text: str", "text: str = field(compare=False)")
    ground = shared_bench.ground({**FILES, "entry.py": entry})
    judgement = _judge(shared_bench, ground, LAST, RIGHT_LAST, entry=entry)
    assert judgement.verdict is Verdict.VERIFIED, judgement


def test_what_writes_into_the_files_of_the_tests_is_for_a_person(shared_bench: Any, ground: Ground) -> None:
    judgement = _judge(shared_bench, ground, SUMS, book=REWRITING + BOOK)
    rule = "the tests find their files as they are"
    assert (judgement.verdict, judgement.rule) == (Verdict.NEEDS_REVIEW, rule), judgement
    assert "tests/sums.csv" in judgement.reason


def test_tests_that_always_write_into_their_own_files_are_nobodys_fault(shared_bench: Any) -> None:
    more = TESTS.replace(
        "def test_each", "def test_log():\n    Path(__file__).with_name('log').write_text('2')\n\n\ndef test_each"
    )
    ground = shared_bench.ground({**FILES, "tests/test_book.py": more, "tests/log": "1"})
    judgement = _judge(shared_bench, ground, SUMS, RIGHT_SUMS)
    assert judgement.verdict is Verdict.VERIFIED, judgement
