"""One search: a strategy's edits are tried, and everybody learns what became of them."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field

from swarm.agents.agent import Desk, Result
from swarm.blackboard.findings import Evidence
from swarm.evidence.runners.python import beneath, seen_from
from swarm.repair import attempts
from swarm.repair.knowledge import Knowledge
from swarm.repair.locate import python_files
from swarm.repair.pairs import pairs
from swarm.repair.ranking import Ranked
from swarm.repair.search import Search
from swarm.repair.trial import Fate, Trial

LISTED = 12
"""Attempts that the summary of a finding lists; all of them are in its evidence."""
PLAUSIBLE, FAILED, WEIGHED = "plausible", "attempt-failed", "weighed"


@dataclass
class Searching:
    """A search in progress."""

    desk: Desk
    knowledge: Knowledge
    strategy: str
    task: int
    _failed: list[tuple[Ranked, Trial]] = field(default_factory=list)
    _plausible: list[tuple[Ranked, Trial]] = field(default_factory=list)
    _skipped: int = 0

    def paired(self) -> list[Ranked]:
        """Two edits at once: those that came furthest, each with the likeliest ones.

        What makes the tests pass by itself was weighed: with another edit it would only be the same with something needless.
        """
        tried = [one for finding in self._earlier() for one in attempts.read(self.desk.raw(finding))]
        sources, _ = python_files(self.desk.ground)
        alone = {one.name for digest in self._outputs(PLAUSIBLE) for one in map(Ranked.read, json.loads(self.desk.raw(digest)))}
        partners = [one for one in self.knowledge.order if one.name not in alone]
        return pairs(attempts.promising(tried, self.desk.ground.red), partners, sources)

    def run(self, wanted: Sequence[int] | Sequence[Ranked], seconds: float) -> Result:
        """Try these edits until the time is over, and share what was learned."""
        order = [self.knowledge.order[one] if isinstance(one, int) else one for one in wanted]
        self.desk.act(f"tries {len(order)} edits ({self.strategy})")
        stopped = self._try(order, seconds)
        self._share_failed()
        self._share_plausible()
        return Result(self._sentence(len(order)), finished=not stopped)

    def _try(self, order: Sequence[Ranked], seconds: float) -> bool:
        sources, _ = python_files(self.desk.ground)
        known = {one.code for finding in self._earlier() for one in attempts.read(self.desk.raw(finding)) if one.code}
        fresh = [one for one in order if one.name not in known]
        self._skipped += len(order) - len(fresh)
        if not fresh:
            return False
        with self.desk.ground.rooms.open(self.desk.ground.tree) as room:
            search = Search(self.desk.ground, room, sources, self.knowledge, self._helped)
            for batch in search.tries(fresh, known, seconds):
                for one, trial in batch:
                    if trial.fate is Fate.KNOWN or trial.twin is not None:
                        self._skipped += 1
                    elif trial.plausible:
                        self._plausible.append((one, trial))
                    else:
                        self._failed.append((one, trial))
                if self.desk.stopped():
                    return True
        return False

    def _helped(self) -> bool:
        """Whether somebody has found an edit that helps; one that was weighed did not help enough, so another round began."""
        return bool(self._plausible) or bool(self._outputs(PLAUSIBLE) and not self.desk.findings(WEIGHED))

    def _earlier(self) -> list[str]:
        return self._outputs(FAILED)

    def _outputs(self, kind: str) -> list[str]:
        found = self.desk.findings(kind)
        return [finding.evidence.output for finding in found if finding.evidence and finding.evidence.output]

    def _share_failed(self) -> None:
        """Tell the others what does not help, so that nobody tries it again."""
        if self._failed:
            number = len(self._failed)
            gist = f"{self.strategy}: {number} edit{'s' * (number != 1)} tried for t{self.task} fail a test"
            lines = [_line(one, trial) for one, trial in self._failed[:LISTED]]
            more = [f"… and {number - LISTED} more, in the evidence"] if number > LISTED else []
            self.desk.share(
                kind=FAILED,
                gist=gist,
                summary="\n".join([*lines, *more]),
                evidence=self._evidence(attempts.written(self._failed)),
            )

    def _share_plausible(self) -> None:
        """Tell the others what helps; which of it is right, whoever weighs it decides."""
        if self._plausible:
            number, (best, _) = len(self._plausible), self._plausible[0]
            verb = "edit makes" if number == 1 else "edits make"
            where = f"the likeliest at {best.path}:{best.line}"
            gist = f"{self.strategy}: {number} {verb} every test pass that t{self.task} ran, {where}"
            summary = "\n".join(_line(one, trial) for one, trial in self._plausible[:LISTED])
            told = json.dumps([one.told() for one, _ in self._plausible]).encode("ascii")
            self.desk.share(kind=PLAUSIBLE, gist=gist, summary=summary, evidence=self._evidence(told))

    def _evidence(self, output: bytes) -> Evidence:
        ground = self.desk.ground
        folder = ground.rooms.environment.folder
        return Evidence(
            argv=beneath(
                folder, (ground.rooms.environment.python, "-m", "pytest", *(seen_from(folder, test) for test in ground.red))
            ),
            exit_code=0 if self._plausible else 1,
            passed=len(self._plausible),
            failed=len(self._failed),
            tree=ground.tree,
            environment=f"{ground.rooms.environment.identity} in {ground.rooms.backend.name}",
            output=self.desk.keep(output),
        )

    def _sentence(self, wanted: int) -> str:
        tried = len(self._failed) + len(self._plausible)
        left = wanted - tried - self._skipped
        found = f"with {len(self._plausible)} of them every test passes" if self._plausible else "none makes the tests pass"
        spared = f", {self._skipped} come to the same as others" if self._skipped else ""
        rest = f"; {left} were left, for want of time or since they change nothing" if left > 0 else ""
        slowly = any(trial.how == "run" for _, trial in (*self._failed, *self._plausible))
        how = ", each in a run of its own, since the engine for fast trials cannot run these tests" if slowly else ""
        return f"Tried {tried} edits ({self.strategy}){how}{spared}: {found}{rest}."


def _line(one: Ranked, trial: Trial) -> str:
    why = " ".join(f"{trial.test} {trial.why}".split())[:120]
    return f"{one.path}:{one.line} {one.operator}: {trial.edit.description}" + (f": {why}" if why else "")
