"""Weighs the edits with which all tests pass, and hands the best to the judge."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from swarm.agents.agent import Desk, Result
from swarm.agents.searching import PLAUSIBLE, WEIGHED
from swarm.blackboard.candidates import Verdict
from swarm.evidence.risks import said_of
from swarm.repair.knowledge import Knowledge
from swarm.repair.locate import python_files
from swarm.repair.ranking import Ranked
from swarm.repair.source import Source
from swarm.repair.weighing import Weighed, weighed


@dataclass(frozen=True)
class Weighing:
    """What is on the scales."""

    desk: Desk
    knowledge: Knowledge
    task: int

    def hand_in(self, enough: int) -> Result:
        """Hand in the best, one after another, until one is verified or enough were handed in."""
        found = self._plausible()
        if not found:
            return Result("No edit makes the tests pass, so there is nothing to weigh.")
        self.desk.act(f"weighs {len(found)} edits with which the tests pass")
        sources, _ = python_files(self.desk.ground)
        with self.desk.ground.rooms.open(self.desk.ground.tree) as room:
            order = weighed(self.desk.ground, room, sources, self.knowledge, found)
        self._share(order, sources)
        done: list[str] = []
        for one in order[:enough]:
            if self.desk.stopped():
                return Result(self._sentence(order, done), finished=False)
            done.append(self._handed_in(one, sources))
            if done[-1] == Verdict.VERIFIED.value:
                break
        return Result(self._sentence(order, done))

    def _plausible(self) -> list[Ranked]:
        """What the searches of this round found; what an earlier round weighed is known to the judge.

        What this very task weighed is not: whoever did it may have been killed before all of it was judged.
        """
        raw = [
            finding.evidence.output for finding in self.desk.findings(PLAUSIBLE) if finding.evidence and finding.evidence.output
        ]
        earlier = [finding for finding in self.desk.findings(WEIGHED) if finding.task != self.task]
        before = {line for finding in earlier for line in finding.summary.splitlines()[1:]}
        found = {one.stretch: one for digest in raw for one in map(Ranked.read, json.loads(self.desk.raw(digest)))}
        fresh = [one for one in found.values() if not any(one.name in line for line in before)]
        return sorted(fresh, key=lambda one: -one.score)

    def _share(self, order: Sequence[Weighed], sources: dict[str, bytes]) -> None:
        """Tell everybody which edits are likely, and what would tell the best two apart."""
        best = order[0]
        sure = "; no test tells it from another that is nearly as likely" if best.rival else ""
        where = f"{best.edit.name} at {best.edit.path}:{best.edit.line}"
        gist = f"Of {len(order)} edits with which the tests pass, the likeliest is {where}{sure}"
        lines = [f"Not told apart: {best.rival}" if best.rival else "By weight:"]
        for one in order:
            edit = one.edit.of(Source.read(one.edit.path, sources[one.edit.path]))
            lines.append(f"{one.weight:7.3f} {one.edit.name} {edit.path}:{edit.line} {edit.operator}: {edit.description}")
        self.desk.share(kind=WEIGHED, gist=gist, summary="\n".join(lines))

    def _handed_in(self, one: Weighed, sources: dict[str, bytes]) -> str:
        ground = self.desk.ground
        edit = one.edit.of(Source.read(one.edit.path, sources[one.edit.path]))
        tree = ground.rooms.mirror.put(ground.tree, {edit.path: edit.new_source})
        said = f"{edit.operator} at {edit.path}:{edit.line}: {edit.description}"
        said += said_of(one.rival, off=one.off, still=one.still)
        candidate = self.desk.submit(tree, said)
        return candidate.judgement.verdict.value if candidate.judgement else "not judged"

    def _sentence(self, order: Sequence[Weighed], done: list[str]) -> str:
        noun = "edit makes" if len(order) == 1 else "edits make"
        handed = f": handed in {len(done)} candidate{'s' * (len(done) != 1)} ({', '.join(done)})" if done else ""
        return f"{len(order)} {noun} the tests pass{handed}."
