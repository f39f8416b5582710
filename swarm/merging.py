"""The story of `swarm merge` and `swarm undo`: on the head of today, judged there again, moved by compare-and-swap."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from sandboxes.mirror import Mirror
from swarm.agents.review import held_second
from swarm.blackboard.candidates import Candidate, Judgement, Verdict
from swarm.blackboard.history import wants_patch
from swarm.blackboard.runs import Run
from swarm.blackboard.store import Store
from swarm.delivery import committed, message
from swarm.errors import Conflict, Inconclusive, NeedsReview, NoVerifiedFix, UsageError
from swarm.events import BranchCreated, BranchDeleted, BranchMerged, MergeUndone, StageEntered
from swarm.evidence.footing import Footing
from swarm.evidence.ground import Ground
from swarm.evidence.reproduction import Admitted, NotAdmitted, Reproduction, admit
from swarm.evidence.second import judged_with
from swarm.landed import Landed
from swarm.landings import Harbour
from swarm.parts import Parts
from swarm.reproductions import chosen_in, held_in, measured, standing

Consent = Callable[[str], bool]
"""Asks the person whether what needs a review may land, for this reason."""


def harbour(parts: Parts) -> Harbour:
    """Where branches are moved, from the parts of a run."""
    return Harbour(repository=parts.repository, mirror=parts.mirror, store=parts.store, folder=parts.folder)


def merge(parts: Parts, run: Run, candidate: Candidate, consent: Consent, doubts: Sequence[str] = ()) -> Landed:
    """Merge a candidate into the branch that the person has checked out, if it still proves itself there.

    Where nobody has looked at it yet, its doubts are for a person as well.
    """
    place, repository, mirror = harbour(parts), parts.repository, parts.mirror
    place.settle(run)
    branch = _current(parts)
    head = repository.commit(f"refs/heads/{branch}")
    mirror.take(repository, head)
    commit = committed(repository, mirror, run, candidate)
    if repository.reaches(head, commit):
        return Landed(branch, head, head, f"{branch} has the fix already", done=False)
    tree = _together(mirror, branch, head, commit)
    if tree == mirror.tree(head):
        return Landed(branch, head, head, f"{branch} has every change of the fix already", done=False)
    place.examine(branch, head, tree)
    judgement = _judged_there(parts, run, branch, head, tree)
    _admit(run, judgement, candidate, consent, doubts)
    parents = [head, commit]
    after = commit if head == candidate.base else mirror.commit(tree, parents, _merge_message(run, candidate, judgement))
    merged = place.merge(run, branch, head, after, judgement.reason)
    return Landed(branch, head, after, f"merged into {merged.branch}: {judgement.reason}")


def undo(place: Harbour, run: Run) -> Landed:
    """Take a merge back, or the branch that swarm made if nobody merged it; only if nothing was built on it since."""
    place.settle(run)
    match place.last(run):
        case BranchMerged(branch, before, after) as merged:
            at = place.repository.at_ref(f"refs/heads/{branch}")
            if at != after:
                what = f"The branch {branch} is at {at[:12] or 'no commit'}, not at {after[:12]} where the merge left it."
                raise Conflict(
                    what=what,
                    remedy=f"Take the fix out with `git revert{' -m 1' if _is_merge(place, run) else ''} {after[:12]}`.",
                )
            place.undo(run, merged)
            return Landed(branch, after, before, f"merge undone: {branch} is back at {before[:12]}")
        case MergeUndone(branch, before, after):
            return Landed(branch, before, after, f"the merge into {branch} was undone already", done=False)
        case BranchCreated(branch, commit) as created:
            place.delete(run, created)
            return Landed(branch, commit, "", f"branch {branch} deleted; it was at {commit[:12]} and had not been merged")
        case BranchDeleted(branch, commit):
            return Landed(branch, commit, "", f"branch {branch} was deleted already", done=False)
    raise UsageError(what=f"Run {run.name} changed nothing in your repository.", remedy="There is nothing to undo.")


def to_merge(store: Store, run: Run, number: int | None = None) -> Candidate:
    """The candidate of a run that is to be merged: the one named, or the one that was chosen."""
    if run.ended is None:
        raise UsageError(what=f"Run {run.name} has not ended.", remedy=f"Wait for it, or `swarm resume {run.name}`.")
    if wants_patch(store, run.name):
        what = f"The fix of run {run.name} is a patch on what was staged, and no branch that could be merged."
        raise UsageError(what=what, remedy=f"To apply it: swarm diff {run.name} | git apply")
    if number is not None:
        return store.candidate(run.name, number)
    chosen = [candidate for candidate in store.candidates(run.name) if candidate.chosen]
    if not chosen:
        remedy = f"`swarm show {run.name}` tells what was tried; name a candidate to merge one that you have reviewed."
        raise UsageError(what=f"Run {run.name} found no verified fix, so there is nothing to merge.", remedy=remedy)
    return chosen[0]


def _current(parts: Parts) -> str:
    ref = parts.repository.head_ref()
    if not ref.startswith("refs/heads/"):
        raise Conflict(what="No branch is checked out, so there is none to merge into.", remedy="Check one out, then try again.")
    return ref.removeprefix("refs/heads/")


def _together(mirror: Mirror, branch: str, head: str, commit: str) -> str:
    tree, conflicts = mirror.merged(head, commit)
    if conflicts:
        others = f" and {len(conflicts) - 5} more" if len(conflicts) > 5 else ""
        what = f"The fix and {branch} at {head[:12]} both changed {', '.join(conflicts[:5])}{others}."
        raise Conflict(what=what, remedy="Begin another run on this head with `swarm fix`, or merge by hand with `git merge`.")
    return tree


def _judged_there(parts: Parts, run: Run, branch: str, head: str, tree: str) -> Judgement:
    """The judge's word on the merged tree, with the head of today as base."""
    parts.store.record(run.name, StageEntered("merge", f"judged again on {branch} at {head[:12]}"))
    footing = _footing_there(parts, run, measured(parts, run, head))
    if not footing.bench.reproductions:
        what = f"The bug does not show on {branch} at {head[:12]} any more, so there nothing proves the fix."
        raise Conflict(what=what, remedy="Look with `swarm diff` whether it is still wanted, and merge by hand with `git merge`.")
    judgement = footing.judged(tree, parts.store.put_raw)
    second = held_second(parts.store, run.name)
    again = _admitted_there(parts, run, footing.ground, second.reproduction) if second else None
    if again is None or judgement.verdict is not Verdict.VERIFIED:
        return judgement
    return judged_with(again, footing, tree, judgement, parts.store.put_raw)


def _footing_there(parts: Parts, run: Run, ground: Ground) -> Footing:
    """What the run stood on, as far as it still shows the bug."""
    red = tuple(test for test in chosen_in(parts.store, run.name).tests if test in ground.baseline.red)
    held = held_in(parts.store, run.name)
    admitted = _admitted_there(parts, run, ground, held) if held else None
    return standing(parts, replace(ground, reproductions=red), admitted)


def _admitted_there(parts: Parts, run: Run, ground: Ground, held: Reproduction) -> Admitted | None:
    """A reproduction, if it fails there as it did where it was found."""
    try:
        return admit(held, ground, f"{run.title}\n\n{run.issue}")
    except NotAdmitted as refusal:
        parts.store.record(run.name, StageEntered("merge", f"{refusal}".splitlines()[0]))
        return None


def _admit(run: Run, judgement: Judgement, candidate: Candidate, consent: Consent, doubts: Sequence[str]) -> None:
    """Let through what is verified beyond doubt, and what needs a review if the person says so."""
    first = candidate.judgement.verdict if candidate.judgement else Verdict.INCONCLUSIVE
    verdicts = {first, judgement.verdict}
    if Verdict.REJECTED in verdicts:
        raise NoVerifiedFix(sentence=f"on the head of today the judge rejects it: {judgement.reason}", run=run.name)
    if Verdict.INCONCLUSIVE in verdicts:
        raise Inconclusive(sentence=judgement.reason, remedy=f"Try again: `swarm merge {run.name}`.")
    if verdicts != {Verdict.VERIFIED}:
        doubtful = judgement if judgement.verdict is not Verdict.VERIFIED else candidate.judgement
        doubts = (doubtful.reason if doubtful else "", *doubts)
    if doubts and not consent("; ".join(doubts)):
        raise NeedsReview(reason="; ".join(doubts), run=run.name)


def _merge_message(run: Run, candidate: Candidate, judgement: Judgement) -> str:
    title, _, rest = message(run, replace(candidate, judgement=judgement)).partition("\n")
    return f"Merge {title[:1].lower()}{title[1:]}\n{rest}"


def _is_merge(place: Harbour, run: Run) -> bool:
    return place.repository.at_ref(f"refs/swarm/{run.name}/merge") != place.repository.at_ref(f"refs/heads/{run.branch}")
