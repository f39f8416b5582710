"""Remembers baselines: what base's tests say does not change while base, environment and runner are the same."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from swarm.evidence.baseline import Baseline, Thoroughness, measure
from swarm.evidence.results import Frame, Outcome, TestResult
from swarm.evidence.rooms import Rooms
from swarm.evidence.runner import Runner
from swarm.lasting import write_whole

FORMAT = 1
"""What is written otherwise is measured anew."""


@dataclass(frozen=True)
class Memory:
    """A folder with a file for each baseline, named by all that it depends on."""

    folder: Path

    def measured(self, runner: Runner, rooms: Rooms, tree: str, thoroughness: Thoroughness | None = None) -> Baseline:
        """The baseline of a tree, from memory if it is there and whole."""
        thoroughness = thoroughness or Thoroughness()
        place = self.folder / f"{_key(runner, rooms, tree, thoroughness)}.json"
        if (known := _read(place)) is not None:
            return known
        baseline = measure(runner, rooms, tree, thoroughness)
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _write(place, baseline)
        return baseline


def _key(runner: Runner, rooms: Rooms, tree: str, thoroughness: Thoroughness) -> str:
    where = [rooms.backend.name, rooms.environment.identity, list(rooms.environment.first)]
    facts = [FORMAT, tree, where, runner.name, runner.framework, asdict(thoroughness)]
    return hashlib.sha256(json.dumps(facts).encode()).hexdigest()


def _read(place: Path) -> Baseline | None:
    """What was kept there; None: nothing, or it is damaged, and has to be measured anew."""
    try:
        digest, _, content = place.read_bytes().partition(b"\n")
    except FileNotFoundError:
        return None
    if hashlib.sha256(content).hexdigest().encode() != digest:
        return None
    return _baseline(json.loads(content))


def _write(place: Path, baseline: Baseline) -> None:
    content = json.dumps(asdict(baseline), default=_plain).encode()
    write_whole(place, hashlib.sha256(content).hexdigest().encode() + b"\n" + content)


def _plain(value: object) -> object:
    if isinstance(value, Outcome):
        return value.value
    raise TypeError(f"a baseline holds {type(value).__name__}")


def _baseline(kept: dict[str, Any]) -> Baseline:
    lists = {key: tuple(value) for key, value in kept.items() if isinstance(value, list)}
    failing = {test: _result(said) for test, said in kept["failing"].items()}
    return Baseline(**{**kept, **lists, "failing": failing})


def _result(kept: Mapping[str, Any]) -> TestResult:
    frames = tuple(Frame(**frame) for frame in kept["frames"])
    return TestResult(**{**kept, "outcome": Outcome(kept["outcome"]), "frames": frames})
