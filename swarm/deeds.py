"""What the screen does with the result of a run that has ended, as the commands do: merges it, hands it on, takes that back."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sandboxes.repository import Repository
from swarm.blackboard.runs import Run
from swarm.settings.values import Settings

Consent = Callable[[str], bool]
"""Asks the person whether what needs a review may land, for this reason."""


@dataclass(frozen=True)
class Deeds:
    """What can be done with the result of one run. What it takes is loaded only when it is done: the screen opens without it."""

    repository: Repository
    run: Run
    environ: Mapping[str, str]
    """Where the token for a server of issues may be."""

    def do(self, kind: str, target: str, consent: Consent) -> str:
        """Do it, and say what became of it; whatever hinders it is raised."""
        if kind == "merge":
            return self._merge(target, consent)
        if kind == "undo":
            return self._undo()
        return self._publish(consent)

    def _merge(self, target: str, consent: Consent) -> str:
        from swarm.landed import landed_text  # noqa: PLC0415
        from swarm.merging import merge, to_merge  # noqa: PLC0415
        from swarm.parts import opened_parts  # noqa: PLC0415
        from swarm.patches import candidate_named  # noqa: PLC0415

        def ask(reason: str) -> bool:
            return consent(f"It needs your review: {reason}\n\nMerge it all the same?")

        with opened_parts(self.repository, Settings.from_json(self.run.settings)) as parts:
            run = parts.store.run(self.run.name)
            number = candidate_named(parts.store, run.name, target).number if target else None
            landed = merge(parts, run, to_merge(parts.store, run, number), ask)
        return landed_text(run.name, landed)

    def _publish(self, consent: Consent) -> str:
        from swarm.intake import Door  # noqa: PLC0415
        from swarm.landings import opened_harbour  # noqa: PLC0415
        from swarm.posting import posted  # noqa: PLC0415
        from swarm.publishing import publish  # noqa: PLC0415

        notes: list[str] = []
        with opened_harbour(self.repository, Settings.from_json(self.run.settings)) as place:
            door = Door(repository=self.repository, environ=self.environ, tell=notes.append)
            post = posted(door, self.run.source)
            run = place.store.run(self.run.name)
            done = publish(place, run, lambda question: consent(f"{question}\n\nPush and open it?"), post)
        return "\n".join((*notes, done.text))

    def _undo(self) -> str:
        from swarm.landings import opened_harbour  # noqa: PLC0415
        from swarm.merging import undo  # noqa: PLC0415

        with opened_harbour(self.repository, Settings.from_json(self.run.settings)) as place:
            return undo(place, place.store.run(self.run.name)).sentence
