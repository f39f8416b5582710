"""Where an agent begins. Agents that begin in different places find different things."""

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


def add_model_tasks(store: Store, run: str, models: Sequence[str], width: int) -> None:
    """Let agents with models try, each from another start, once it is known where the failure comes from.

    They come after whatever needs no model, which costs nothing, and is called off when that has found a fix.
    """
    tasks = store.tasks(run)
    there = {task.payload for task in tasks if task.kind == "code"}
    needs = tuple(task.number for task in tasks if task.kind == "locate" and task.state is not TaskState.CANCELLED)
    for number in range(width):
        start = STARTS[number % len(STARTS)]
        payload = json.dumps({"start": start, "model": models[number % len(models)], "number": number})
        if payload not in there:
            goal = render("goal-code", start=start)
            store.add_task(run, NewTask(kind="code", goal=goal, needs=needs, payload=payload))
