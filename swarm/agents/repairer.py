"""The repairer: an agent without a model. It finds suspicious lines, tries small edits on them, and weighs those that help."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from swarm.agents.agent import Desk, Result
from swarm.agents.recipe import PAIRS
from swarm.agents.searching import Searching
from swarm.agents.weighing import Weighing
from swarm.blackboard.findings import Evidence
from swarm.blackboard.tasks import Task
from swarm.errors import SwarmError
from swarm.repair.knowledge import Knowledge, learned
from swarm.repair.locate import has_source
from swarm.repair.operators.catalogue import STRATEGIES

LISTED = 40
"""Suspicious places that the summary of a finding lists."""


class UnknownStrategy(SwarmError):
    """Task t{task} asks for a strategy that the repairer does not know: {payload}
    It knows {known}."""


@dataclass(frozen=True)
class Repairer:
    """Does `locate`, which shares suspicious lines, `fix`, which searches for an edit, and `weigh`, which hands in the best."""

    sizes: tuple[int, ...] = (4_000, 20_000)
    """How many edits, of all strategies together, have been tried when a round is over."""
    seconds: tuple[float, ...] = (40.0, 90.0, 60.0)
    """How long one search of a round takes at most; the last is for pairs."""
    enough: int = 3
    """How many candidates one weighing hands in at most."""
    name: str = "repairer"
    kinds: ClassVar[tuple[str, ...]] = ("locate", "fix", "weigh")

    def model(self, task: Task) -> str:  # noqa: ARG002 - the seam asks it of every agent
        """None: it searches."""
        return ""

    def work(self, task: Task, desk: Desk) -> Result:
        """Do the task."""
        if task.kind == "locate":
            return self._locate(desk)
        knowledge = known(desk)
        if knowledge is None:
            return Result("Nobody has located the fault, so there is no place to try an edit.")
        if task.kind == "weigh":
            return Weighing(desk, knowledge, task.number).hand_in(self.enough)
        strategy, number = _strategy(task)
        if knowledge.hopeless and number > 1:
            return Result(f"The less likely edits are not tried, since {knowledge.hopeless}.")
        searching = Searching(desk, knowledge, strategy, task.number)
        order = searching.paired() if strategy == PAIRS else self._of_round(knowledge, strategy, number)
        return searching.run(order, self.seconds[min(number, len(self.seconds)) - 1])

    def _of_round(self, knowledge: Knowledge, strategy: str, number: int) -> list[int]:
        """The places in the order that a strategy has in a round."""
        first = self.sizes[number - 2] if number > 1 else 0
        last = self.sizes[min(number, len(self.sizes)) - 1]
        places = range(first, min(last, len(knowledge.order)))
        return [place for place in places if knowledge.order[place].strategy == strategy]

    def _locate(self, desk: Desk) -> Result:
        ground = desk.ground
        desk.act(f"follows {count(ground.red, 'failing test')} into the source")
        if not ground.red:
            return Result("0 failing tests on base lead to no line of the source.")
        if not has_source(ground):
            return Result("The search for small edits reads Python alone, of which there is none here beside the tests.")
        with ground.rooms.open(ground.tree) as room:
            knowledge = learned(ground, desk.issue, room)
        if not knowledge.suspects:
            return Result(f"{count(ground.red, 'failing test')} on base lead to no line of the source.")
        worst = knowledge.suspects[0]
        gist = f"The failure of {count(ground.red, 'test')} comes most likely from {worst.path}:{worst.first} ({worst.why})"
        lines = [suspect.line() for suspect in knowledge.suspects[:LISTED]]
        more = [f"No small edit is likely to help: {knowledge.hopeless}."] if knowledge.hopeless else []
        slow = [f"Each edit is tried in a run of its own, since {knowledge.why_slow}."] if knowledge.survey is None else []
        summary = "\n".join(["Suspicious lines, worst first:", *lines, *slow, *more])
        evidence = evidence_of(desk, knowledge.written())
        desk.share(kind="located", gist=gist, summary=summary, evidence=evidence)
        ordered = f"{count(knowledge.order, 'edit')} are worth a trial"
        return Result(
            f"Ranked {count(knowledge.suspects, 'suspicious place')}; the worst is {worst.path}:{worst.first}. {ordered}."
        )


def known(desk: Desk) -> Knowledge | None:
    """What was found out when the fault was located; None: nobody has."""
    found = [finding.evidence.output for finding in desk.findings("located") if finding.evidence and finding.evidence.output]
    return Knowledge.read(desk.raw(found[-1])) if found else None


def evidence_of(desk: Desk, output: bytes) -> Evidence:
    """What the baseline showed, with what was found out beyond it."""
    baseline = desk.ground.baseline
    return Evidence(
        argv=baseline.argv,
        exit_code=baseline.exit_code,
        passed=len(baseline.passing),
        failed=len(baseline.failing),
        tree=desk.ground.tree,
        environment=f"{desk.ground.rooms.environment.identity} in {desk.ground.rooms.backend.name}",
        output=desk.keep(output),
    )


def _strategy(task: Task) -> tuple[str, int]:
    strategies = (*STRATEGIES, PAIRS)
    try:
        payload = json.loads(task.payload)
        strategy, number = payload["strategy"], int(payload["round"])
    except (ValueError, KeyError, TypeError) as error:
        raise UnknownStrategy(task=task.number, payload=task.payload, known=", ".join(strategies)) from error
    if strategy not in strategies or number < 1:
        raise UnknownStrategy(task=task.number, payload=task.payload, known=", ".join(strategies))
    return str(strategy), number


def count(things: Sequence[object], noun: str) -> str:
    """So many of something, in words."""
    return f"{len(things)} {noun}{'' if len(things) == 1 else 's'}"
