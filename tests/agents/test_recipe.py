"""The first tasks of a run, on a real store."""

import json
from pathlib import Path

from swarm.agents.recipe import PAIRS, add_first_tasks
from swarm.blackboard.runs import NewRun
from swarm.blackboard.sqlite.store import SqliteStore
from swarm.repair.operators.catalogue import STRATEGIES

NEW = NewRun(title="t", issue="i", source="text", base="0" * 40, sandbox="none", workers=2)


def test_the_recipe_locates_first_then_searches_by_every_strategy_and_weighs_what_was_found(tmp_path: Path) -> None:
    store = SqliteStore.open(tmp_path)
    run = store.start_run(NEW).name

    add_first_tasks(store, run, ["tests/test_a.py::test_one"])

    tasks = store.tasks(run)
    assert "tests/test_a.py::test_one" in tasks[0].goal
    rounds = [["conditions", "values", "names", "statements"]] * 2 + [[PAIRS]]
    expected = ["locate", *(kind for strategies in rounds for kind in [*["fix"] * len(strategies), "weigh"])]
    assert [task.kind for task in tasks] == expected
    assert [json.loads(task.payload)["strategy"] for task in tasks if task.kind == "fix"] == [*STRATEGIES, *STRATEGIES, PAIRS]
    weighings = [task for task in tasks if task.kind == "weigh"]
    assert all(task.needs == (tasks[0].number,) for task in tasks[1:5])
    assert weighings[0].needs == tuple(task.number for task in tasks[1:5])
    assert all(task.needs == (weighings[0].number,) for task in tasks[6:10])
    assert [task.priority for task in tasks] == sorted((task.priority for task in tasks), reverse=True)


def test_laying_out_the_recipe_again_adds_only_what_is_missing(tmp_path: Path) -> None:
    store = SqliteStore.open(tmp_path)
    run = store.start_run(NEW).name
    add_first_tasks(store, run, ["a"])
    before = store.tasks(run)

    add_first_tasks(store, run, ["a"])

    assert store.tasks(run) == before
