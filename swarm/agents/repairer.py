"""The repairer: an agent without a model. It finds suspicious lines and tries small edits on them."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from typing import ClassVar

from swarm.agents.agent import Desk, Result
from swarm.blackboard.candidates import Verdict
from swarm.blackboard.findings import Evidence
from swarm.blackboard.tasks import Task
from swarm.code.suspects import Suspect, read_suspects
from swarm.errors import SwarmError
from swarm.evidence.ground import Ground
from swarm.repair.edits import OPERATORS
from swarm.repair.locate import locate, python_files
from swarm.repair.ranking import ranked_edits
from swarm.repair.trials import Trial, open_trials

TRIED = re.compile(r"^([0-9a-f]{16}) ", re.MULTILINE)


class UnknownOperator(SwarmError):
    """Task t{task} asks for an operator that the repairer does not know: {payload}
    It knows {known}."""


@dataclass(frozen=True)
class Repairer:
    """Does `locate`, which shares suspicious lines, and `fix`, which searches for an edit by one operator."""

    trials: int = 200
    """How many edits are tried for one task at most."""
    enough: int = 3
    """How many candidates one task hands in at most."""
    name: str = "repairer"
    kinds: ClassVar[tuple[str, ...]] = ("locate", "fix")

    def work(self, task: Task, desk: Desk) -> Result:
        """Do the task."""
        return self._locate(desk) if task.kind == "locate" else self._fix(task, desk)

    def _locate(self, desk: Desk) -> Result:
        red = desk.ground.red
        desk.act(f"follows {_count(red, 'failing test')} into the source")
        found = locate(desk.ground)
        if not found:
            return Result(f"{_count(red, 'failing test')} on base lead to no line of the source.")
        worst = found[0]
        gist = f"The failure of {_count(red, 'test')} comes most likely from {worst.path}:{worst.first} ({worst.why})"
        summary = "\n".join(["Suspicious lines, worst first:", *(suspect.line() for suspect in found)])
        desk.share(kind="located", gist=gist, summary=summary, evidence=_evidence(desk.ground))
        return Result(f"Ranked {_count(found, 'suspicious place')}; the worst is {worst.path}:{worst.first}.")

    def _fix(self, task: Task, desk: Desk) -> Result:
        operator = _operator(task)
        suspects = [suspect for finding in desk.findings("located") for suspect in read_suspects(finding.summary)]
        if not suspects:
            return Result("Nobody has located the fault, so there is no place to try an edit.")
        known = {digest for finding in desk.findings("attempt-failed") for digest in TRIED.findall(finding.summary)}
        search = _Search(desk, operator, known)
        stopped = search.run(suspects, self.trials, self.enough)
        search.share(task)
        return Result(search.sentence(), finished=not stopped)


class _Search:
    """One task's search: what was tried, and what came of it."""

    def __init__(self, desk: Desk, operator: str, known: set[str]) -> None:
        self._desk, self._operator, self._known = desk, operator, known
        self._failed: list[Trial] = []
        self._submitted = 0
        self._skipped = 0

    def run(self, suspects: Sequence[Suspect], trials: int, enough: int) -> bool:
        """Try edits until there is nothing left to try, enough was found, or the task is wanted no more (then True)."""
        sources, _ = python_files(self._desk.ground)
        fresh = (edit for edit in ranked_edits(sources, suspects, [self._operator]) if not self._is_known(edit.digest))
        with open_trials(self._desk.ground, sources) as room:
            for edit in islice(fresh, trials):
                if self._desk.stopped():
                    return True
                self._desk.act(f"tries {edit.path}:{edit.line}: {edit.description}")
                trial = room.of(edit)
                if not trial.plausible:
                    self._failed.append(trial)
                elif self._submit(trial) is Verdict.VERIFIED or self._submitted == enough:
                    break
        return False

    def _is_known(self, digest: str) -> bool:
        self._skipped += digest in self._known
        return digest in self._known

    def _submit(self, trial: Trial) -> Verdict | None:
        edit, ground = trial.edit, self._desk.ground
        tree = ground.rooms.mirror.put(ground.tree, {edit.path: edit.new_source})
        candidate = self._desk.submit(tree, f"{edit.operator} at {edit.path}:{edit.line}: {edit.description}")
        self._submitted += 1
        return candidate.judgement.verdict if candidate.judgement else None

    def share(self, task: Task) -> None:
        """Tell the others what does not help, so that nobody tries it again."""
        if not self._failed:
            return
        gist = f"{self._operator}: {_count(self._failed, 'edit')} tried for t{task.number}, none of them makes the tests pass"
        lines = [f"{one.edit.digest} {one.edit.path}:{one.edit.line} {one.edit.description}: {_why(one)}" for one in self._failed]
        self._desk.share(kind="attempt-failed", gist=gist, summary="\n".join(lines))

    def sentence(self) -> str:
        """What came of it."""
        tried = len(self._failed) + self._submitted
        known = f" ({self._skipped} were known not to help)" if self._skipped else ""
        found = f"handed in {_count(range(self._submitted), 'candidate')}" if self._submitted else "none makes the tests pass"
        return f"Tried {_count(range(tried), f'{self._operator} edit')}{known}: {found}."


def _operator(task: Task) -> str:
    known = ", ".join(OPERATORS)
    try:
        operator = str(json.loads(task.payload)["operator"])
    except (ValueError, KeyError, TypeError) as error:
        raise UnknownOperator(task=task.number, payload=task.payload, known=known) from error
    if operator not in OPERATORS:
        raise UnknownOperator(task=task.number, payload=task.payload, known=known)
    return operator


def _evidence(ground: Ground) -> Evidence:
    baseline = ground.baseline
    return Evidence(
        argv=baseline.argv,
        exit_code=baseline.exit_code,
        passed=len(baseline.passing),
        failed=len(baseline.failing),
        tree=ground.tree,
        environment=f"{ground.rooms.environment.identity} in {ground.rooms.backend.name}",
    )


def _why(trial: Trial) -> str:
    return " ".join(f"{trial.test} {trial.reason}".split())[:200]


def _count(things: Sequence[object], noun: str) -> str:
    return f"{len(things)} {noun}{'' if len(things) == 1 else 's'}"
