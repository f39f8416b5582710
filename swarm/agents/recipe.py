"""The first tasks of a run that has no model to plan it."""

import json
from collections.abc import Sequence

from prompts import render
from swarm.blackboard.store import Store
from swarm.blackboard.tasks import NewTask, Task
from swarm.repair.operators.catalogue import STRATEGIES

ROUNDS = 2
"""How often each strategy is at it: first with the likeliest edits of all, then with the rest."""
PAIRS = "pairs"
"""The strategy of the last round: two edits at once."""


def add_first_tasks(store: Store, run: str, failing: Sequence[str]) -> None:
    """Put the first tasks into the queue. Those that are there already stay.

    Locate; then rounds, each of which searches by several strategies and then weighs what they found. A round begins when the
    one before it is weighed and nothing of it was verified: what is verified calls off everything that is left.
    """
    there = {(task.kind, task.payload): task for task in store.tasks(run)}

    def add(new: NewTask) -> Task:
        return there.get((new.kind, new.payload)) or store.add_task(run, new)

    most = 2 * ROUNDS + 3
    before = add(NewTask(kind="locate", goal=render("goal-locate", failing=list(failing)), priority=most))
    rounds = [(number, STRATEGIES) for number in range(1, ROUNDS + 1)] + [(ROUNDS + 1, (PAIRS,))]
    for number, strategies in rounds:
        searches = []
        for strategy in strategies:
            goal = render("goal-fix", strategy=strategy, round=number)
            payload = json.dumps({"strategy": strategy, "round": number})
            priority = most - 2 * number + 1
            searches.append(add(NewTask(kind="fix", goal=goal, needs=(before.number,), priority=priority, payload=payload)))
        needs = tuple(task.number for task in searches)
        goal = render("goal-weigh", round=number)
        weigh = NewTask(kind="weigh", goal=goal, needs=needs, priority=most - 2 * number, payload=json.dumps({"round": number}))
        before = add(weigh)
