"""Parts of a fix: each is kept with what it turns, and what is put together is judged as a candidate of its own."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from model_server import ModelServer, Say, Use, plays
from office import Office, ground_of, opened_office

from swarm.agents.exchange import Exchange
from swarm.blackboard.candidates import Verdict
from swarm.blackboard.tasks import TaskState
from swarm.evidence.ground import Ground
from swarm.evidence.partial import turned

TILL = {
    "till.py": "def total(prices):\n    return 0\n\n\ndef vat(net):\n    return net\n",
    "test_till.py": (
        "from till import total, vat\n\n\ndef test_total():\n    assert total([1, 2]) == 3\n\n\n"
        "def test_vat():\n    assert vat(100) == 119\n\n\ndef test_nothing():\n    assert total([]) == 0\n"
    ),
    "pytest.ini": "[pytest]\naddopts = -p no:hypothesispytest -p no:anyio -p no:timeout\n",
}
"""Two things are wrong."""
TOTAL = {"path": "till.py", "old": "    return 0\n", "new": "    return sum(prices)\n"}
VAT = {"path": "till.py", "old": "    return net\n", "new": "    return net + net * 19 // 100\n"}
CLASH = {"path": "till.py", "old": "    return net\n", "new": "    return 119\n\n\ndef more():\n    return 1\n"}


@pytest.fixture(scope="module")
def till_ground(tmp_path_factory: pytest.TempPathFactory) -> Ground:
    return ground_of(TILL, tmp_path_factory.mktemp("till"))


@pytest.fixture
def till(tmp_path: Path, till_ground: Ground, home_of_models: tuple[ModelServer, Exchange]) -> Iterator[Office]:
    with opened_office(tmp_path, till_ground, home_of_models) as office:
        yield office


def test_two_parts_are_kept_put_together_and_judged_as_one(till: Office) -> None:
    for worker, edit, what in (("w1", TOTAL, "sums up"), ("w2", VAT, "adds the tax")):
        ends = Say(uses=(Use("give_up", {"reason": "the rest is another's"}),))
        till.work(plays(Say(uses=(Use("edit", edit), Use("submit", {"summary": what}))), ends), worker=worker)

    first, second = till.store.candidates(till.run)
    assert [turned(first), turned(second)] == [{"test_till.py::test_total"}, {"test_till.py::test_vat"}]
    assert first.judgement is not None
    assert first.judgement.verdict is Verdict.REJECTED
    assert first.judgement.reason.startswith("It fixes a part, 1 of 2 tests that show the bug, but not all: ")

    result = till.combine()

    whole = till.store.candidates(till.run)[-1]
    assert result.sentence == "c1 and c2 together are c3: verified."
    assert (whole.summary, whole.author) == ("sums up; and adds the tax", "combiner@w8")
    assert b"sum(prices)" in till.ground.rooms.mirror.read(whole.tree, "till.py")
    assert b"net * 19" in till.ground.rooms.mirror.read(whole.tree, "till.py")


def test_parts_that_change_the_same_lines_are_told_to_everybody_as_such(till: Office) -> None:
    till.candidate({"till.py": (VAT["old"], VAT["new"])}, Verdict.REJECTED, turned=["b"])
    till.candidate({"till.py": (CLASH["old"], CLASH["new"])}, Verdict.REJECTED, turned=["a"])

    result = till.combine()

    assert result.sentence == "c1 and c2 change the same lines of till.py."
    assert [finding.kind for finding in till.store.findings(till.run)] == ["attempt-failed"]


def test_only_parts_that_both_add_something_are_put_together_and_each_two_once(till: Office) -> None:
    till.candidate({"till.py": ("0", "1")}, Verdict.REJECTED, turned=["a"])
    till.candidate({"till.py": ("0", "2")}, Verdict.REJECTED, turned=["a", "b"])
    till.candidate({"till.py": ("0", "3")}, Verdict.REJECTED, turned=[])
    till.candidate({"till.py": ("0", "4")}, Verdict.REJECTED, turned=["c"])

    waiting = [task.payload for task in till.store.tasks(till.run) if task.kind == "combine"]
    assert waiting == ['{"candidates": [1, 4]}', '{"candidates": [2, 4]}']
    assert {task.state for task in till.store.tasks(till.run) if task.kind == "combine"} == {TaskState.READY}
