"""How many agents work at once where that is left to swarm: few at first, more while evidence is missing and budget is left."""

import json
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from prompts import render
from swarm.agents.review import CRITICISE
from swarm.agents.trails import least_tried, trails
from swarm.blackboard.candidates import Verdict
from swarm.blackboard.history import told
from swarm.blackboard.ledger import Account
from swarm.blackboard.store import Store
from swarm.blackboard.tasks import NewTask, Task, TaskState
from swarm.events import BudgetSettled, CandidateJudged, Event, FindingVerified

FEW = 1
MOST = 8
"""Agents that talk with models at once, and attempts at the whole bug, at most."""
QUIET = 10
"""Replies of models without new evidence after which it is missing."""
PAID = ("code", "plan", CRITICISE)
"""The kinds of tasks that cost money."""


@dataclass(frozen=True, kw_only=True)
class Sight:
    """What can be seen of a run by whoever decides how many work on it."""

    width: int
    """How many work."""
    attempts: int = 0
    """How many attempts with a model there were."""
    models: bool = False
    free: int = 0
    """Tasks that could be begun and cost nothing."""
    quiet: int = 0
    """Replies since evidence came last."""
    spent: float = 0.0
    """The part of the budget that is spent or set aside."""
    verified: bool = False
    idle: bool = False
    """Whether nothing is left to do."""


def wants_hand(sight: Sight, processors: int) -> bool:
    """Whether one more should work since something waits that costs only time."""
    return not sight.verified and sight.free > 0 and sight.width < processors


def wants_attempt(sight: Sight) -> bool:
    """Whether one more attempt should be made: those before showed nothing for long, or came to their end for nothing."""
    missing = sight.quiet >= QUIET or sight.idle
    return sight.models and not sight.verified and missing and sight.attempts < MOST and _affordable(sight)


def _affordable(sight: Sight) -> bool:
    """Whether there is as much left as one attempt has used so far."""
    return sight.spent < 1 and 1 - sight.spent >= sight.spent / max(sight.attempts, 1)


def quiet_after(quiet: int, events: Iterable[Event]) -> int:
    """How many replies have come since evidence came last."""
    for event in events:
        if isinstance(event, FindingVerified | CandidateJudged):
            quiet = 0
        quiet += isinstance(event, BudgetSettled)
    return quiet


def spent_of(accounts: Sequence[Account]) -> float:
    """The largest part of any cap that is spent or set aside; 0 where nothing is capped."""
    parts = [0.0]
    for account in accounts:
        used = (account.settled.money + account.reserved.money, account.settled.tokens + account.reserved.tokens)
        parts += [amount / cap for amount, cap in zip(used, (account.caps.money, account.caps.tokens), strict=True) if cap]
    return max(parts)


@dataclass
class Growth:
    """Watches one run, and says when it needs one more worker; a new attempt takes the direction that was tried least."""

    store: Store
    run: str
    models: Sequence[str]
    _position: int = 0
    _quiet: int = 0

    def look(self, width: int) -> bool:
        """Whether one more worker is needed now. Where an attempt is missing, it is in the queue afterwards."""
        entries = self.store.entries(self.run, self._position)
        self._position = entries[-1].position if entries else self._position
        self._quiet = quiet_after(self._quiet, (entry.event for entry in entries))
        tasks = self.store.tasks(self.run)
        sight = self._sight(width, tasks)
        if wants_attempt(sight):
            self._attempt(tasks)
            self._quiet = 0
            return True
        return wants_hand(sight, os.cpu_count() or FEW)

    def _sight(self, width: int, tasks: Sequence[Task]) -> Sight:
        done = {task.number for task in tasks if task.state in {TaskState.DONE, TaskState.SPLIT}}
        ready = [task for task in tasks if task.state is TaskState.READY and done.issuperset(task.needs)]
        judged = (one.judgement for one in self.store.candidates(self.run))
        return Sight(
            width=width,
            attempts=sum(task.kind == "code" for task in tasks),
            models=bool(self.models),
            free=sum(task.kind not in PAID for task in ready),
            quiet=self._quiet,
            spent=spent_of(self.store.accounts(self.run)),
            verified=any(judgement and judgement.verdict is Verdict.VERIFIED for judgement in judged),
            idle=not self.store.open_tasks(self.run),
        )

    def _attempt(self, tasks: Sequence[Task]) -> None:
        """Put one more attempt into the queue, unless one is waiting there already."""
        if any(task.kind == "code" and task.state is TaskState.READY for task in tasks):
            return
        told_of = least_tried(trails(told(self.store, self.run), tasks), tasks, self.models)
        goal = render("goal-code", start=told_of["start"])
        self.store.add_task(self.run, NewTask(kind="code", goal=goal, payload=json.dumps(told_of)))
