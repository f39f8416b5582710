"""What became of a branch of the person, and how it is told."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from swarm.blackboard.history import last_landing
from swarm.blackboard.runs import Run
from swarm.blackboard.store import Store
from swarm.events import BranchDeleted, BranchMerged


@dataclass(frozen=True)
class Landed:
    """What became of a branch of the person."""

    branch: str
    before: str
    after: str
    sentence: str
    done: bool = True
    """Whether it happened now; otherwise it had happened before."""


def landed_object(run: str, landed: Landed) -> dict[str, Any]:
    """What became of a branch of the person, as an object."""
    return {"run": run, **asdict(landed)}


def landed_text(run: str, landed: Landed) -> str:
    """What became of a branch of the person, and how to take it back."""
    if not landed.done:
        return f"{landed.sentence}; nothing was changed"
    lines = [landed.sentence, f"branch    {landed.branch}: {landed.before[:12]} -> {landed.after[:12]}"]
    return "\n".join([*lines, "hooks     none was run", f"undo      swarm undo {run}"])


def ways_on(store: Store, run: Run) -> Iterator[tuple[str, str]]:
    """What can be done with the branch of a run, after all that was done with it already."""
    last = last_landing(store, run.name)
    if isinstance(last, BranchMerged):
        yield "merged", f"into {last.branch}, which is at {last.after[:12]} since then; swarm undo {run.name} takes it back"
        return
    if isinstance(last, BranchDeleted):
        yield "undone", f"{last.branch} was taken away; it was at {last.commit[:12]}"
        return
    yield "take it", f"swarm merge {run.name}, or git merge {run.branch}"
    if run.source.startswith("http"):
        yield "send it", f"swarm pr {run.name}"
