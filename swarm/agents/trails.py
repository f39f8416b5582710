"""How different attempts were: what they ran, where they looked, what they changed. Nothing here asks anybody; it only counts."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from swarm.agents.starts import STARTS
from swarm.blackboard.tasks import Task
from swarm.events import AttemptsCompared, Conversed, Event

TOLD = 5
"""Files that a new attempt is told of."""


@dataclass(frozen=True)
class Trail:
    """What one attempt did, whatever came of it."""

    task: int
    commands: frozenset[str] = frozenset()
    looked: frozenset[str] = frozenset()
    """Files and names that it looked for."""
    edits: frozenset[str] = frozenset()
    """Lines that it wrote, each behind its file."""

    @property
    def files(self) -> frozenset[str]:
        """The files that it changed."""
        return frozenset(edit.partition(": ")[0] for edit in self.edits)


def trails(events: Iterable[Event], tasks: Iterable[Task]) -> list[Trail]:
    """The trail of every attempt on which somebody conversed, in the order of the tasks; who plans or criticises makes none."""
    said: dict[int, list[tuple[str, Mapping[str, Any]]]] = {}
    attempts = {task.number for task in tasks if task.kind == "code"}
    for event in events:
        if isinstance(event, Conversed) and event.task in attempts:
            said.setdefault(event.task, []).extend(_calls(json.loads(event.messages)))
    return [_trail(task, calls) for task, calls in sorted(said.items())]


def apart(one: frozenset[str], other: frozenset[str]) -> float:
    """How little two sets have in common: 0 where they are the same, 1 where nothing is in both."""
    return 1 - len(one & other) / len(one | other) if one | other else 0.0


def spread(sets: Sequence[frozenset[str]]) -> float:
    """How far apart several sets are, each from each, on the average."""
    pairs = [apart(one, other) for one, other in combinations(sets, 2)]
    return round(sum(pairs) / len(pairs), 3) if pairs else 0.0


def compared(walked: Sequence[Trail], patches: Sequence[frozenset[str]] = ()) -> AttemptsCompared | None:
    """How different attempts and candidates were; None: there are no two of either."""
    if len(walked) < 2 and len(patches) < 2:
        return None
    return AttemptsCompared(
        tasks=tuple(trail.task for trail in walked),
        commands=spread([trail.commands for trail in walked]),
        looked=spread([trail.looked for trail in walked]),
        edits=spread([trail.edits for trail in walked]),
        candidates=len(patches),
        patches=spread(patches),
    )


def least_tried(walked: Sequence[Trail], tasks: Sequence[Task], models: Sequence[str]) -> dict[str, Any]:
    """Where and with which model a new attempt begins: as few before it did; and which files they changed in vain."""
    coding = [json.loads(task.payload or "{}") for task in tasks if task.kind == "code"]
    starts, used = (Counter(str(one.get(name, "")) for one in coding) for name in ("start", "model"))
    files = Counter(file for trail in walked for file in sorted(trail.files))
    return {
        "start": min(STARTS, key=lambda start: starts[start]),
        "model": min(models, key=lambda model: used[model]),
        "number": len(coding),
        "tried": [file for file, _ in files.most_common(TOLD)],
    }


def _calls(messages: Iterable[Mapping[str, Any]]) -> list[tuple[str, Mapping[str, Any]]]:
    """The tools that were called with what; what is no JSON was not carried out."""
    called: list[tuple[str, Mapping[str, Any]]] = []
    for message in messages:
        for call in message.get("tool_calls") or ():
            try:
                given = json.loads(call["function"]["arguments"] or "{}")
            except ValueError:
                continue
            if isinstance(given, dict):
                called.append((str(call["function"]["name"]), given))
    return called


def _trail(task: int, calls: Iterable[tuple[str, Mapping[str, Any]]]) -> Trail:
    commands, looked, edits = set(), set(), set()
    for tool, given in calls:
        if tool == "run":
            commands.add(" ".join(str(given.get("command", "")).split()))
        elif tool == "test":
            commands.add(f"test {' '.join(map(str, given.get('tests') or ()))}".strip())
        elif tool in {"read", "search", "outline"}:
            looked.add(" ".join(str(given[name]) for name in ("path", "pattern", "symbol") if given.get(name)))
        elif tool == "edit":
            written = str(given.get("new") or given.get("content") or "")
            edits |= {f"{given.get('path')}: {line.strip()}" for line in written.splitlines() if line.strip()}
    return Trail(task, frozenset(commands), frozenset(looked), frozenset(edits))
