"""Asks the engine for a survey of a tree."""

from collections.abc import Mapping, Sequence
from typing import Any

from sandboxes.environment import Environment
from swarm.code.survey import Spot, Survey, Tour
from swarm.evidence.rooms import Room
from swarm.repair.engine.program import EngineFailed, Told, run

MEMORY = 512 * 1024 * 1024
"""Bytes that a test may take beyond what the imported project has."""
OUTCOMES = frozenset("passed failed error skipped xfailed xpassed died".split()) | {"timed out"}


def survey(
    room: Room,
    environment: Environment,
    tests: Sequence[str],
    failing: Sequence[str],
    *,
    limit: float = 5.0,
    seconds: float = 120.0,
) -> Survey:
    """Run each of these tests once plainly and once traced, failing ones in a process of their own.

    `limit` is the CPU time that a test may take, `seconds` the time for everything.
    """
    job = {"mode": "survey", "tests": list(tests), "apart": list(failing), "limit": limit, "cores": 2, "memory": MEMORY}
    return read(run(room.sandbox, environment, job, seconds=seconds), tests)


def read(told: Told, tests: Sequence[str]) -> Survey:
    """Understand what the engine told, or refuse it."""
    try:
        traced = {str(record["test"]): _lines(record.get("lines", {})) for record in told.of("traced")}
        tours = {str(record["test"]): _tour(record, traced) for record in told.of("plain")}
        peaks = {str(one["path"]): {int(line): int(count) for line, count in one["lines"]} for one in told.of("peaks")}
        startup = float(told.of("collected")[0]["seconds"])
    except (KeyError, TypeError, ValueError, IndexError, AttributeError) as error:
        raise EngineFailed(reason=f"a record of the survey does not fit: {error!r}") from error
    wanted = [tours[test] for test in tests if test in tours]
    return Survey(tuple(wanted), peaks, startup, tuple(test for test in tests if test not in tours))


def _tour(record: Mapping[str, Any], traced: Mapping[str, Mapping[str, int]]) -> Tour:
    if record["outcome"] not in OUTCOMES:
        raise ValueError(record["outcome"])
    return Tour(
        str(record["test"]),
        str(record["outcome"]),
        float(record.get("seconds", 0.0)),
        traced.get(str(record["test"]), {}),
        str(record.get("error", "")),
        str(record.get("message", "")),
        tuple(Spot(str(path), int(line), str(function)) for path, line, function in record.get("frames", ())),
    )


def _lines(found: Mapping[str, str]) -> dict[str, int]:
    return {str(path): int(bits, 16) for path, bits in found.items()}
