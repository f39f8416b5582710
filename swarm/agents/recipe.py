"""The first tasks of a run that has no model to plan it."""

import json
from collections.abc import Sequence

from prompts import render
from swarm.blackboard.store import Store
from swarm.blackboard.tasks import NewTask, Task
from swarm.repair.edits import OPERATORS


def add_first_tasks(store: Store, run: str, failing: Sequence[str]) -> None:
    """Put the first tasks into the queue: locate, then one search per kind of edit. Those that are there already stay.

    The likelier a kind of edit is to be right, the higher its priority: of two fixes of one size the likelier kind wins.
    """
    there = {(task.kind, task.payload): task for task in store.tasks(run)}

    def add(new: NewTask) -> Task:
        return there.get((new.kind, new.payload)) or store.add_task(run, new)

    locate = add(NewTask(kind="locate", goal=render("goal-locate", failing=list(failing)), priority=len(OPERATORS) + 1))
    for rank, operator in enumerate(OPERATORS):
        goal = render("goal-fix", operator=operator)
        add(
            NewTask(
                kind="fix",
                goal=goal,
                needs=(locate.number,),
                priority=len(OPERATORS) - rank,
                payload=json.dumps({"operator": operator}),
            )
        )
