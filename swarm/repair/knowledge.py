"""What is found out once in a run and then used by everybody: the survey of the tests, and the order of the edits."""

import json
from dataclasses import dataclass
from typing import Any

from swarm.code.survey import Spot, Survey, Tour
from swarm.code.suspects import Suspect
from swarm.evidence.ground import Ground
from swarm.evidence.rooms import Room
from swarm.repair.around import around, depended_on
from swarm.repair.engine.program import EngineFailed
from swarm.repair.engine.survey import survey
from swarm.repair.hope import hopeless
from swarm.repair.locate import by_survey, locate, python_files
from swarm.repair.ranking import Ranked, ranked

LIMIT = 5.0
"""Seconds of CPU time that a test gets in the survey at most."""


@dataclass(frozen=True)
class Knowledge:
    """What a search starts from."""

    suspects: tuple[Suspect, ...]
    order: tuple[Ranked, ...]
    """The edits, the likeliest first."""
    survey: Survey | None
    """None: the engine cannot run these tests, so that edits are tried in a run of their own each."""
    why_slow: str = ""
    """Why there is no survey."""
    hopeless: str = ""
    """Why no small edit is likely to help."""

    def written(self) -> bytes:
        """As it is kept among the raw evidence."""
        value = {
            "suspects": [[one.path, one.first, one.last, one.weight, one.why] for one in self.suspects],
            "order": [one.told() for one in self.order],
            "survey": _told(self.survey) if self.survey else None,
            "why_slow": self.why_slow,
            "hopeless": self.hopeless,
        }
        return json.dumps(value, ensure_ascii=True, separators=(",", ":")).encode("ascii")

    @classmethod
    def read(cls, content: bytes) -> "Knowledge":
        """From what was written."""
        value = json.loads(content)
        suspects = tuple(Suspect(*one) for one in value["suspects"])
        order = tuple(Ranked.read(one) for one in value["order"])
        return cls(suspects, order, _survey(value["survey"]) if value["survey"] else None, value["why_slow"], value["hopeless"])


def learned(ground: Ground, issue: str, room: Room) -> Knowledge:
    """Run the tests once plainly and once traced, suspect lines, and put the edits of these lines in order."""
    sources, _ = python_files(ground)
    red = sorted(ground.red)
    seen, why = None, ""
    try:
        seen = survey(room, ground.rooms.environment, [*red, *ground.baseline.passing], red, limit=_limit(ground))
        suspects = by_survey(seen, ground, sources, issue)
        if not suspects:
            seen, why = None, "the failing tests execute nothing of the source in it"
    except EngineFailed as error:
        why = str(error.facts["reason"])
    if seen is None:
        suspects = locate(ground)
    suspects = (*suspects, *depended_on(sources, suspects), *around(sources, suspects))
    hope = hopeless(seen, red, sources) if seen else ""
    return Knowledge(suspects, tuple(ranked(sources, suspects)), seen, why, hope)


def _limit(ground: Ground) -> float:
    """No test that comes to its end takes longer than all of them did."""
    return min(LIMIT, ground.baseline.seconds + 0.5)


def _told(seen: Survey) -> dict[str, object]:
    return {
        "tours": [
            [
                tour.test,
                tour.outcome,
                tour.seconds,
                {path: f"{bits:x}" for path, bits in tour.lines.items()},
                tour.error,
                tour.message,
                [[spot.path, spot.line, spot.function] for spot in tour.spots],
            ]
            for tour in seen.tours
        ],
        "peaks": {path: list(lines.items()) for path, lines in seen.peaks.items()},
        "startup": seen.startup,
        "missing": list(seen.missing),
    }


def _survey(value: dict[str, Any]) -> Survey:
    tours = [
        Tour(
            test,
            outcome,
            seconds,
            {path: int(bits, 16) for path, bits in lines.items()},
            error,
            message,
            tuple(Spot(*spot) for spot in spots),
        )
        for test, outcome, seconds, lines, error, message, spots in value["tours"]
    ]
    peaks = {path: dict(lines) for path, lines in value["peaks"].items()}
    return Survey(tuple(tours), peaks, value["startup"], tuple(value["missing"]))
