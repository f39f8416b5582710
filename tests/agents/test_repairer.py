"""The repairer on the demo's bookshop."""

import json
from dataclasses import replace
from typing import Any

import pytest

from swarm.agents.agent import Agent
from swarm.agents.repairer import Repairer, UnknownOperator
from swarm.blackboard.candidates import Verdict
from swarm.blackboard.tasks import NewTask, Task, TaskState
from swarm.code.suspects import read_suspects
from swarm.evidence.verdict import judge

STOCK = "bookshop/stock.py"


def _task(new: NewTask) -> Task:
    """The task as the store would offer it."""
    return Task(
        run="run",
        number=7,
        kind=new.kind,
        goal=new.goal,
        needs=new.needs,
        priority=new.priority,
        parent=None,
        depth=0,
        payload=new.payload,
        state=TaskState.CLAIMED,
        worker="w1",
        token=1,
        setbacks=(),
        result="",
    )


LOCATE = _task(NewTask(kind="locate", goal="Find where the failure comes from"))


def _fix(operator: str) -> Task:
    return _task(NewTask(kind="fix", goal="", payload=json.dumps({"operator": operator})))


def test_it_locates_the_fault_and_shares_where_with_evidence(desk: Any) -> None:
    agent: Agent = Repairer()
    result = agent.work(LOCATE, desk)
    (finding,) = desk.findings("located")
    worst = read_suspects(finding.summary)[0]
    assert result.finished
    assert (worst.path, worst.first) == (STOCK, 39)
    assert f"{STOCK}:39" in finding.gist
    assert f"{STOCK}:39" in result.sentence
    assert finding.evidence.argv == desk.ground.baseline.argv
    assert (finding.evidence.passed, finding.evidence.failed, finding.evidence.exit_code) == (31, 2, 1)
    assert finding.evidence.tree == desk.ground.tree


def test_it_finds_the_edit_that_the_judge_verifies(desk: Any) -> None:
    repairer = Repairer()
    repairer.work(LOCATE, desk)
    result = repairer.work(_fix("comparison"), desk)
    (candidate,) = desk.candidates
    ground = desk.ground
    fixed = ground.rooms.mirror.read(candidate.tree, STOCK).decode()
    assert "if left < copies:  # somebody else may have been faster" in fixed
    assert (candidate.added, candidate.removed) == (1, 1)
    assert "comparison" in candidate.summary
    assert STOCK in candidate.summary
    assert "handed in 1 candidate" in result.sentence
    judgement = judge(candidate.tree, ground, ground.baseline.red, keep=lambda output: f"{len(output)} bytes")
    assert judgement.verdict is Verdict.VERIFIED, judgement
    (failed,) = desk.findings("attempt-failed")
    assert len(failed.summary.splitlines()) == len(desk.actions) - 2 >= 3
    assert f"{STOCK}:35" in failed.summary


def test_what_others_tried_is_not_tried_again(desk: Any) -> None:
    repairer = replace(Repairer(), trials=2)
    repairer.work(LOCATE, desk)
    first = repairer.work(_fix("comparison"), desk)
    assert first.sentence == "Tried 2 comparison edits: none makes the tests pass."
    before = list(desk.actions)
    second = repairer.work(_fix("comparison"), desk)
    assert second.sentence == "Tried 2 comparison edits (2 were known not to help): none makes the tests pass."
    assert not set(desk.actions[len(before) :]) & set(before)
    assert len(desk.findings("attempt-failed")) == 2


def test_a_stopped_search_gives_its_task_back_and_shares_what_it_learned(ground: Any, desk: Any) -> None:
    repairer = Repairer()
    repairer.work(LOCATE, desk)
    impatient = type(desk)(ground, desk.issue, patience=2)
    impatient.shared = list(desk.shared)
    result = repairer.work(_fix("off-by-one"), impatient)
    assert not result.finished
    assert len(impatient.actions) == 2
    assert "2 edits tried" in impatient.findings("attempt-failed")[0].gist


def test_without_a_located_fault_nothing_is_tried(desk: Any) -> None:
    result = Repairer().work(_fix("comparison"), desk)
    assert result.finished
    assert "Nobody has located" in result.sentence
    assert desk.actions == []


def test_without_a_failing_test_nothing_is_located(ground: Any, desk: Any) -> None:
    fine = type(desk)(replace(ground, baseline=replace(ground.baseline, failing={})), desk.issue)
    result = Repairer().work(LOCATE, fine)
    assert result.sentence == "0 failing tests on base lead to no line of the source."
    assert fine.shared == []


@pytest.mark.parametrize("payload", ["", "{}", "[]", "null", '{"operator": "magic"}', '{"operator": ["comparison"]}'])
def test_a_task_with_an_operator_that_nobody_knows_is_trouble(desk: Any, payload: str) -> None:
    with pytest.raises(UnknownOperator, match="comparison, off-by-one, swapped-arguments"):
        Repairer().work(_task(NewTask(kind="fix", goal="", payload=payload)), desk)
