"""What other agents can have done here: runs begun and looked at. It knows nothing of the protocol by which they ask."""

import io
import os
import subprocess
import sys
import time
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from sandboxes.presence import absent
from sandboxes.repository import Repository
from swarm.blackboard.candidates import Candidate
from swarm.errors import UsageError
from swarm.fix import begin
from swarm.issue import read_issue
from swarm.landings import Harbour, opened_harbour
from swarm.parts import opened_parts
from swarm.patches import patch_bytes
from swarm.report import brief
from swarm.reproductions import given_reproduction
from swarm.settings.places import RUNNING
from swarm.settings.resolved import Resolved
from swarm.settings.trust import require_trust
from tui.plain import sentence

SOURCE = "mcp"
MOST = 50
"""Tasks, findings and candidates that a status tells of, the latest of each."""
GRACE = 30.0
"""Seconds after the last sign of life in which a run counts as being worked on: its process may only be starting."""
LONGEST = 100_000
"""Characters of a patch."""


@dataclass(frozen=True)
class Seen:
    """A run at a moment, and what has happened since the last one."""

    status: dict[str, Any]
    news: tuple[str, ...]
    position: int

    @property
    def over(self) -> bool:
        """Whether nothing more is to be expected."""
        return not self.status["working"]


@dataclass
class Clerk:
    """Serves one repository, under the settings with which the server was started: whoever asks cannot widen them."""

    repository: Repository
    resolved: Resolved
    begun: list[subprocess.Popen[bytes]] = field(default_factory=list)
    """The processes of runs; they outlive this one."""

    def fix(self, issue: str, tests: list[str], max_cost: float | None) -> dict[str, Any]:
        """Begin a run, and leave it to a process of its own."""
        settings = self.resolved.settings
        if max_cost is not None:
            most = settings.max_cost if settings.max_cost is not None else max_cost
            if not 0 <= max_cost <= most:
                raise UsageError(
                    what=f"max_cost is {max_cost}, and at most {most} may be spent.", remedy="Give less, or nothing."
                )
            settings = replace(settings, max_cost=max_cost)
        require_trust(self.resolved, self.repository.identity, os.environ)
        read = replace(read_issue("-", io.BytesIO(issue.encode("utf-8", "replace"))), source=SOURCE)
        with opened_parts(self.repository, settings) as parts:
            run = begin(parts, read, *given_reproduction(parts.store, tests, None, self.repository.top))
        self.begun = [process for process in self.begun if process.poll() is None]
        self.begun.append(
            subprocess.Popen(
                [*command(self.repository.top), "resume", run.name, "--quiet", "--plain"],
                stdin=subprocess.DEVNULL,  # ours is the protocol's
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
        )
        return {"run": run.name, "base": run.base, "sandbox": run.sandbox, "follow": f"status with run={run.name}"}

    def see(self, name: str, after: int = 0) -> Seen:
        """How a run stands, and what has happened after a position."""
        self.begun = [process for process in self.begun if process.poll() is None]
        with opened_harbour(self.repository, self.resolved.settings) as place:
            run = place.store.run(name)
            entries = place.store.entries(run.name, after)
            working = run.ended is None and (_held(place.folder / f"{run.name}{RUNNING}") or time.time() - run.alive < GRACE)
            status = {**brief(run), "outcome": run.outcome or None, "working": working, **_things(place, run.name)}
        news = tuple(sentence(entry.event) for entry in entries if type(entry.event).__name__ != "Conversed")
        return Seen(status, news, entries[-1].position if entries else after)

    def inside(self, path: str) -> str:
        """A test or a file by its path, if it lies in the repository and is none of git's own."""
        top = self.repository.top.resolve()
        file, _, test = path.partition("::")
        place = (top / file).resolve()
        if not file or not place.is_relative_to(top) or ".git" in place.relative_to(top).parts:
            raise UsageError(what=f"`{path}` is no file of this repository.", remedy="Name one by its path in the repository.")
        return f"{place.relative_to(top).as_posix()}::{test}" if test else str(place)


def command(top: Path) -> list[str]:
    """How swarm is called on a repository; `-P`, or Python would look for modules in whatever folder it is called in."""
    return [sys.executable, "-P", "-m", "swarm", "-C", str(top)]


def _held(mark: Path) -> bool:
    """Whether a process holds the mark of a run."""
    if not mark.exists():
        return False
    with absent(mark) as nobody:
        return not nobody


def _things(place: Harbour, run: str) -> dict[str, Any]:
    candidates = place.store.candidates(run)
    chosen = next((one for one in candidates if one.chosen), None)
    return {
        "tasks": [
            {"task": one.number, "kind": one.kind, "state": one.state.value, "worker": one.worker, "result": one.result}
            for one in place.store.tasks(run)[-MOST:]
        ],
        "findings": [
            {"finding": one.number, "kind": one.kind, "state": one.state.value, "gist": one.gist}
            for one in place.store.findings(run)[-MOST:]
        ],
        "candidates": [_candidate(one) for one in candidates[-MOST:]],
        "patch": patch_bytes(place.mirror, chosen).decode("utf-8", "replace")[:LONGEST] if chosen else "",
    }


def _candidate(one: Candidate) -> dict[str, Any]:
    judged = one.judgement
    said = {"verdict": judged.verdict.value, "reason": judged.reason} if judged else {"verdict": None, "reason": ""}
    return {"candidate": one.number, "summary": one.summary, "added": one.added, "removed": one.removed, **said}
