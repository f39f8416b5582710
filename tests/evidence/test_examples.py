"""Examples in docstrings are tests that stand in the source: what they ask may change, but never without a person."""

from typing import Any, cast

import pytest

from swarm.blackboard.candidates import Verdict
from swarm.evidence.examples import RULE
from swarm.evidence.ground import Ground
from swarm.evidence.verdict import judge

RED = "shop.py::shop.discount"
SHOP = '''\
class Till:
    """Counts money.

    >>> Till().count(2)
    4
    """

    def count(self, copies):
        """Count.

        >>> Till().count(1)
        2
        """
        return 2 * copies


def discount(copies):
    """In percent.

    >>> discount(10)
    10
    """
    return 10 if copies > 10 else 0


if discount:

    def halved(copies):
        """Of what.

        >>> discount(1)
        0
        """


__test__ = {"numbers": ">>> 2 * 2\\n4\\n"}
'''
FIXED = SHOP.replace("> 10", ">= 10")
MORE = FIXED.replace("    >>> discount(10)\n    10\n", "    >>> discount(10)\n    10\n    >>> discount(1)\n    0\n")


@pytest.fixture(scope="module")
def ground(shared_bench: Any) -> Ground:
    """A project whose tests are all examples."""
    quick = "[pytest]\naddopts = --doctest-modules --doctest-glob=*.txt -p no:hypothesispytest -p no:anyio -p no:timeout\n"
    return cast("Ground", shared_bench.ground({"shop.py": SHOP, "use.txt": ">>> 1 + 1\n2\n", "pytest.ini": quick}))


@pytest.mark.parametrize("fixed", [FIXED, MORE], ids=["the source alone", "another example after the old ones"])
def test_a_fix_that_leaves_the_examples_alone_is_verified(shared_bench: Any, ground: Ground, fixed: str) -> None:
    judgement = judge(shared_bench.changed(ground.tree, {"shop.py": fixed}), ground, [RED], keep=shared_bench.keep)
    assert judgement.verdict is Verdict.VERIFIED, judgement


@pytest.mark.parametrize(
    ("changes", "owner"),
    [
        ({"shop.py": SHOP.replace("discount(10)\n    10", "discount(10)\n    0")}, "shop.py::discount"),
        ({"shop.py": SHOP.replace(">>> discount(10)\n", ">>> discount = int\n    >>> discount(10)\n")}, "shop.py::discount"),
        ({"shop.py": FIXED.replace("Till().count(1)\n        2", "Till().count(2)\n        4")}, "shop.py::Till::count"),
        (
            {"shop.py": FIXED.replace("    >>> Till().count(2)\n    4\n", "    >>> Till().count(0)\n    0\n")},
            "shop.py::Till",
        ),
        ({"shop.py": FIXED.replace("discount(1)\n        0", "discount(1) + 1\n        1")}, "shop.py::halved"),
        ({"shop.py": FIXED.replace("2 * 2\\n4", "3 * 3\\n9")}, "shop.py"),
        ({"shop.py": FIXED, "use.txt": ">>> 1 + 2\n3\n"}, "use.txt"),
    ],
    ids=[
        "expects another value",
        "what it calls is replaced",
        "of a method",
        "of a class",
        "in a branch",
        "in the table of tests",
        "of a text",
    ],
)
def test_an_example_that_is_told_anew_needs_a_person(
    shared_bench: Any, ground: Ground, changes: dict[str, str], owner: str
) -> None:
    judgement = judge(shared_bench.changed(ground.tree, changes), ground, [RED], keep=shared_bench.keep)
    assert judgement.verdict is Verdict.NEEDS_REVIEW, judgement
    assert RULE in judgement.record
    assert f"The examples of {owner} are tests" in judgement.record


def test_an_example_that_is_skipped_does_not_pass(shared_bench: Any, ground: Ground) -> None:
    skipped = SHOP.replace(">>> discount(10)\n", ">>> discount(10)  # doctest: +SKIP\n")
    judgement = judge(shared_bench.changed(ground.tree, {"shop.py": skipped}), ground, [RED], keep=shared_bench.keep)
    assert judgement.verdict is Verdict.REJECTED, judgement
