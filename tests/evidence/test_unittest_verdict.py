"""The judge on projects that are tested by unittest, and by tools of which it knows less."""

import json
from dataclasses import replace
from typing import Any, cast

import pytest

from swarm.blackboard.candidates import Verdict
from swarm.evidence.baseline import Thoroughness, measure
from swarm.evidence.ground import Ground
from swarm.evidence.reproduction import Reproduction, admit
from swarm.evidence.runners.coarse import ExitCode
from swarm.evidence.runners.foreign import ForeignRunner
from swarm.evidence.runners.unittest import UnittestRunner
from swarm.evidence.verdict import judge

SHOP = "def discount(copies):\n    return 10 if copies > 10 else 0\n"
FIXED = SHOP.replace("> 10", ">= 10")
TESTS = """import unittest
from shop import discount

class TestDiscount(unittest.TestCase):
    def test_ten(self):
        self.assertEqual(discount(10), 10)
    def test_one(self):
        self.assertEqual(discount(1), 0)
"""
FILES = {"shop.py": SHOP, "tests/__init__.py": "", "tests/test_shop.py": TESTS}
RED = "tests/test_shop.py::TestDiscount::test_ten"


@pytest.fixture(scope="module")
def ground(shared_bench: Any) -> Ground:
    runner = UnittestRunner(shared_bench.rooms.environment.python)
    tree = shared_bench.tree(FILES)
    baseline = measure(runner, shared_bench.rooms, tree, Thoroughness(runs=2))
    base = shared_bench.mirror.commit(tree, [], "base")
    return Ground(base=base, tree=tree, rooms=cast("Any", shared_bench.rooms), runner=runner, baseline=baseline)


@pytest.mark.parametrize(
    ("source", "verdict", "rule"),
    [
        (FIXED, Verdict.VERIFIED, "red, green, nothing broken"),
        (SHOP + "#\n", Verdict.REJECTED, "the reproduction is green"),
        ("def discount(copies): return 10\n", Verdict.REJECTED, "nothing else is broken"),
        (
            "import unittest\nunittest.TestCase.assertEqual = lambda *a: None\n" + SHOP,
            Verdict.REJECTED,
            "the canaries come back as set",
        ),
        (
            "import unittest\nunittest.TestCase._callTestMethod = lambda *a: None\n" + SHOP,
            Verdict.REJECTED,
            "the canaries come back as set",
        ),
        (
            "class A(int):\n    def __eq__(self, other): return True\ndef discount(copies): return A(0)\n",
            Verdict.NEEDS_REVIEW,
            "",
        ),
    ],
    ids=["right", "nothing", "wrong", "silent assertions", "silent runner", "equal to all"],
)
def test_patches_are_told_apart(shared_bench: Any, ground: Ground, source: str, verdict: Verdict, rule: str) -> None:
    assert ground.baseline.red == (RED,)
    judgement = judge(shared_bench.changed(ground.tree, {"shop.py": source}), ground, [RED], keep=shared_bench.keep)
    assert judgement.verdict is verdict, judgement
    assert not rule or judgement.rule == rule


def test_a_held_reproduction_is_asked_too(shared_bench: Any, ground: Ground) -> None:
    text = TESTS.replace("discount(10), 10", "discount(10) + discount(9), 10")
    held = [admit(Reproduction(name="bug.py", content=text.encode(), author="you"), ground)]
    tree = shared_bench.changed(ground.tree, {"shop.py": FIXED})
    judgement = judge(tree, ground, (), held=held, keep=shared_bench.keep)
    assert judgement.verdict is Verdict.VERIFIED, judgement
    assert json.loads(judgement.record)["held"][0]["tests"] == ["TestDiscount::test_ten"]


def test_where_only_an_exit_code_is_known_a_person_has_to_look(shared_bench: Any, ground: Ground) -> None:
    runner = ForeignRunner(
        ground.rooms.environment.python, ExitCode(("python3", "-c", "import shop; assert shop.discount(1) == 0"))
    )
    baseline = measure(runner, ground.rooms, ground.tree, Thoroughness(runs=2))
    coarse = replace(ground, runner=runner, baseline=baseline)
    right = judge(shared_bench.changed(ground.tree, {"shop.py": FIXED}), coarse, (), keep=shared_bench.keep)
    wrong = judge(
        shared_bench.changed(ground.tree, {"shop.py": "def discount(n): return 1\n"}), coarse, (), keep=shared_bench.keep
    )
    assert (right.verdict, right.rule) == (Verdict.NEEDS_REVIEW, "every test is known")
    assert wrong.verdict is Verdict.REJECTED
