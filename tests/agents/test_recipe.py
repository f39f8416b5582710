"""The first tasks of a run, on a real store."""

import json
from pathlib import Path

from swarm.agents.recipe import add_first_tasks
from swarm.blackboard.runs import NewRun
from swarm.blackboard.sqlite.store import SqliteStore

NEW = NewRun(title="t", issue="i", source="text", base="0" * 40, sandbox="none", workers=2)


def test_the_recipe_locates_first_and_then_searches_by_the_likeliest_kind_of_edit(tmp_path: Path) -> None:
    store = SqliteStore.open(tmp_path)
    run = store.start_run(NEW).name

    add_first_tasks(store, run, ["tests/test_a.py::test_one"])

    locate, *fixes = store.tasks(run)
    assert locate.kind == "locate"
    assert "tests/test_a.py::test_one" in locate.goal
    assert [json.loads(fix.payload)["operator"] for fix in fixes] == ["comparison", "off-by-one", "swapped-arguments"]
    assert all(fix.kind == "fix" and fix.needs == (locate.number,) for fix in fixes)
    assert [task.priority for task in (locate, *fixes)] == [4, 3, 2, 1]


def test_laying_out_the_recipe_again_adds_only_what_is_missing(tmp_path: Path) -> None:
    store = SqliteStore.open(tmp_path)
    run = store.start_run(NEW).name
    add_first_tasks(store, run, ["a"])
    before = store.tasks(run)

    add_first_tasks(store, run, ["a"])

    assert store.tasks(run) == before
