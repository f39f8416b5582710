"""Weighs the edits with which all tests pass, and hands the best to the judge."""

import json
from dataclasses import dataclass

from swarm.agents.agent import Desk, Result
from swarm.agents.searching import PLAUSIBLE
from swarm.blackboard.candidates import Verdict
from swarm.repair.knowledge import Knowledge
from swarm.repair.locate import python_files
from swarm.repair.ranking import Ranked
from swarm.repair.source import Source

WEIGHED = "weighed"


@dataclass(frozen=True)
class Weighing:
    """What is on the scales."""

    desk: Desk
    knowledge: Knowledge

    def hand_in(self, enough: int) -> Result:
        """Hand in the best, one after another, until one is verified or enough were handed in."""
        found = self._plausible()
        if not found:
            return Result("No edit makes the tests pass, so there is nothing to weigh.")
        done: list[str] = []
        for one in found[:enough]:
            if self.desk.stopped():
                return Result(self._sentence(found, done), finished=False)
            done.append(self._handed_in(one))
            if done[-1] == Verdict.VERIFIED.value:
                break
        return Result(self._sentence(found, done))

    def _plausible(self) -> list[Ranked]:
        raw = [
            finding.evidence.output for finding in self.desk.findings(PLAUSIBLE) if finding.evidence and finding.evidence.output
        ]
        found = {one.stretch: one for digest in raw for one in map(Ranked.read, json.loads(self.desk.raw(digest)))}
        return sorted(found.values(), key=lambda one: -one.score)

    def _handed_in(self, one: Ranked) -> str:
        ground = self.desk.ground
        sources, _ = python_files(ground)
        edit = one.of(Source.read(one.path, sources[one.path]))
        tree = ground.rooms.mirror.put(ground.tree, {edit.path: edit.new_source})
        candidate = self.desk.submit(tree, f"{edit.operator} at {edit.path}:{edit.line}: {edit.description}")
        return candidate.judgement.verdict.value if candidate.judgement else "not judged"

    def _sentence(self, found: list[Ranked], done: list[str]) -> str:
        noun = "edit makes" if len(found) == 1 else "edits make"
        handed = f"handed in {len(done)} candidate{'s' * (len(done) != 1)}"
        return (
            f"{len(found)} {noun} the tests pass: {handed} ({', '.join(done)})."
            if done
            else f"{len(found)} {noun} the tests pass."
        )
