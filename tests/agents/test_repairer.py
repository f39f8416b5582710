"""The repairer on the demo's bookshop."""

import json
from dataclasses import replace
from typing import Any

import pytest

from swarm.agents.agent import Agent, Result
from swarm.agents.repairer import Repairer, UnknownStrategy
from swarm.blackboard.candidates import Verdict
from swarm.blackboard.tasks import NewTask, Task, TaskState
from swarm.code.suspects import read_suspects
from swarm.evidence.verdict import judge
from swarm.repair import attempts
from swarm.repair.knowledge import Knowledge
from swarm.repair.search import FEW

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
WEIGH = _task(NewTask(kind="weigh", goal="", payload='{"round": 1}'))


def _fix(strategy: str, number: int = 1) -> Task:
    return _task(NewTask(kind="fix", goal="", payload=json.dumps({"strategy": strategy, "round": number})))


@pytest.fixture(scope="module")
def located(ground: Any, make_desk: Any) -> tuple[Any, Result]:
    """A desk at which the fault was located."""
    desk = make_desk(ground)
    return desk, Repairer().work(LOCATE, desk)


@pytest.fixture
def desk(located: Any, make_desk: Any) -> Any:
    """A fresh desk that knows where the fault lies."""
    return make_desk(located[0].ground, like=located[0])


def test_it_locates_the_fault_and_shares_where_with_evidence(located: Any) -> None:
    desk, result = located
    (finding,) = desk.findings("located")
    worst = read_suspects(finding.summary)[0]
    assert result.finished
    assert (worst.path, worst.first) == (STOCK, 39)
    assert "2 of 2 failing and" in worst.why
    assert "in the traceback of" in worst.why
    assert f"{STOCK}:39" in finding.gist
    assert f"{STOCK}:39" in result.sentence
    assert finding.evidence.argv == desk.ground.baseline.argv
    assert (finding.evidence.passed, finding.evidence.failed, finding.evidence.exit_code) == (31, 2, 1)
    assert finding.evidence.tree == desk.ground.tree
    knowledge = Knowledge.read(desk.raw(finding.evidence.output))
    assert knowledge.survey is not None
    assert {tour.test for tour in knowledge.survey.tours} >= set(desk.ground.red)
    assert [one.score for one in knowledge.order] == sorted((one.score for one in knowledge.order), reverse=True)


def test_it_finds_and_hands_in_the_edit_that_the_judge_verifies(desk: Any) -> None:
    agent: Agent = replace(Repairer(), sizes=(300, 600))
    for strategy in ("conditions", "values"):
        assert "every test passes" in agent.work(_fix(strategy), desk).sentence
    result = agent.work(WEIGH, desk)
    candidate = desk.candidates[0]
    ground = desk.ground
    fixed = ground.rooms.mirror.read(candidate.tree, STOCK).decode()
    assert "if left < copies:  # somebody else may have been faster" in fixed
    assert (candidate.added, candidate.removed) == (1, 1)
    assert f"comparison at {STOCK}:38" in candidate.summary
    assert "handed in" in result.sentence
    judgement = judge(candidate.tree, ground, ground.baseline.red, keep=lambda output: f"{len(output)} bytes")
    assert judgement.verdict is Verdict.VERIFIED, judgement
    (weighed,) = desk.findings("weighed")
    assert STOCK in weighed.gist


def test_no_edit_is_run_twice(desk: Any) -> None:
    repairer = replace(Repairer(), sizes=(60, 600))
    first = repairer.work(_fix("values"), desk)
    second = repairer.work(_fix("values"), desk)
    later = repairer.work(_fix("values", 2), desk)
    tried = [one.code for finding in desk.findings("attempt-failed") for one in attempts.read(desk.raw(finding.evidence.output))]
    assert "Tried" in first.sentence
    assert "come to the same as others" in second.sentence
    assert "Tried" in later.sentence
    assert tried
    assert len(set(tried)) == len(tried)


def test_once_an_edit_helps_little_is_tried_that_takes_long_until_it_was_weighed(desk: Any, make_desk: Any) -> None:
    repairer = replace(Repairer(), sizes=(1200, 1200))
    innocent = make_desk(desk.ground, like=desk)

    def tried(where: Any) -> int:
        before = len(where.findings("attempt-failed"))
        repairer.work(_fix("statements"), where)
        new = where.findings("attempt-failed")[before:]
        return sum(1 for finding in new for _ in attempts.read(where.raw(finding.evidence.output)))

    repairer.work(_fix("conditions"), desk)
    assert desk.findings("plausible")
    assert tried(desk) < tried(innocent)
    repairer.work(WEIGH, desk)
    assert tried(desk) > FEW


def test_a_stopped_search_gives_its_task_back_and_shares_what_it_learned(desk: Any, make_desk: Any) -> None:
    impatient = make_desk(desk.ground, like=desk, patience=1)
    result = replace(Repairer(), sizes=(40, 40)).work(_fix("values"), impatient)
    assert not result.finished
    assert "tried for t7 fail a test" in impatient.findings("attempt-failed")[0].gist


def test_without_a_located_fault_nothing_is_tried(ground: Any, make_desk: Any) -> None:
    desk = make_desk(ground)
    result = Repairer().work(_fix("conditions"), desk)
    assert result.finished
    assert "Nobody has located" in result.sentence
    assert desk.actions == []


def test_without_a_failing_test_nothing_is_located(ground: Any, make_desk: Any) -> None:
    fine = make_desk(replace(ground, baseline=replace(ground.baseline, failing={})))
    result = Repairer().work(LOCATE, fine)
    assert result.sentence == "0 failing tests on base lead to no line of the source."
    assert fine.shared == []


def test_with_nothing_plausible_there_is_nothing_to_weigh(desk: Any) -> None:
    assert Repairer().work(WEIGH, desk).sentence == "No edit makes the tests pass, so there is nothing to weigh."
    assert desk.candidates == []


@pytest.mark.parametrize(
    "payload",
    ["", "{}", "[]", "null", '{"strategy": "magic", "round": 1}', '{"strategy": ["names"], "round": 1}', '{"strategy": "names"}'],
)
def test_a_task_with_a_strategy_that_nobody_knows_is_trouble(desk: Any, payload: str) -> None:
    with pytest.raises(UnknownStrategy, match="conditions, values, names, statements, pairs"):
        Repairer().work(_task(NewTask(kind="fix", goal="", payload=payload)), desk)
