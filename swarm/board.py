"""All that a spectator knows of a run, folded from its events."""

from collections.abc import Iterable, Mapping
from dataclasses import field
from types import MappingProxyType
from typing import Any, Protocol, Self, TypeVar

from swarm import events as e
from swarm.values import Value

UNSEEN = frozenset({e.CommandRan, e.BriefingWritten, e.Conversed})
"""What leaves no trace on the board. There is much of it."""


class Moves(Protocol):
    """A value to which events happen."""

    def after(self, event: e.Event) -> Self:
        """The value once this has happened to it; the same object if nothing did."""
        ...


K = TypeVar("K")
V = TypeVar("V")
M = TypeVar("M", bound=Moves)


def _empty() -> Mapping[Any, Any]:
    return MappingProxyType({})


S = TypeVar("S")


def _changed(value: S, **news: Any) -> S:
    """The value with other fields. A run has many events, and `dataclasses.replace` would go through every field for each."""
    new = object.__new__(type(value))
    new.__dict__.update(value.__dict__ | news)
    return new


def _with(seen: Mapping[K, V], key: K, value: V) -> Mapping[K, V]:
    """The mapping with this value in it; the same object if it is there already."""
    return seen if seen.get(key) == value else MappingProxyType({**seen, key: value})


def _without(seen: Mapping[K, V], key: K) -> Mapping[K, V]:
    return MappingProxyType({k: v for k, v in seen.items() if k != key}) if key in seen else seen


def _moved(seen: Mapping[K, M], key: K | None, event: e.Event) -> Mapping[K, M]:
    """The mapping once this has happened to one of its members; what nobody has announced is passed over."""
    return seen if key is None or key not in seen else _with(seen, key, seen[key].after(event))


def _all_moved(seen: Mapping[K, M], event: e.Event) -> Mapping[K, M]:
    """The mapping once this has happened to all of its members."""
    moved = {key: value.after(event) for key, value in seen.items()}
    return MappingProxyType(moved) if any(moved[key] != value for key, value in seen.items()) else seen


def _differs(new: object, old: object) -> bool:
    """Whether a spectator could tell; unchanged mappings keep their identity, so a large one is never compared."""
    return new is not old and (isinstance(new, MappingProxyType) or new != old)


class TaskSeen(Value):
    """A task as a spectator sees it."""

    task: int
    kind: str
    goal: str
    needs: tuple[int, ...] = ()
    parent: int | None = None
    state: str = "ready"
    """`ready`, `claimed`, `done`, `split`, `dead` or `cancelled`."""
    worker: str = ""
    result: str = ""
    setbacks: tuple[str, ...] = ()

    def after(self, event: e.Event) -> "TaskSeen":
        """The task once this has happened to it."""
        match event:
            case e.NeedAdded(need=need):
                return _changed(self, needs=tuple(sorted({*self.needs, need})))
            case e.TaskClaimed(worker=worker):
                return _changed(self, state="claimed", worker=worker)
            case e.TaskFinished(result=result):
                return _changed(self, state="done", result=result)
            case e.TaskGivenBack(worker=worker, reason=reason):
                return _changed(self, state="ready", worker="", setbacks=(*self.setbacks, f"{worker}: {reason}"))
            case e.TaskExpired(worker=worker):
                return _changed(self, state="ready", worker="", setbacks=(*self.setbacks, f"{worker}: lease expired"))
            case e.TaskPutDown():
                return _changed(self, state="ready", worker="")
            case e.TaskDied():
                return _changed(self, state="dead", worker="")
            case e.TaskSplit():
                return _changed(self, state="split")
            case e.TaskCancelled(reason=reason):
                return _changed(self, state="cancelled", result=reason)
            case e.TaskRetried():
                return _changed(self, state="ready", worker="", setbacks=())
        return self


class FindingSeen(Value):
    """A finding as a spectator sees it: its gist, and what became of it."""

    finding: int
    kind: str
    gist: str
    witnesses: tuple[str, ...]
    task: int | None = None
    state: str = "proposed"
    """`proposed`, `verified`, `rejected`, `refuted` or `superseded`."""
    reason: str = ""

    def after(self, event: e.Event) -> "FindingSeen":
        """The finding once this has happened to it."""
        match event:
            case e.FindingWitnessed(author=author):
                return self if author in self.witnesses else _changed(self, witnesses=(*self.witnesses, author))
            case e.FindingVerified(reason=reason):
                return _changed(self, state="verified", reason=reason)
            case e.FindingRejected(reason=reason):
                return _changed(self, state="rejected", reason=reason)
            case e.FindingRefuted(reason=reason):
                return _changed(self, state="refuted", reason=reason)
            case e.FindingSuperseded(by=by):
                return _changed(self, state="superseded", reason=f"f{by} stands in its place")
            case e.FindingReopened(because=because):
                return _changed(self, state="proposed", reason=f"f{because}, on which it was built, was refuted")
        return self


class CandidateSeen(Value):
    """A candidate as a spectator sees it."""

    candidate: int
    task: int
    author: str
    tree: str
    summary: str
    added: int
    removed: int
    verdict: str = ""
    """Empty until it is judged."""
    reason: str = ""
    passed: int = 0
    failed: int = 0
    chosen: bool = False

    def after(self, event: e.Event) -> "CandidateSeen":
        """The candidate once this has happened to it."""
        match event:
            case e.CandidateJudged(verdict=verdict, reason=reason, passed=passed, failed=failed):
                return _changed(self, verdict=verdict, reason=reason, passed=passed, failed=failed)
            case e.CandidateReopened(because=because):
                reason = f"f{because}, on which it was built, was refuted"
                return _changed(self, verdict="", reason=reason, passed=0, failed=0, chosen=False)
            case e.CandidateChosen(candidate=chosen):
                return _changed(self, chosen=chosen == self.candidate)
        return self


class WorkerSeen(Value):
    """A worker as a spectator sees it."""

    worker: str
    kinds: tuple[str, ...]
    state: str = "idle"
    """`idle`, `working` or `stopped`."""
    task: int | None = None
    agent: str = ""
    """What kind of agent does the task: `coder`, `repairer`, `planner`, …"""
    model: str = ""
    """The language model it uses; empty if it uses none."""
    action: str = ""
    money: int = 0
    tokens: int = 0

    def after(self, event: e.Event) -> "WorkerSeen":
        """The worker once this has happened to it."""
        match event:
            case e.TaskClaimed(task=task):
                return _changed(self, state="working", task=task, agent="", model="", action="")
            case e.AgentBegan(agent=agent, model=model):
                return _changed(self, agent=agent, model=model)
            case e.WorkerActed(action=action) if self.state == "working":
                return _changed(self, action=action)
            case (
                e.TaskFinished(task=task) | e.TaskGivenBack(task=task) | e.TaskPutDown(task=task)
                | e.TaskExpired(task=task) | e.TaskSplit(task=task) | e.TaskCancelled(task=task)
            ) if task == self.task:  # fmt: skip
                return _changed(self, state="idle", task=None, action="")
            case e.WorkerStopped():
                return _changed(self, state="stopped", task=None, action="")
        return self


class BudgetSeen(Value):
    """Money and tokens, in all of the run."""

    money_cap: int | None = None
    tokens_cap: int | None = None
    money: int = 0
    tokens: int = 0
    reserved: Mapping[int, tuple[int, int]] = field(default_factory=_empty)
    """What is set aside and not yet settled: money and tokens by reservation."""

    def after(self, event: e.Event) -> "BudgetSeen":
        """The budget once this has happened."""
        match event:
            case e.CapSet(scope=scope, money=money, tokens=tokens) if scope == "run":
                return _changed(self, money_cap=money, tokens_cap=tokens)
            case e.BudgetReserved(reservation=number, money=money, tokens=tokens):
                return _changed(self, reserved=_with(self.reserved, number, (money, tokens)))
            case e.BudgetSettled(reservation=number, money=money, tokens=tokens):
                rest = _without(self.reserved, number)
                return _changed(self, money=self.money + money, tokens=self.tokens + tokens, reserved=rest)
            case e.BudgetReleased(reservation=number):
                return _changed(self, reserved=_without(self.reserved, number))
        return self


class RequestSeen(Value):
    """A wish of the person, and its answer when there is one."""

    request: int
    kind: str
    target: str = ""
    text: str = ""
    answer: str = ""


class Board(Value):
    """One run, as far as its events have told."""

    title: str = ""
    source: str = ""
    base: str = ""
    sandbox: str = ""
    dirty: bool = False
    state: str = "waiting"
    """`waiting`, `running`, `paused` or `ended`."""
    stage: str = ""
    outcome: str = ""
    sentence: str = ""
    exit_code: int | None = None
    branch: str = ""
    merged: str = ""
    """The branch of the person into which the fix was merged, and where it still is as far as swarm knows."""
    baseline: e.BaselineMeasured | None = None
    reproductions: e.ReproductionsChosen | None = None
    tasks: Mapping[int, TaskSeen] = field(default_factory=_empty)
    findings: Mapping[int, FindingSeen] = field(default_factory=_empty)
    candidates: Mapping[int, CandidateSeen] = field(default_factory=_empty)
    workers: Mapping[str, WorkerSeen] = field(default_factory=_empty)
    requests: Mapping[int, RequestSeen] = field(default_factory=_empty)
    budget: BudgetSeen = field(default_factory=BudgetSeen)

    def after(self, event: e.Event) -> "Board":
        """The board once this has happened; the same object if a spectator would see no difference."""
        if type(event) in UNSEEN:
            return self
        fields = {**self._story_after(event), **self._things_after(event), "workers": self._workers_after(event)}
        if (budget := self.budget.after(event)) is not self.budget:
            fields["budget"] = budget
        news = {name: value for name, value in fields.items() if _differs(value, getattr(self, name))}
        return _changed(self, **news) if news else self

    def after_all(self, events: Iterable[e.Event]) -> "Board":
        """The board once all of this has happened.

        Of the steps of a worker only the last one is looked at: every other one was followed by it, or by the end of its task.
        """
        happened = list(events)
        last = {event.worker: event for event in happened if isinstance(event, e.WorkerActed)}
        board = self
        for event in happened:
            if not isinstance(event, e.WorkerActed) or last[event.worker] is event:
                board = board.after(event)
        return board

    def _story_after(self, event: e.Event) -> dict[str, Any]:
        match event:
            case e.RunStarted(title=title, source=source, base=base, sandbox=sandbox, dirty=dirty):
                return {"title": title, "source": source, "base": base, "sandbox": sandbox, "dirty": dirty, "state": "running"}
            case e.RunPaused():
                return {"state": "paused"}
            case e.RunResumed():
                return {"state": "running"}
            case e.RunEnded(outcome=outcome, exit_code=code, sentence=sentence, branch=branch):
                ended = {"state": "ended", "outcome": outcome, "exit_code": code, "sentence": sentence}
                return {**ended, "branch": branch or self.branch}
            case e.StageEntered(stage=stage):
                return {"stage": stage}
            case e.BaselineMeasured():
                return {"baseline": event}
            case e.ReproductionsChosen():
                return {"reproductions": event}
            case e.BranchCreated(branch=branch):
                return {"branch": branch}
            case e.BranchMerged(branch=branch):
                return {"merged": branch}
            case e.MergeUndone():
                return {"merged": ""}
            case e.BranchDeleted(branch=branch) if branch == self.branch:
                return {"branch": ""}
        return {}

    def _things_after(self, event: e.Event) -> dict[str, Any]:
        match event:
            case e.TaskAdded(task, kind, goal, needs, parent):
                return {"tasks": _with(self.tasks, task, TaskSeen(task, kind, goal, needs, parent))}
            case e.FindingProposed(finding, kind, gist, author, task):
                return {"findings": _with(self.findings, finding, FindingSeen(finding, kind, gist, (author,), task))}
            case e.CandidateSubmitted(number, task, author, tree, summary, added, removed):
                submitted = CandidateSeen(number, task, author, tree, summary, added, removed)
                return {"candidates": _with(self.candidates, number, submitted)}
            case e.RequestMade(number, kind, target, text):
                return {"requests": _with(self.requests, number, RequestSeen(number, kind, target, text))}
            case e.CandidateChosen(number) if number in self.candidates:
                return {"candidates": _all_moved(self.candidates, event)}
            case e.RequestAnswered(number, answer) if number in self.requests:
                answered = _changed(self.requests[number], answer=answer)
                return {"requests": _with(self.requests, number, answered)}
        return {
            "tasks": _moved(self.tasks, getattr(event, "task", None), event),
            "findings": _moved(self.findings, getattr(event, "finding", None), event),
            "candidates": _moved(self.candidates, getattr(event, "candidate", None), event),
        }

    def _workers_after(self, event: e.Event) -> Mapping[str, WorkerSeen]:
        match event:
            case e.WorkerStarted(worker, kinds):
                return _with(self.workers, worker, WorkerSeen(worker, kinds))
            case e.BudgetSettled(money=money, tokens=tokens, worker=worker) if worker in self.workers:
                seen = self.workers[worker]
                return _with(self.workers, worker, _changed(seen, money=seen.money + money, tokens=seen.tokens + tokens))
            case e.TaskCancelled():
                return _all_moved(self.workers, event)
        return _moved(self.workers, getattr(event, "worker", None), event)
