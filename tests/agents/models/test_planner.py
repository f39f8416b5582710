"""The planner: a plan with sense becomes tasks, one without is replaced, and either way it is a task like any other."""

import json
from typing import Any

import pytest
from model_server import Answer, Asked, Say, Use, plays
from office import Office

from swarm.agents.coder import Coder
from swarm.agents.planner import Planner
from swarm.agents.starts import STARTS, add_model_tasks
from swarm.blackboard.findings import FindingState
from swarm.blackboard.tasks import NewTask, Task
from swarm.desk import WorkerDesk


def seated(office: Office) -> tuple[Task, WorkerDesk]:
    if not any(task.kind == "plan" for task in office.store.tasks(office.run)):
        office.store.add_task(office.run, NewTask(kind="plan", goal="Divide"))
    return office.seat("w1", kinds=("plan",))


def plan(*tasks: Any) -> Say:
    return Say(uses=(Use("plan", {"tasks": list(tasks)}),))


def coding(office: Office) -> list[Task]:
    return [task for task in office.store.tasks(office.run) if task.kind == "code"]


def test_a_plan_becomes_tasks_with_their_needs_starts_and_models(office: Office) -> None:
    two = {"goal": "Make it right", "needs": [1], "start": "code"}
    office.provider.script = plays(plan({"goal": "Find out when it fails", "start": "tests"}, two))

    result = Planner(office.exchange, office.under_way, 2).work(*seated(office))

    first, second = coding(office)
    assert result.sentence == f"Planned t{first.number}, t{second.number}."
    assert (first.goal, second.goal) == ("Find out when it fails", "Make it right")
    assert second.needs == (1, first.number)
    assert json.loads(first.payload) == {"start": "tests", "model": "openai/gpt-4o", "number": 0}
    assert json.loads(second.payload)["model"] == "openai/gpt-4o-mini"
    assert len(office.provider.asked) == 1
    assert "From 50 on it should be free." in office.provider.asked[0].text


@pytest.mark.parametrize(
    "nonsense",
    [
        Say(text="First I would look at the code."),
        plan(),
        plan(*({"goal": f"Part {number}"} for number in range(9))),
        plan({"goal": "A", "needs": [1]}),
        plan({"goal": "A", "needs": [2]}, {"goal": "B", "needs": [1]}),
        plan({"goal": "A"}, {"goal": "a "}),
        plan({"goal": "A", "start": "the end"}),
        plan({"goal": " "}),
        plan("A"),
        Say(uses=(Use("plan", '{"tasks": [{"goal": "A"}'),)),
        Say(uses=(Use("run", {"command": "ls"}),)),
    ],
    ids=lambda say: (say.text or say.uses[0].text)[:40],
)
def test_nonsense_is_told_why_once_and_then_replaced_by_the_usual_tasks(office: Office, nonsense: Answer) -> None:
    office.provider.script = plays(nonsense)

    result = Planner(office.exchange, office.under_way, 3).work(*seated(office))

    assert result.finished
    assert result.sentence.startswith("There is no plan (")
    assert [json.loads(task.payload)["start"] for task in coding(office)] == list(STARTS[:3])
    assert len(office.provider.asked) == 2


def test_a_planner_that_is_killed_after_it_planned_plans_nothing_twice(office: Office) -> None:
    office.provider.script = plays(plan({"goal": "A"}, {"goal": "B"}))
    task, desk = seated(office)
    Planner(office.exchange, office.under_way, 2).work(task, desk)
    office.store.put_down(desk.lease)

    Planner(office.exchange, office.under_way, 2).work(*seated(office))

    assert [task.goal for task in coding(office)] == ["A", "B"]


def test_who_works_alone_needs_no_plan_and_a_resume_adds_nothing(office: Office) -> None:
    for _ in range(2):
        add_model_tasks(office.store, office.run, ["openai/gpt-4o"], 1)

    (task,) = office.store.tasks(office.run)
    assert task.kind == "code"


def test_what_one_agent_found_the_next_one_is_told_and_does_not_run_again(office: Office) -> None:
    red = "tests/test_prices.py::test_large_orders_are_free"

    def script(asked: Asked) -> Answer:
        known = "large orders pay 5" in asked.text
        if asked.turns == 0 and not known:
            return Say(uses=(Use("share", {"kind": "reproduced", "gist": "large orders pay 5", "failing": [red]}),))
        return Say(uses=(Use("give_up", {"reason": "known" if asked.turns == 0 else "shared"}),))

    office.provider.script = script
    office.task()
    first, first_desk = office.seat("w1")
    second_task = office.task()
    second, second_desk = office.seat("w2")
    assert second.number == second_task.number
    results = [Coder(office.exchange, office.under_way).work(first, first_desk)]
    results.append(Coder(office.exchange, office.under_way).work(second, second_desk))

    assert [result.sentence for result in results] == ["Gave up: shared", "Gave up: known"]
    assert len(office.store.findings(office.run)) == 1


def test_a_finding_that_is_refuted_is_taken_back_from_whoever_was_shown_it(office: Office) -> None:
    red = "tests/test_prices.py::test_large_orders_are_free"

    def script(asked: Asked) -> Answer:
        if asked.turns == 0:
            return Say(uses=(Use("share", {"kind": "observed", "gist": "it is free", "failing": [red]}),))
        if asked.turns == 1:
            office.store.settle_finding(office.run, 1, FindingState.REFUTED, "another run shows otherwise")
            return Say(uses=(Use("run", {"command": "true"}),))
        return Say(uses=(Use("give_up", {"reason": "it fell"}),))

    office.work(script)

    assert "It was shown to you before, and is wrong." in office.provider.asked[2].last
