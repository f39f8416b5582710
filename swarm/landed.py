"""What became of a branch of the person, and how it is told."""

from dataclasses import asdict, dataclass
from typing import Any


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
