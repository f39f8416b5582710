"""What a run would do and could cost at most, without doing any of it: no run is written down, no test run, no model asked."""

import math
import os
import tempfile
import threading
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from sandboxes.choice import choose
from sandboxes.repository import Repository
from swarm.agents.budget import worst_case
from swarm.agents.exchange import Wanted, opened_exchange
from swarm.agents.model import Model
from swarm.agents.prices import MILLION, Prices
from swarm.agents.recipe import add_first_tasks
from swarm.agents.starts import add_model_tasks
from swarm.blackboard.runs import NewRun
from swarm.blackboard.sqlite.store import SqliteStore
from swarm.blackboard.tasks import Task
from swarm.issue import Issue
from swarm.outlook import Outlook, outlook
from swarm.parts import MakeBackend
from swarm.settings.values import Settings

UNKNOWN = "Find out which lines can be the cause of what fails on base"
"""The goal of the first task, as long as nobody has run the tests that it will name."""


@dataclass(frozen=True, kw_only=True)
class ModelForeseen:
    """A model that would take part. Prices are in dollars for a million tokens; None: nobody knows them."""

    name: str
    served_by: str
    prompt: float | None
    completion: float | None
    worst_call: float | None
    """Dollars that a single call can cost at most."""


@dataclass(frozen=True, kw_only=True)
class Foreseen:
    """What a run would be."""

    issue: Issue
    dirty: bool
    outlook: Outlook
    sandbox: str
    settings: Settings
    models: tuple[ModelForeseen, ...]
    tasks: tuple[Task, ...]
    cost: float | None
    """Dollars that the run can cost at most. None: nothing limits them but its time."""

    def text(self) -> str:
        """For a person, a line each."""
        settings, seen = self.settings, self.outlook
        left = "; what is not committed is left alone" if self.dirty else ""
        loud = "  NO SANDBOX: commands would run as you" if self.sandbox == "none" else ""
        lines = [("issue", f"{self.issue.title} ({self.issue.source})"), ("base", f"{seen.commit[:12]}{left}")]
        lines += [("sandbox", f"{self.sandbox}{loud}"), ("env", seen.environment), ("tests", f"{seen.command}: {seen.why}")]
        lines += [("workers", str(settings.agents))]
        lines += [("model", _priced(model)) for model in self.models] or [("models", "none, and none is needed")]
        lines += [("task", _task(task)) for task in self.tasks]
        lines += [("", "and what agents add to these when they work")] if self.models else []
        lines += [("cost", self._cost()), ("time", f"at most {settings.timeout:.0f} s of work")]
        return "\n".join(f"{label:<9} {text}" for label, text in lines)

    def value(self) -> dict[str, Any]:
        """The same as an object."""
        settings = self.settings
        return {
            "dry_run": True,
            "issue": {"title": self.issue.title, "source": self.issue.source},
            "base": self.outlook.commit,
            "dirty": self.dirty,
            "sandbox": self.sandbox,
            "environment": self.outlook.environment,
            "tests": {"command": self.outlook.command, "why": self.outlook.why},
            "workers": settings.agents,
            "models": [asdict(model) for model in self.models],
            "tasks": [{"task": one.number, "kind": one.kind, "goal": one.goal, "needs": one.needs} for one in self.tasks],
            "at_most": {"dollars": self.cost, "tokens": settings.max_tokens if self.models else 0, "seconds": settings.timeout},
        }

    def _cost(self) -> str:
        if not self.models:
            return "nothing: no model is asked"
        tokens = f" and {self.settings.max_tokens:,} tokens" if self.settings.max_tokens is not None else ""
        if self.cost is not None:
            return f"at most ${self.cost:,.4f}{tokens}"
        if any(model.prompt is None for model in self.models):
            return f"at most what {tokens.removeprefix(' and ')} cost" if tokens else "nobody knows the price; no cap is set"
        return "NO CAP: only the time-out ends it. Set one with --max-cost"


def foresee(
    repository: Repository, settings: Settings, issue: Issue, tests: Sequence[str] = (), make_backend: MakeBackend = choose
) -> Foreseen:
    """Say what a run would do. The sandbox is tried and the models are looked up, so what would stop a run stops this."""
    sandbox = make_backend(settings.sandbox, threading.Event(), settings.image).name
    seen = outlook(repository, settings)
    models = _models(settings)
    return Foreseen(
        issue=issue,
        dirty=repository.dirty(),
        outlook=seen,
        sandbox=sandbox,
        settings=settings,
        models=tuple(_foreseen(model) for model in models),
        tasks=_first_tasks(settings, seen.commit, tests, [model.name for model in models]),
        cost=_cost(settings, models),
    )


def _models(settings: Settings) -> Sequence[Model]:
    """The models as a run would have them. Looking them up asks nobody: keys are read, prices come with the library."""
    wanted = Wanted.by(settings)
    if not wanted.names:
        return ()
    with opened_exchange(wanted, os.environ) as exchange:
        return exchange.models()


def _foreseen(model: Model) -> ModelForeseen:
    prices = model.prices
    return ModelForeseen(
        name=model.name,
        served_by=model.base or model.name.partition("/")[0],
        prompt=prices.prompt * MILLION if prices else None,
        completion=prices.completion * MILLION if prices else None,
        worst_call=worst_case(model, max(model.page - model.longest, 0)).money / MILLION if prices else None,
    )


def _cost(settings: Settings, models: Sequence[Model]) -> float | None:
    """The smallest of the caps; a cap on tokens is one on money where every price is known."""
    if not models:
        return 0.0
    caps = [cap for cap in (settings.max_cost, settings.max_cost_per_day) if cap is not None]
    dearest = [_dearest(model.prices) for model in models if model.prices]
    if settings.max_tokens is not None and len(dearest) == len(models):
        caps.append(math.ceil(settings.max_tokens * max(dearest) * MILLION) / MILLION)
    return min(caps, default=None)


def _dearest(prices: Prices) -> float:
    """What a token can cost at most."""
    own = max(prices.prompt, prices.completion, prices.cached, prices.written)
    return max(own, _dearest(prices.dear)) if prices.dear else own


def _first_tasks(settings: Settings, base: str, tests: Sequence[str], models: Sequence[str]) -> tuple[Task, ...]:
    """The tasks that a run begins with, put into a queue that nobody works on and that is gone at once."""
    with tempfile.TemporaryDirectory(prefix="swarm-dry-run-") as folder:
        store = SqliteStore.open(Path(folder))
        try:
            new = NewRun(title="", issue="", source="", base=base, sandbox="", workers=settings.agents)
            run = store.start_run(new).name
            add_first_tasks(store, run, tests)
            if models:
                add_model_tasks(store, run, models, settings.agents)
            tasks = tuple(store.tasks(run))
            return tasks if tests else tuple(replace(one, goal=UNKNOWN) if one.kind == "locate" else one for one in tasks)
        finally:
            store.close()


def _task(task: Task) -> str:
    after = f" (after {', '.join(f't{need}' for need in task.needs)})" if task.needs else ""
    return f"t{task.number} {task.kind}{after}: {task.goal}"


def _priced(model: ModelForeseen) -> str:
    if model.prompt is None or model.completion is None or model.worst_call is None:
        return f"{model.name} ({model.served_by}): nobody knows its price"
    prices = f"${model.prompt:,.2f} and ${model.completion:,.2f} for a million tokens read and written"
    return f"{model.name} ({model.served_by}): {prices}; a call costs ${model.worst_call:,.4f} at most"
