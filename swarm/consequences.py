"""What a verdict sets off: others are called off, a critic is asked, parts are put together."""

import json
from collections.abc import Sequence

from prompts import render
from swarm.agents.combiner import COMBINE
from swarm.agents.review import CRITICISE, held_second, why_off
from swarm.blackboard.candidates import Candidate, Judgement, Verdict
from swarm.blackboard.history import told
from swarm.blackboard.store import Store
from swarm.blackboard.tasks import NewTask, Task, TaskState
from swarm.events import CandidateReopened
from swarm.evidence.footing import Footing
from swarm.evidence.partial import complements
from swarm.evidence.second import judged_with

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


def judge_sent_back(store: Store, run: str, footing: Footing) -> None:
    """Judge again what was sent back since something it was built on was refuted: its tests may pass all the same."""
    sent_back = {event.candidate for event in told(store, run) if isinstance(event, CandidateReopened)}
    for candidate in store.candidates(run):
        if candidate.judgement is None and candidate.number in sent_back:
            store.judge(run, candidate.number, judged(store, run, footing, candidate.tree))


def judged(store: Store, run: str, footing: Footing, tree: str) -> Judgement:
    """What the judge says of a bare tree, with all that the judge holds by now."""
    judgement = footing.judged(tree, store.put_raw)
    second = held_second(store, run) if judgement.verdict is Verdict.VERIFIED else None
    return judged_with(second, footing, tree, judgement, store.put_raw) if second else judgement


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
    author = next(task for task in tasks if task.number == candidate.task)
    payload = json.dumps({"candidate": candidate.number, "wrote": json.loads(author.payload or "{}").get("model", "")})
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
