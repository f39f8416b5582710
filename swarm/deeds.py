"""What the screen does with the result of a run that has ended: the stories of `swarm merge` and `swarm undo`, told in a sentence."""

from collections.abc import Callable
from dataclasses import dataclass

from sandboxes.repository import Repository
from swarm.blackboard.runs import Run
from swarm.landings import opened_harbour
from swarm.merging import Consent, merge, to_merge, undo
from swarm.parts import opened_parts
from swarm.patches import candidate_named
from swarm.report import landed_text
from swarm.settings.values import Settings


@dataclass(frozen=True)
class Deeds:
    """What can be done with the result of one run."""

    repository: Repository
    run: Run

    def do(self, kind: str, target: str, consent: Consent) -> str:
        """Do it, and say what became of it; whatever hinders it is raised."""
        does: dict[str, Callable[[str, Consent], str]] = {"merge": self._merge, "undo": self._undo}
        if kind not in does:
            return f"{kind}: `swarm pr {self.run.name}` does it, where this swarm has that command"
        return does[kind](target, consent)

    def _merge(self, target: str, consent: Consent) -> str:
        def ask(reason: str) -> bool:
            return consent(f"It needs your review: {reason}\n\nMerge it all the same?")

        with opened_parts(self.repository, Settings.from_json(self.run.settings)) as parts:
            run = parts.store.run(self.run.name)
            number = candidate_named(parts.store, run.name, target).number if target else None
            landed = merge(parts, run, to_merge(parts.store, run, number), ask)
        return landed_text(run.name, landed)

    def _undo(self, _target: str, _consent: Consent) -> str:
        with opened_harbour(self.repository, Settings.from_json(self.run.settings)) as place:
            return undo(place, place.store.run(self.run.name)).sentence
