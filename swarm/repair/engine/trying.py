"""Tries many edits in one sandbox: first in living functions, then, where that does not hold, by importing anew."""

import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sandboxes.environment import Environment
from swarm.code.survey import Survey
from swarm.evidence.rooms import Room
from swarm.repair.edits import Edit
from swarm.repair.engine.planning import Planner
from swarm.repair.engine.program import EngineFailed, Told, run
from swarm.repair.engine.survey import MEMORY
from swarm.repair.trial import Fate, Trial

BATCH = 4000
"""How many edits go into one command: its start is paid once for all of them."""


NOTHING = "it compiles to what is there already"


@dataclass(frozen=True)
class Engine:
    """Tries edits of one tree in a room on it."""

    room: Room
    environment: Environment
    sources: Mapping[str, bytes]
    """What the files hold."""
    survey: Survey
    failing: Sequence[str]
    """The tests that an edit has to make pass. Without any, a trial tells whether a test notices the edit."""
    passing: Sequence[str]
    """The tests that it must not break."""
    cores: int = 2
    imported: Callable[[bool], int] = lambda _: 1_000_000
    """How many edits of one command are tried by importing everything anew, at most, if some edit is plausible or none is.

    That takes a hundred times longer.
    """

    def tries(
        self, edits: Sequence[Edit], *, seconds: float = 60.0, enough: int = 1_000_000, known: Collection[str] = ()
    ) -> Iterator[Trial]:
        """Try these edits, in about this order; end early when enough are plausible. What there was no time for is left out.

        `known` names code that failed before: what compiles to it is not tried.
        """
        planner = Planner(self.survey, self.failing, self.passing, self.sources)
        until = time.monotonic() + seconds
        real = [edit for edit in edits if edit.new_source != self.sources[edit.path]]
        yield from (Trial(edit, Fate.FAILED, why=NOTHING) for edit in edits if edit.new_source == self.sources[edit.path])
        for start in range(0, len(real), BATCH):
            batch: Sequence[Edit] = real[start : start + BATCH]
            for mode in ("swap", "reload"):
                left = until - time.monotonic()
                if not batch or enough <= 0 or left <= 0:
                    break
                told = self._told(mode, {**planner.job(batch), "known": list(known)}, left, enough)
                trials, batch = read(told, batch, planner.tests)  # what could not be swapped is imported
                found = sum(trial.plausible for trial in trials)
                batch = batch[: self.imported(found > 0)]
                enough -= found
                yield from trials

    def _told(self, mode: str, job: Mapping[str, Any], seconds: float, enough: int) -> Told:
        facts = {"mode": mode, "cores": self.cores, "memory": MEMORY, "enough": enough}
        return run(self.room.sandbox, self.environment, {**job, **facts}, seconds=seconds)


def read(told: Told, edits: Sequence[Edit], tests: Sequence[str]) -> tuple[list[Trial], list[Edit]]:
    """The trials that the engine told of, and the edits that have to be imported; whatever does not fit is refused."""
    trials: dict[int, Trial] = {}
    apart: list[Edit] = []
    twins: list[tuple[int, int]] = []
    try:
        for record in told.of("trial"):
            number = int(record["edit"])
            if not 0 <= number < len(edits) or number in trials:
                raise ValueError(number)
            if record["outcome"] == "apart":
                apart.append(edits[number])
            elif record["outcome"] == "same":
                twins.append((number, int(record["as"])))
            else:
                trials[number] = _trial(record, edits[number], tests)
    except (KeyError, TypeError, ValueError, IndexError) as error:
        raise EngineFailed(reason=f"a record of a trial does not fit: {error!r}") from error
    for number, other in twins:
        if other == -1:
            trials[number] = Trial(edits[number], Fate.FAILED, why=NOTHING)
        elif other in trials:
            trials[number] = replace(trials[other], edit=edits[number], twin=edits[other])
    return [trials[number] for number in sorted(trials)], apart


def _trial(record: Mapping[str, Any], edit: Edit, tests: Sequence[str]) -> Trial:
    fate = Fate(record["outcome"])
    number = int(record.get("test", -1))
    if not -1 <= number < len(tests):
        raise ValueError(number)
    test = tests[number] if number >= 0 else ""
    return Trial(
        edit,
        fate,
        test,
        str(record.get("why", "")),
        str(record["how"]),
        float(record.get("seconds", 0.0)),
        str(record.get("left", "")),
        str(record.get("code", ""))[:16],
    )
