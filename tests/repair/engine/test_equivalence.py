"""The engine says of an edit what a pytest run of its own says of it."""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from swarm.evidence.runner import Manner
from swarm.evidence.runners.pytest import PytestRunner
from swarm.repair.edits import OPERATORS, Edit, drafts, realised

Put = Callable[[Mapping[str, str]], Any]
SAMPLE = 20
"""How many edits of each project are tried in both ways; each takes a run of pytest."""

SHOP = {
    "shop/__init__.py": "",
    "shop/prices.py": '''
from dataclasses import dataclass
from functools import lru_cache

RATES = {"A": 20, "B": 7}
SEEN = []


@dataclass(frozen=True)
class Item:
    name: str
    cents: int
    group: str = "A"

    @property
    def gross(self):
        return self.cents + self.cents * rate(self.group) // 100


@lru_cache(maxsize=None)
def rate(group):
    """The tax of a group, kept once it was looked up."""
    SEEN.append(group)
    return RATES.get(group, 20)


class Cart:
    count = 0

    def __init__(self):
        self.lines = []
        Cart.count += 1

    def add(self, item, number=1):
        if number < 1:
            raise ValueError(number)
        self.lines.append((item, number))

    def total(self):
        total = 0
        for item, number in self.lines:
            total += item.gross * number
        if total > 10000:
            total -= total // 10
        return total

    def batches(self, size):
        at = 0
        while at < len(self.lines):
            yield self.lines[at : at + size]
            at += size - 1
''',
    "shop/search.py": """
from shop.prices import Item

def cheapest(items, count=1):
    return sorted(items, key=lambda item: (item.cents, item.name))[:count]

def between(items, low, high):
    return [item for item in items if low <= item.cents < high]

def position(names, wanted):
    low, high = 0, len(names) - 1
    while low <= high:
        middle = (low + high) // 2
        if names[middle] == wanted:
            return middle
        if names[middle] < wanted:
            low = middle + 1
        else:
            high = middle - 1
    return -1
""",
    "tests/test_prices.py": """
import pytest
from shop.prices import Cart, Item, SEEN, rate

@pytest.fixture
def cart():
    cart = Cart()
    cart.add(Item("tea", 500))
    cart.add(Item("book", 1000, "B"), 2)
    cart.add(Item("pen", 100))
    return cart

def test_total(cart):
    assert cart.total() == 600 + 2140 + 120

def test_discount(cart):
    cart.add(Item("desk", 100000))
    assert cart.total() == 122860 - 12286

def test_batches(cart):
    assert [len(batch) for batch in cart.batches(2)] == [2, 1]

def test_none_of_them(cart):
    with pytest.raises(ValueError):
        cart.add(Item("cup", 1), 0)

def test_rate_is_kept():
    rate.cache_clear()
    SEEN.clear()
    assert [rate("B"), rate("B"), rate("X")] == [7, 7, 20]
    assert SEEN == ["B", "X"]

def test_count():
    before = Cart.count
    Cart()
    assert Cart.count == before + 1
""",
    "tests/test_search.py": """
import pytest
from shop.search import between, cheapest, position
from shop.prices import Item
ITEMS = [Item("b", 3), Item("a", 3), Item("c", 1)]

def test_cheapest():
    assert [item.name for item in cheapest(ITEMS, 2)] == ["c", "a"]
    assert [item.name for item in cheapest(ITEMS)] == ["c"]

def test_between():
    assert [item.name for item in between(ITEMS, 1, 3)] == ["c"]

@pytest.mark.parametrize("name, at", [("a", 0), ("c", 2), ("x", -1)])
def test_position(name, at):
    assert position(["a", "b", "c"], name) == at
""",
}
TEXT = {
    "text.py": '''
import functools
import re

CALLS = []
WIDTH = 10


def counted(function):
    @functools.wraps(function)
    def wrapper(*args):
        CALLS.append(function.__name__)
        if len(CALLS) > 100:
            raise RuntimeError("too many calls")
        return function(*args)
    return wrapper


@counted
def edits(a, b):
    """The distance of two words."""
    if not a or not b:
        return len(a) + len(b)
    if a[0] == b[0]:
        return edits(a[1:], b[1:])
    return 1 + min(edits(a[1:], b), edits(a, b[1:]), edits(a[1:], b[1:]))


def wrapped(text, width=WIDTH):
    lines = [""]
    for word in text.split():
        if len(lines[-1]) + len(word) >= width:
            lines.append("")
        lines[-1] += (" " if lines[-1] else "") + word
    return lines


def roman(number):
    if number <= 0:
        raise ValueError(number)
    signs = [(10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I")]
    out = ""
    for value, sign in signs:
        while number >= value:
            out += sign
            number -= value
    return out


class Counter:
    words = {}

    def feed(self, text):
        for word in re.findall(r"[a-z]+", text.lower()):
            self.words[word] = self.words.get(word, 0) + 1
        return self

    def top(self, count):
        ranked = sorted(self.words.items(), key=lambda pair: (-pair[1], pair[0]))
        return [word for word, _ in ranked[:count]]


def limiter(most):
    used = 0

    def allow():
        nonlocal used
        used += 1
        return used < most
    return allow


allow_two = limiter(2)
''',
    "test_text.py": """
import unittest
import pytest
import text
from text import edits, wrapped, roman, Counter, limiter

class TestEdits(unittest.TestCase):
    def setUp(self):
        text.CALLS.clear()

    def test_distance(self):
        self.assertEqual(edits("kitten", "kitte"), 1)
        self.assertEqual(edits("ab", "ba"), 2)

    def test_calls(self):
        edits("", "abc")
        self.assertEqual(text.CALLS, ["edits"])

    def tearDown(self):
        Counter.words = {}

LINES = [("aa bb cc dd", ["aa bb cc", "dd"]), ("a", ["a"]), ("aaaa bbbbb c", ["aaaa bbbbb", "c"])]
@pytest.mark.parametrize("sentence, lines", LINES)
def test_wrapped(sentence, lines):
    assert wrapped(sentence) == lines

@pytest.mark.parametrize("number, sign", [(1, "I"), (4, "IV"), (9, "IX"), (14, "XIV"), (27, "XXVII")])
def test_roman(number, sign):
    assert roman(number) == sign

def test_nothing_in_roman():
    with pytest.raises(ValueError):
        roman(0)

def test_top():
    assert Counter().feed("b a b c").top(2) == ["b", "a"]

@pytest.mark.xfail(reason="not yet", strict=True)
def test_not_yet():
    assert roman(40) == "XL"

def test_limit():
    allow = limiter(2)
    assert [allow(), allow(), allow()] == [True, True, False]
""",
}


def truth(project: Any, edit: Edit) -> bool:
    """Whether every test passes in a pytest run of its own on a tree of its own."""
    with project.rooms.open(project.tree_with(edit)) as room:
        run = PytestRunner(project.rooms.environment.python).run(room.sandbox, timeout=60, manner=Manner(cpu=1.0))
    wanted = (*project.truth.failed, *project.truth.passed)
    return run.complete and set(wanted) <= set(run.passed)


@pytest.mark.timeout(500)  # some two hundred pytest runs, one after another
@pytest.mark.parametrize(
    ("files", "right"),
    [
        (SHOP, ("shop/prices.py", "at += size - 1", "at += size")),
        (TEXT, ("text.py", "return used < most", "return used <= most")),
    ],
    ids=["shop", "text"],
)
def test_verdicts_are_those_of_plain_pytest(bench: Put, files: Mapping[str, str], right: tuple[str, str, str]):
    project = bench(files)
    assert project.truth.failed
    sources = {path: content for path, content in project.sources.items() if "test" not in path}
    every = [draft for path, content in sources.items() for draft in drafts(path, content, OPERATORS)]
    chosen: Sequence[Edit] = [project.edit(*right), *realised(every[:: len(every) // SAMPLE + 1])]
    trials = project.tries_edits(chosen)
    assert len(trials) == len(chosen)
    with ThreadPoolExecutor(2) as pool:
        verdicts = list(pool.map(lambda edit: truth(project, edit), chosen))
    assert [trial.edit.description for trial, fine in zip(trials, verdicts, strict=True) if trial.plausible != fine] == []
    assert verdicts[0]
    assert {trial.how for trial in trials} == {"swapped", "imported"}
