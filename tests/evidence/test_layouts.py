"""Tests lie where a project puts them, and may find only from there what they test."""

from typing import Any, cast

import pytest

from swarm.blackboard.candidates import Verdict
from swarm.evidence.ground import Ground
from swarm.evidence.reproduction import Reproduction, admit
from swarm.evidence.verdict import judge

WRONG, RIGHT = "def after(x):\n    return x + 2\n", "def after(x):\n    return x + 1\n"
TEST = "from counter import after\n\n\ndef test_after(): assert after(1) == 2\n"
BESIDE = {"services/count/counter.py": WRONG, "services/count/test_counter.py": TEST}
"""A test that imports what lies in its own folder, which is on the path only because it lies there itself."""


@pytest.fixture(scope="module")
def ground(shared_bench: Any) -> Ground:
    return cast("Ground", shared_bench.ground(BESIDE))


def test_a_fix_is_verified_whose_tests_lie_beside_the_source(shared_bench: Any, ground: Ground) -> None:
    for _ in range(3):  # what is planted gets other names each time, and with them another place in the order
        tree = shared_bench.changed(ground.tree, {"services/count/counter.py": RIGHT})
        judgement = judge(tree, ground, ["services/count/test_counter.py::test_after"], keep=shared_bench.keep)
        assert judgement.verdict is Verdict.VERIFIED, judgement


def test_a_planted_test_that_base_can_load_has_to_be_loaded_with_the_patch(shared_bench: Any, ground: Ground) -> None:
    picky = f"import inspect\n\nassert any(one.filename.endswith('test_counter.py') for one in inspect.stack())\n\n\n{RIGHT}"
    tree = shared_bench.changed(ground.tree, {"services/count/counter.py": picky})
    judgement = judge(tree, ground, ["services/count/test_counter.py::test_after"], keep=shared_bench.keep)
    assert judgement.verdict is Verdict.REJECTED, judgement


def test_a_reproduction_is_admitted_that_finds_the_source_only_from_beside_it(ground: Ground) -> None:
    admitted = admit(Reproduction(name="mine", content=TEST.encode(), author="person"), ground)
    assert admitted.tests == ("test_after",)
