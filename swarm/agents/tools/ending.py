"""Tools by which an agent comes to an end: of a stretch of its past, of its attempt, or of its hopes."""

from prompts import render
from swarm.agents.agent import Result
from swarm.agents.bench import Unusable
from swarm.agents.texts import clipped, harmless
from swarm.agents.tools.tool import Outcome, Shift, Tool
from swarm.blackboard.candidates import Candidate, Verdict
from swarm.evidence.second import AGREES

SUBMISSIONS = 6
NOTE = 4000
"""Characters."""


def submit(shift: Shift, summary: str) -> Outcome:
    """Hand the worktree in as a candidate, and tell what the judge says of it."""
    if shift.submitted == SUBMISSIONS:
        raise Unusable(why=f"{SUBMISSIONS} candidates were handed in for this task, the most there may be.")
    tree = shift.bench.tree()
    if not shift.desk.ground.rooms.mirror.changes(shift.desk.ground.tree, tree):
        raise Unusable(why="Nothing is changed, so there is nothing to hand in.")
    shift.submitted += 1
    return judged(shift.desk.submit(tree, harmless(" ".join(summary.split()))[:300]))


def judged(candidate: Candidate) -> Outcome:
    """A verdict, as its author is told it."""
    ruling = candidate.judgement
    if ruling is None:
        return Outcome(f"c{candidate.number} is not judged yet.")
    name = f"c{candidate.number}"
    if ruling.verdict is Verdict.VERIFIED:
        return Outcome(f"{name} is verified.", ends=Result(f"{name} is verified."))
    if ruling.rule == AGREES:  # the judge alone knows what it asks, and so it stays
        return Outcome(render("note-disputed", candidate=name))
    said = f"{name} is {ruling.verdict.value} ({ruling.rule}): {ruling.reason}\n{ruling.test}\n{clipped(ruling.text, 3000)}"
    return Outcome(harmless(said).strip())


def fold(_: Shift, note: str) -> Outcome:
    """Replace the agent's past by a note of its own."""
    if not note.strip() or len(note) > NOTE:
        raise Unusable(why=f"A note has one to {NOTE} characters; this one has {len(note)}.")
    return Outcome("Your past is folded into your note.", note=harmless(note))


def give_up(_: Shift, reason: str) -> Outcome:
    """End the task without a candidate."""
    return Outcome("The task ends.", ends=Result(f"Gave up: {harmless(' '.join(reason.split()))[:300]}"))


ENDING = (
    Tool("fold", fold, {"note": "text"}),
    Tool("submit", submit, {"summary": "text"}),
    Tool("give_up", give_up, {"reason": "text"}),
)
