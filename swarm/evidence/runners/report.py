"""Reads what the reporter told, strictly: whatever does not fit is damage, and a damaged report is no evidence."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import field
from itertools import groupby
from typing import Any

from swarm.errors import SwarmError
from swarm.evidence.results import Frame, Outcome, Reached, TestResult
from swarm.values import Value

SEVERITY = (Outcome.FAILED, Outcome.ERROR, Outcome.XFAILED, Outcome.XPASSED, Outcome.SKIPPED, Outcome.PASSED)
"""Of the outcomes of a test's phases and parts, the first of these that occurs is the test's own."""


class Damage(SwarmError):
    """{what}"""


class Report(Value):
    """What came through the pipe."""

    started: bool = False
    collected: tuple[str, ...] | None = None
    """None: the collection did not come to its end."""
    results: Mapping[str, TestResult] = field(default_factory=dict)
    """The tests that were run to the end of their last phase."""
    uncollected: Mapping[str, str] = field(default_factory=dict)
    status: int | None = None
    """What the tool itself says; None: it did not get to say it."""
    unfinished: str = ""
    """The test that had begun and did not end."""
    times: tuple[float, ...] = ()
    """When each record was told, in seconds since the first."""
    origins: Mapping[str, str] = field(default_factory=dict)
    """From which file each of the project's own modules came."""
    reached: Mapping[str, Reached] = field(default_factory=dict)
    damage: str = ""

    @property
    def longest_silence(self) -> float:
        """The most seconds between two records."""
        return max((later - earlier for earlier, later in zip(self.times, self.times[1:], strict=False)), default=0.0)


def read_report(content: bytes, nonce: str) -> Report:
    """Read a report, and say in `damage` where it stops fitting."""
    records: list[dict[str, Any]] = []
    damage = ""
    try:
        records.extend(records_of(content, nonce))
        _in_order([str(record["kind"]) for record in records])
        results = dict(_results(records))
        collected = [tuple(map(_text, record["tests"])) for record in records if record["kind"] == "collected"]
        return Report(
            started=bool(records),
            collected=collected[0] if collected else None,
            results=results,
            uncollected={_text(record["where"]): _text(record["text"]) for record in records if record["kind"] == "uncollected"},
            status=next((int(record["status"]) for record in records if record["kind"] == "end"), None),
            unfinished=_unfinished(records, results),
            origins={
                _text(name): _text(place)
                for record in records
                if record["kind"] == "origins"
                for name, place in record["modules"].items()
            },
            reached={_text(record["test"]): _reached(record) for record in records if record["kind"] == "reached"},
            times=tuple(float(record["at"]) for record in records),
        )
    except Damage as error:
        damage = str(error)
    except (KeyError, TypeError, ValueError) as error:
        damage = f"a record does not fit: {error!r}"
    return Report(started=bool(records), damage=damage)


def records_of(content: bytes, nonce: str) -> Iterator[dict[str, Any]]:
    """The records, each with the right nonce and the next number: nobody else wrote between them."""
    if content and not content.endswith(b"\n"):
        raise Damage(what="it ends in the middle of a record")
    for count, line in enumerate(content.splitlines()):
        record = json.loads(line)
        if not isinstance(record, dict) or record.get("nonce") != nonce or record.get("count") != count:
            raise Damage(what=f"record {count} was not written by the reporter")
        yield record


def _in_order(kinds: list[str]) -> None:
    """First the start, then collection, then phases, then the end, and nothing after it."""
    order = {"start": 0, "uncollected": 1, "collected": 2, "began": 3, "phase": 3, "reached": 3, "origins": 4, "end": 5}
    ranks = [order[kind] for kind in kinds]
    if ranks != sorted(ranks) or any(kinds.count(kind) > 1 for kind in ("start", "collected", "origins", "end")):
        raise Damage(what="its records are out of order")
    if kinds and kinds[0] != "start":
        raise Damage(what="it does not begin at the beginning")


def _unfinished(records: list[dict[str, Any]], results: Mapping[str, TestResult]) -> str:
    """The last test that began, if it has no result."""
    began = [_text(record["test"]) for record in records if record["kind"] == "began"]
    return began[-1] if began and began[-1] not in results else ""


def _results(records: list[dict[str, Any]]) -> Iterator[tuple[str, TestResult]]:
    """The results of the tests whose last phase was told; a test that comes back after another one was forged."""
    seen: set[str] = set()
    for test, group in groupby(
        (record for record in records if record["kind"] == "phase"), key=lambda record: _text(record["test"])
    ):
        phases = list(group)
        if test in seen:
            raise Damage(what=f"{test} was reported twice")
        seen.add(test)
        if phases[-1]["when"] == "teardown" and phases[0]["when"] == "setup":
            yield test, _result(test, phases)


def _result(test: str, phases: list[dict[str, Any]]) -> TestResult:
    outcomes = [_outcome(phase) for phase in phases]
    outcome = next(one for one in SEVERITY if one in outcomes)
    said = phases[outcomes.index(outcome)]
    return TestResult(
        test,
        outcome,
        message=_text(said.get("message", "")),
        text=_text(said.get("text", "")),
        seconds=sum(float(phase["seconds"]) for phase in phases),
        error=_text(said.get("error", "")),
        frames=tuple(Frame(_text(path), int(line), _text(function)) for path, line, function in said.get("frames", ())),
    )


def _outcome(phase: Mapping[str, Any]) -> Outcome:
    match phase["outcome"], bool(phase.get("expected")):
        case "passed", expected:
            return Outcome.XPASSED if expected and phase["when"] == "call" else Outcome.PASSED
        case "skipped", expected:
            return Outcome.XFAILED if expected else Outcome.SKIPPED
        case _:
            # `failed`, and what plugins invent beside it: a test that has to be run again has not passed.
            return Outcome.FAILED if phase["when"] == "call" else Outcome.ERROR


def _reached(record: Mapping[str, Any]) -> Reached:
    return Reached(
        {_text(path): tuple(map(int, lines)) for path, lines in record["functions"].items()},
        tuple(map(_text, record["files"])),
        tuple(map(_text, record["folders"])),
        bool(record["opaque"]),
    )


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise Damage(what=f"a record holds {type(value).__name__} in the place of text")
    return value
