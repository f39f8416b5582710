"""What a verdict sets off: others are called off, a critic is asked, parts are put together."""

import json
from collections.abc import Sequence

from prompts import render
from swarm.agents.combiner import COMBINE
from swarm.agents.review import CRITICISE, why_off
from swarm.blackboard.candidates import Candidate, Verdict
from swarm.blackboard.store import Store
from swarm.blackboard.tasks import NewTask, Task, TaskState
from swarm.evidence.partial import complements

COMBINATIONS = 20
"""So many times in a run parts are put together at most."""
SOON = 1
"""Before any task that a model begins, since it costs nothing."""
AT_ONCE = 2
OPEN = (TaskState.READY, TaskState.CLAIMED)
OVER = (TaskState.CANCELLED, TaskState.DEAD)


def follow(store: Store, candidate: Candidate, own: Task, *, exhaustive: bool, critics: bool) -> None:
    """Do what the verdict on a candidate, which comes from this task, asks for. To do it again changes nothing."""
    if candidate.judgement is None:
        return
    if candidate.judgement.verdict is Verdict.VERIFIED:
        if critics:
            ask_critic(store, candidate)
        if not exhaustive:
            call_off(store, own, why_off(candidate))
    else:
        combine(store, candidate)


def call_off(store: Store, own: Task, reason: str) -> None:
    """Cancel what can no longer improve the outcome: what is less likely to be right than this task. A critic still looks."""
    for task in store.tasks(own.run):
        rival = task.number != own.number and task.kind != CRITICISE
        if rival and task.state in OPEN and (task.priority <= own.priority or task.kind == COMBINE):
            store.cancel(own.run, task.number, reason)


def ask_critic(store: Store, candidate: Candidate) -> None:
    """Let a critic look at a verified candidate, after whatever other critics look at."""
    tasks = store.tasks(candidate.run)
    needs = tuple(task.number for task in tasks if task.kind == CRITICISE and task.state not in OVER)
    goal = render("goal-criticise", number=candidate.number)
    payload = json.dumps({"candidate": candidate.number})
    _once(store, candidate.run, tasks, NewTask(kind=CRITICISE, goal=goal, needs=needs, priority=AT_ONCE, payload=payload))


def combine(store: Store, newest: Candidate) -> None:
    """Have parts of a fix put together."""
    for other in complements(newest, store.candidates(newest.run)):
        tasks = store.tasks(newest.run)
        if sum(task.kind == COMBINE for task in tasks) >= COMBINATIONS:
            return
        first, second = sorted((other.number, newest.number))
        goal = render("goal-combine", first=first, second=second)
        payload = json.dumps({"candidates": [first, second]})
        _once(store, newest.run, tasks, NewTask(kind=COMBINE, goal=goal, priority=SOON, payload=payload))


def _once(store: Store, run: str, tasks: Sequence[Task], new: NewTask) -> None:
    if not any(task.kind == new.kind and task.payload == new.payload for task in tasks):
        store.add_task(run, new)
