"""Everything that a report says, read from the store: a value that knows nothing of HTML or Markdown."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TypeVar

from swarm.blackboard.candidates import Candidate
from swarm.blackboard.findings import Finding
from swarm.blackboard.history import all_entries
from swarm.blackboard.runs import Run
from swarm.blackboard.store import Store
from swarm.blackboard.tasks import Task
from swarm.board import Board
from swarm.evidence.ranking import best_attempt
from swarm.reporting.cost import Cost, cost
from swarm.reporting.patch import Patch, patch_of
from swarm.reporting.timeline import Timeline, timeline

T = TypeVar("T")

MOST = 200
"""Findings, candidates and tasks that a report shows of each kind, the latest of them."""
DEEP = 40
"""Of how many of them the raw output is shown."""
LONGEST = 6000
"""Characters of raw output that are shown: its end, where it says what went wrong."""

Diff = Callable[[Candidate], bytes]
"""Gives the patch of a candidate."""


@dataclass(frozen=True, kw_only=True)
class Learned:
    """A finding, and the end of what its evidence printed."""

    finding: Finding
    output: str = ""


@dataclass(frozen=True, kw_only=True)
class Report:
    """A run, for whoever was not there."""

    run: Run
    board: Board
    tasks: tuple[Task, ...]
    learned: tuple[Learned, ...]
    candidates: tuple[Candidate, ...]
    left_out: tuple[tuple[str, int], ...]
    """How many of which things are not shown."""
    timeline: Timeline
    cost: Cost
    patched: Candidate | None
    """The candidate whose patch is shown: the outcome, or else the best attempt. None: there is none worth showing."""
    patch: Patch


def gathered(store: Store, run: Run, diff: Diff) -> Report:
    """Read a run for a report. Nothing is measured or judged anew."""
    entries = list(all_entries(store, run.name))
    tasks, findings, candidates = store.tasks(run.name), store.findings(run.name), store.candidates(run.name)
    patched = next((one for one in candidates if one.chosen), None) or best_attempt(candidates)
    counts = (("tasks", tasks), ("findings", findings), ("candidates", candidates))
    return Report(
        run=run,
        board=Board().after_all(entry.event for entry in entries),
        tasks=_latest(tasks),
        learned=_learned(store, _latest(findings)),
        candidates=_with(_latest(candidates), patched),
        left_out=tuple((name, len(things) - MOST) for name, things in counts if len(things) > MOST),
        timeline=timeline(entries, run.started),
        cost=cost(entries, run.started),
        patched=patched,
        patch=patch_of(diff(patched)) if patched else Patch(),
    )


def _latest(things: Sequence[T]) -> tuple[T, ...]:
    return tuple(things[-MOST:])


def _with(shown: tuple[Candidate, ...], patched: Candidate | None) -> tuple[Candidate, ...]:
    """The candidates that are shown, among them the one whose patch is."""
    return shown if patched is None or patched in shown else (patched, *shown[1:])


def _learned(store: Store, findings: Sequence[Finding]) -> tuple[Learned, ...]:
    with_output = (finding.number for finding in reversed(findings) if finding.evidence and finding.evidence.output)
    deep = set(islice(with_output, DEEP))
    return tuple(
        Learned(finding=finding, output=_output(store, finding) if finding.number in deep else "") for finding in findings
    )


def _output(store: Store, finding: Finding) -> str:
    assert finding.evidence is not None
    text = store.raw(finding.evidence.output).decode("utf-8", "replace")
    left = len(text) - LONGEST
    return text if left <= 0 else f"… {left} characters before\n{text[left:]}"
