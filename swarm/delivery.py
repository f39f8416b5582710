"""How a candidate reaches the user's repository: one new branch, created by compare-and-swap, and nothing else."""

from dataclasses import dataclass

from sandboxes.mirror import Mirror
from sandboxes.repository import BranchExists, Repository
from swarm.blackboard.candidates import Candidate
from swarm.blackboard.runs import Run
from swarm.errors import Conflict
from swarm.issue import Issue
from swarm.unlinked import unlinked
from swarm.visible import visible


@dataclass(frozen=True)
class Branch:
    """A branch that swarm made."""

    name: str
    commit: str


def deliver(repository: Repository, mirror: Mirror, run: Run, candidate: Candidate) -> Branch:
    """Make the candidate a branch. Doing it again finds the same commit there and changes nothing."""
    issue, commit = Issue(run.title, run.issue, run.source), committed(repository, mirror, run, candidate)
    for name in (f"swarm/{issue.slug}", f"swarm/{issue.slug}-{run.name}"):
        try:
            repository.create_branch(mirror.folder, name, commit)
        except BranchExists:
            if repository.commit(f"refs/heads/{name}") != commit:
                continue
        return Branch(name, commit)
    raise Conflict(
        what=f"The branches swarm/{issue.slug} and swarm/{issue.slug}-{run.name} exist already, with other content.",
        remedy=f"The fix is kept as refs/swarm/{run.name}/c{candidate.number}: `git branch NAME` it from there.",
    )


def committed(repository: Repository, mirror: Mirror, run: Run, candidate: Candidate) -> str:
    """The candidate as a commit on base, kept in mirror and repository; the same one every time."""
    ref = f"refs/swarm/{run.name}/c{candidate.number}"
    commit = mirror.commit(candidate.tree, [candidate.base], message(run, candidate), at=run.started)
    mirror.keep(ref, commit)
    repository.receive(mirror.folder, commit, ref)
    return commit


def message(run: Run, candidate: Candidate) -> str:
    """The commit message: what was fixed, and the evidence for it."""
    judgement = candidate.judgement
    assert judgement is not None, "only a judged candidate is delivered"
    lines = [
        visible(unlinked(f"Fix: {run.title}")[:72]),
        "",
        unlinked(candidate.summary),
        "",
        f"Verdict: {judgement.verdict.value} by {judgement.rule}: {judgement.reason}",
        f"Tests: {judgement.passed} passed, {judgement.failed} failed",
        f"Base: {candidate.base}",
        f"Sandbox: {run.sandbox}",
        "",
        f"Swarm-Run: {run.name}",
        f"Swarm-Candidate: c{candidate.number} by {candidate.author}",
    ]
    return "\n".join(lines) + "\n"
