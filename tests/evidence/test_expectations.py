"""What an old test expects may have to change, but never without a person."""

from collections.abc import Mapping
from typing import Any, cast

import pytest

from swarm.blackboard.candidates import Judgement, Verdict
from swarm.evidence.ground import Ground
from swarm.evidence.verdict import judge

SHOP = "def discount(copies):\n    return 10 if copies > 10 else 0\n\n\ndef price(copies):\n    return 2 * copies\n"
RED = "test_discount.py::test_ten"
OLD = "from shop import price\n\n\ndef test_two(): assert price(2) == 4\n\n\ndef test_none(): assert price(0) == 0\n"
FILES = {
    "shop.py": SHOP,
    "test_discount.py": "import shop\n\n\ndef test_ten(): assert shop.discount(10) == 10\n",
    "test_price.py": OLD,
}
DEARER = SHOP.replace("> 10", ">= 10").replace("2 * copies", "3 * copies")
"""Right, and prices are others than before."""
TOLD = OLD.replace("== 4", "== 6")


@pytest.fixture(scope="module")
def ground(shared_bench: Any) -> Ground:
    return cast("Ground", shared_bench.ground(FILES))


def _judge(bench: Any, ground: Ground, changes: Mapping[str, str]) -> Judgement:
    return judge(bench.changed(ground.tree, {"shop.py": DEARER, **changes}), ground, [RED], keep=bench.keep)


@pytest.mark.parametrize(
    "told",
    [TOLD, OLD.replace("def test_two(): assert price(2) == 4", "def test_pair(): assert price(2) == 6")],
    ids=["expects another value", "another test is in its place"],
)
def test_a_patch_that_tells_an_old_test_anew_needs_a_person(shared_bench: Any, ground: Ground, told: str) -> None:
    judgement = _judge(shared_bench, ground, {"test_price.py": told})
    assert judgement.verdict is Verdict.NEEDS_REVIEW, judgement
    assert "test_price.py::test_two passed on base and fails with this source" in judgement.record


@pytest.mark.parametrize(
    "told",
    [
        OLD.replace("def test_two(): assert price(2) == 4\n", ""),
        OLD.replace("== 4", "== 5"),
        TOLD.replace("def test_two", "import pytest\n\n\n@pytest.mark.skip\ndef test_two"),
    ],
    ids=["taken away", "told wrongly", "skipped"],
)
def test_a_broken_test_that_the_patch_does_not_tell_anew_is_broken(shared_bench: Any, ground: Ground, told: str) -> None:
    judgement = _judge(shared_bench, ground, {"test_price.py": told})
    assert (judgement.verdict, judgement.test) == (Verdict.REJECTED, "test_price.py::test_two"), judgement
    assert "assert 6 == 4" in judgement.text


RENAMED = SHOP.replace("> 10", ">= 10").replace("def price", "def cost")
TOLD_OF_COST = OLD.replace("price", "cost")


def test_a_patch_that_renames_what_an_old_test_file_imports_needs_a_person_who_sees_it(shared_bench: Any, ground: Ground) -> None:
    judgement = _judge(shared_bench, ground, {"shop.py": RENAMED, "test_price.py": TOLD_OF_COST})
    assert judgement.verdict is Verdict.NEEDS_REVIEW, judgement
    assert "The patch tells it anew." in judgement.record


@pytest.mark.parametrize(
    "told",
    [
        OLD,
        f"{OLD}# as ever\n",
        TOLD_OF_COST.replace("== 4", "== 5"),
        TOLD_OF_COST.replace("def test_none(): assert cost(0) == 0\n", ""),
    ],
    ids=["left as it is", "still not to be read", "told wrongly", "one is gone"],
)
def test_an_old_test_file_that_cannot_be_read_any_more_is_broken_unless_the_patch_keeps_all_its_tests(
    shared_bench: Any, ground: Ground, told: str
) -> None:
    judgement = _judge(shared_bench, ground, {"shop.py": RENAMED, "test_price.py": told})
    assert judgement.verdict is Verdict.REJECTED, judgement


def test_the_reproduction_is_never_told_anew(shared_bench: Any, ground: Ground) -> None:
    changes = {"shop.py": f"{SHOP}# looked at\n", "test_discount.py": FILES["test_discount.py"].replace("== 10", "== 0")}
    judgement = _judge(shared_bench, ground, changes)
    assert (judgement.verdict, judgement.test) == (Verdict.REJECTED, RED), judgement
