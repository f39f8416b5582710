"""A candidate as a patch that can be read, piped and applied."""

from typing import Any

from sandboxes.mirror import Mirror
from swarm.blackboard.candidates import Candidate
from swarm.blackboard.store import Store
from swarm.errors import UsageError


def candidate_named(store: Store, run: str, thing: str | None) -> Candidate:
    """The candidate of this name (c1), or without one the chosen one."""
    if thing is not None:
        number = thing.removeprefix("c")
        if not number.isdecimal():
            raise UsageError(what=f"`{thing}` names no candidate.", remedy="Candidates are called c1, c2, …")
        return store.candidate(run, int(number))
    candidates = store.candidates(run)
    for candidate in candidates:
        if candidate.chosen:
            return candidate
    named = ", ".join(f"c{candidate.number}" for candidate in candidates[:10])
    remedy = f"Name one that is not: {named}." if candidates else f"`swarm show {run}` tells what was tried."
    raise UsageError(what=f"No candidate of run {run} is verified.", remedy=remedy)


def patch_bytes(mirror: Mirror, candidate: Candidate, *, stat: bool = False) -> bytes:
    """The candidate's changes against base as a unified diff, or how many lines of which files."""
    base, tree = mirror.tree(candidate.base), candidate.tree
    return mirror.stat(base, tree) if stat else mirror.diff(base, tree)


def patch_object(candidate: Candidate, patch: bytes) -> dict[str, Any]:
    """The same as an object."""
    verdict = candidate.judgement.verdict.value if candidate.judgement else None
    facts = {"run": candidate.run, "candidate": candidate.number, "base": candidate.base, "verdict": verdict}
    return {**facts, "added": candidate.added, "removed": candidate.removed, "diff": patch.decode("utf-8", "replace")}
