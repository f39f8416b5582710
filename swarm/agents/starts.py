"""Where agents with models begin: the tasks that need no plan. Agents that begin in different places find different things."""

import json
from collections.abc import Sequence

from prompts import render
from swarm.blackboard.store import Store
from swarm.blackboard.tasks import NewTask, Task, TaskState

STARTS = ("reproduction", "code", "specification", "tests")


def start_of(task: Task) -> str:
    """How the agent of a task is told to begin; a task that says nothing leaves it to the agent."""
    start = json.loads(task.payload or "{}").get("start", "")
    return render(f"start-{start}") if start in STARTS else ""


def tried_before(task: Task) -> list[str]:
    """The files that others had changed without success before this attempt began."""
    return [str(path) for path in json.loads(task.payload or "{}").get("tried", ())]


def payload(models: Sequence[str], number: int, start: str) -> str:
    """What the agent of the so-manieth task has to know: with which model it is done, and from where it begins."""
    return json.dumps({"start": start, "model": models[number % len(models)], "number": number})


def whole_tasks(models: Sequence[str], width: int, needs: Sequence[int] = ()) -> list[NewTask]:
    """The whole bug, once for each agent, each from another start."""
    starts = [STARTS[number % len(STARTS)] for number in range(width)]
    return [
        NewTask(kind="code", goal=render("goal-code", start=start), needs=tuple(needs), payload=payload(models, number, start))
        for number, start in enumerate(starts)
    ]


def add_model_tasks(store: Store, run: str, models: Sequence[str], width: int) -> None:
    """Let agents with models begin, once it is known where the failure comes from.

    They come after whatever needs no model, which costs nothing, and are called off when that has found a fix. Who works alone
    has nothing to divide; several first have a planner look at it, whose task is a task like any other.
    """
    tasks = store.tasks(run)
    if any(task.kind in {"code", "plan"} for task in tasks):
        return
    needs = tuple(task.number for task in tasks if task.kind == "locate" and task.state is not TaskState.CANCELLED)
    first = whole_tasks(models, 1, needs) if width == 1 else [NewTask(kind="plan", goal=render("goal-plan"), needs=needs)]
    for new in first:
        store.add_task(run, new)
