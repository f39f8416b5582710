"""The story of `swarm fix`, top to bottom."""

import json
import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict

from sandboxes.trouble import Trouble
from swarm.agents.agent import Agent
from swarm.agents.budget import UnderWay, kept_back
from swarm.agents.coder import Coder
from swarm.agents.combiner import Combiner
from swarm.agents.critic import Critic
from swarm.agents.exchange import Exchange, Wanted, opened_exchange
from swarm.agents.faults import ProviderTrouble
from swarm.agents.planner import Planner
from swarm.agents.recipe import add_first_tasks
from swarm.agents.repairer import Repairer
from swarm.agents.starts import add_model_tasks
from swarm.blackboard.candidates import Candidate
from swarm.blackboard.history import wants_patch
from swarm.blackboard.ledger import Caps
from swarm.blackboard.runs import NewRun, Run
from swarm.blackboard.store import Store
from swarm.blackboard.tasks import Lease
from swarm.choice import choose, compare_attempts
from swarm.consequences import judge_sent_back
from swarm.crew import at_work
from swarm.delivery import Branch, deliver
from swarm.desk import WorkerDesk
from swarm.errors import Interrupted, LimitReached, RunEnding, SwarmError, shown
from swarm.events import BranchCreated, Event, StageEntered
from swarm.evidence.footing import Footing
from swarm.evidence.ranking import verified
from swarm.holding import alone
from swarm.issue import Issue
from swarm.parts import Parts
from swarm.reproductions import survey
from swarm.settings.values import Settings
from swarm.steering import Switches, attending
from swarm.width import FEW, Growth
from swarm.worker import Worker

LOOK = 0.2
"""Seconds between two looks at how the workers get on."""


def begin(parts: Parts, issue: Issue, *told: Event, base: str = "") -> Run:
    """Write down that a run begins, and what else was said of it, so that from here on it can be watched and resumed.

    Base is the commit of the settings, or one that is in the mirror already.
    """
    new = NewRun(
        title=issue.title,
        issue=issue.body,
        source=issue.source,
        base=base or parts.repository.commit(parts.settings.base),
        sandbox=parts.backend.name,
        workers=parts.settings.agents or FEW,
        dirty=parts.repository.dirty(),
        settings=json.dumps(asdict(parts.settings)),
    )
    run = parts.store.start_run(new, *told)
    for scope, caps in _caps(parts.settings).items():
        if caps != Caps():
            parts.store.set_caps(run.name, scope, caps)
    return run


def _caps(settings: Settings) -> dict[str, Caps]:
    """What may be spent, by scope."""
    run = Caps(money=_millionths(settings.max_cost), tokens=settings.max_tokens)
    return {
        "run": run,
        "agent:coder": kept_back(run),
        "day": Caps(money=_millionths(settings.max_cost_per_day)),
    }


def _millionths(dollars: float | None) -> int | None:
    return None if dollars is None else int(dollars * 1_000_000)


def fix(parts: Parts, run: Run) -> Branch:
    """Take a run from wherever it stands to a branch that is proven to fix its issue, or say honestly that there is none."""
    switches = Switches(stop=parts.stop)
    with alone(parts.folder, run), attending(parts.store, run.name, switches), ending_told(parts.store, run, switches):
        candidate = sought(parts, run, switches)
        branch = deliver(parts.repository, parts.mirror, run, candidate)
        parts.store.record(run.name, BranchCreated(branch.name, branch.commit, run.base))
        parts.store.end_run(run.name, outcome="fixed", exit_code=0, sentence=candidate.summary, branch=branch.name)
    return branch


def propose(parts: Parts, run: Run) -> Candidate:
    """The same, but nothing is delivered: the fix stays a patch, which `swarm diff` shows."""
    switches = Switches(stop=parts.stop)
    with alone(parts.folder, run), attending(parts.store, run.name, switches), ending_told(parts.store, run, switches):
        candidate = sought(parts, run, switches)
        parts.store.end_run(run.name, outcome="fixed", exit_code=0, sentence=candidate.summary)
    return candidate


def go_on(parts: Parts, run: Run) -> None:
    """Take a run to whatever end was wanted of it when it began."""
    (propose if wants_patch(parts.store, run.name) else fix)(parts, run)


def sought(parts: Parts, run: Run, switches: Switches) -> Candidate:
    """Let everybody work until there is a fix that is proven, or nothing left to try."""
    issue = Issue(run.title, run.issue, run.source)
    parts.store.reclaim(run.name)
    with opened_exchange(Wanted.by(parts.settings), os.environ) as exchange:
        footing = survey(parts, run, issue)
        add_first_tasks(parts.store, run.name, footing.bench.red)
        if exchange.names:
            add_model_tasks(parts.store, run.name, exchange.names, run.workers)
        spending = UnderWay()
        work(parts, run, issue, footing, team(exchange, spending, run.workers), exchange, switches)
    judge_sent_back(parts.store, run.name, footing)
    compare_attempts(parts.store, run, footing)
    return choose(parts.store, run, footing, spending.refused)


def team(exchange: Exchange, spending: UnderWay, width: int) -> Sequence[Agent]:
    """Who takes part. Nobody is in charge: each does the tasks that are of its kind."""
    able: list[Agent] = [Repairer(), Combiner()]
    if exchange.names:
        able += [Planner(exchange, spending, width), Coder(exchange, spending), Critic(exchange, spending)]
    return able


def work(
    parts: Parts, run: Run, issue: Issue, footing: Footing, agents: Sequence[Agent], exchange: Exchange, switches: Switches
) -> None:
    """Let the workers do tasks until none is left that anybody wants."""
    parts.store.record(run.name, StageEntered("work", f"{run.workers} workers"))
    deadline = time.monotonic() + parts.settings.timeout
    growth = None if parts.settings.agents else Growth(parts.store, run.name, exchange.names)
    with at_work(run.workers, worker(parts, run, issue, footing, agents, switches), switches) as crew:
        while crew.goes_on(LOOK) or (growth and not crew.trouble):
            if growth and not switches.holds and growth.look(crew.width):
                crew.hire()
            if not parts.store.open_tasks(run.name) or not crew.width:
                break
            _check(exchange, parts.store, run)
            parts.store.sign_of_life(run.name)
            if time.monotonic() > deadline:
                if verified(parts.store.candidates(run.name)):
                    break
                raise LimitReached(limit=f"the run has worked for {parts.settings.timeout:.0f} s, its time-out.")
    if switches.wished:
        raise Interrupted(run=run.name)


def worker(
    parts: Parts, run: Run, issue: Issue, footing: Footing, agents: Sequence[Agent], switches: Switches
) -> Callable[[str], Worker]:
    """A way to make a worker of a name."""

    def desk(agent: Agent, lease: Lease, called_off: Callable[[], bool]) -> WorkerDesk:
        return WorkerDesk(
            store=parts.store,
            lease=lease,
            agent=agent.name,
            footing=footing,
            issue=f"{issue.title}\n\n{issue.body}".strip(),
            called_off=called_off,
            gist_budget=parts.settings.gist_budget,
            exhaustive=parts.settings.exhaustive,
            critics=parts.settings.critic and any(isinstance(one, Critic) for one in agents),
        )

    def make(name: str) -> Worker:
        return Worker(
            name=name,
            run=run.name,
            store=parts.store,
            agents=agents,
            desk=desk,
            switches=switches,
            lease_seconds=parts.settings.lease_seconds,
        )

    return make


def _check(exchange: Exchange, store: Store, run: Run) -> None:
    """Raise what is wrong with the models, unless a fix is verified without them: then only its critic has to do without."""
    try:
        exchange.check()
    except SwarmError:
        if not verified(store.candidates(run.name)):
            raise


@contextmanager
def ending_told(store: Store, run: Run, switches: Switches) -> Iterator[None]:
    """Write down how the run ended. An interrupted run has not ended: it can be resumed."""
    try:
        yield
    except KeyboardInterrupt:
        raise Interrupted(run=run.name) from None
    except (Interrupted, ProviderTrouble):
        raise
    except Trouble as trouble:
        if switches.wished:  # whatever was cut off by the stop says nothing of the run
            raise Interrupted(run=run.name) from trouble
        outcome = trouble.outcome if isinstance(trouble, RunEnding) else "failed"
        store.end_run(run.name, outcome=outcome, exit_code=trouble.exit_code, sentence=shown(trouble).splitlines()[0])
        raise
