"""Tools of a critic. What it thinks decides nothing: a test that it writes is run, an input that it suspects is run."""

from dataclasses import dataclass

from prompts import render
from swarm.agents.agent import Result
from swarm.agents.bench import Unusable
from swarm.agents.comparing import answers, difference
from swarm.agents.review import Review
from swarm.agents.texts import clipped, harmless, quoted
from swarm.agents.tools.tool import Outcome, Shift, Tool
from swarm.blackboard.candidates import Candidate
from swarm.blackboard.findings import Evidence
from swarm.evidence.reproduction import NotAdmitted
from swarm.evidence.second import disputed

TRIES = 3
LARGEST = 20_000
"""Characters of a reproduction."""
PATCH, SAID = 6_000, 2_000
"""Characters of a patch, and of what a test said about it."""
REASON = 300


@dataclass(frozen=True)
class Shown:
    """A candidate as its critic sees it."""

    number: int
    added: int
    removed: int
    patch: str
    fails: str
    """What the second reproduction said of it; empty: nothing against it."""


def shown(review: Review, second: str = "") -> str:
    """The candidates that are looked at; their authors' words are data."""
    return render("candidates", second=second, candidates=[_shown(review, one) for one in review.candidates()])


def _shown(review: Review, one: Candidate) -> Shown:
    judgement = one.judgement if disputed(one) else None
    fails = quoted(clipped(f"{judgement.reason}\n{judgement.text}", SAID), "tests") if judgement else ""
    patch = quoted(f"{one.summary}\n\n{clipped(review.patch(one), PATCH)}", "patch")
    return Shown(one.number, one.added, one.removed, patch, fails)


def reproduce(shift: Shift, content: str) -> Outcome:
    """Have a second reproduction admitted, and the verified candidates judged with it."""
    review = shift.desk.review()
    if len(content) > LARGEST:
        raise Unusable(why=f"A reproduction has at most {LARGEST} characters; this one has {len(content)}.")
    if review.second() is None and (refused := _refused(shift, review, content)):
        return refused
    review.judge_again()  # also where one is held already: whoever had it admitted may have been killed before this
    looked_at = review.candidates()
    if len(looked_at) == 1 and not disputed(looked_at[0]):
        sentence = f"A second reproduction passes with c{looked_at[0].number} as well."
        return Outcome(sentence, ends=Result(sentence))
    return Outcome(shown(review, "held"))


def _refused(shift: Shift, review: Review, content: str) -> Outcome | None:
    """Why a reproduction does not count; None: the judge holds it from now on."""
    if shift.submitted == TRIES:
        raise Unusable(why="Your turn to write a reproduction is over.")
    shift.submitted += 1
    shift.desk.act("has a second reproduction run on base")
    try:
        review.hold(content.encode("utf-8", "replace"))
    except NotAdmitted as refusal:
        why = f"It does not count, since {harmless(str(refusal.facts['reason']))}"
        return Outcome(why if shift.submitted < TRIES else f"{why}\n\n{shown(review, 'none')}")
    return None


def compare(shift: Shift, script: str) -> Outcome:
    """Run an input on all verified candidates; a difference is a finding."""
    review = shift.desk.review()
    candidates = _open(shift, review)
    if len(candidates) < 2:
        raise Unusable(why="There is one candidate, so there is nothing to compare it with.")
    shift.desk.act("compares what candidates answer")
    said = answers(review, script, candidates)
    table = harmless("\n".join(f"{name}: {clipped(text, SAID)}" for name, text in said.items()))
    if not (apart := difference(said)):
        return Outcome(f"{table}\n\nThey answer the same, or not the same twice.")
    gist = harmless(f"{apart} answer an input differently that no test uses: {' '.join(script.split())}")[:200]
    ground = shift.desk.ground
    evidence = Evidence(
        argv=(ground.rooms.environment.python, "-c", script),
        exit_code=0,
        tree=candidates[0].tree,
        environment=f"{ground.rooms.environment.identity} in {ground.rooms.backend.name}",
        output=shift.desk.keep(table.encode()),
    )
    finding = shift.desk.share(kind="counterexample", gist=gist, summary=clipped(table, SAID), evidence=evidence)
    return Outcome(f"{table}\n\nf{finding.number} keeps it: {apart} differ.")


def prefer(shift: Shift, candidate: int, reason: str) -> Outcome:
    """Like one candidate best."""
    review = shift.desk.review()
    if candidate not in {one.number for one in _open(shift, review)}:
        raise Unusable(why=f"c{candidate} is none of the candidates that you were shown.")
    review.prefer(candidate, _said(reason))
    sentence = f"c{candidate} is liked best: {_said(reason)}"
    return Outcome(sentence, ends=Result(sentence))


def withdraw(shift: Shift, reason: str) -> Outcome:
    """Take the reproduction back."""
    review = shift.desk.review()
    if review.second() is None:
        raise Unusable(why="There is no reproduction of yours.")
    review.withdraw(_said(reason))
    sentence = f"The second reproduction was withdrawn: {_said(reason)}"
    if len(review.candidates()) > 1:
        return Outcome(f"{sentence}\n\n{shown(review, 'none')}")
    return Outcome(sentence, ends=Result(sentence))


def stand_by(shift: Shift, reason: str) -> Outcome:
    """Leave what fails the reproduction to a person."""
    review = shift.desk.review()
    names = ", ".join(f"c{one.number}" for one in review.candidates() if disputed(one))
    if not names:
        raise Unusable(why="No candidate fails a reproduction of yours.")
    sentence = f"{names} fails a second reproduction, and a person has to look: {_said(reason)}"
    return Outcome(sentence, ends=Result(sentence))


def end(_: Shift, reason: str) -> Outcome:
    """End the task."""
    return Outcome("The task ends.", ends=Result(f"It ended: {_said(reason)}"))


def _open(shift: Shift, review: Review) -> list[Candidate]:
    """The candidates, once the critic may know them: not before it has tried to reproduce the bug by itself."""
    if review.second() is None and shift.submitted < TRIES and not review.tried:
        raise Unusable(why="First write a reproduction, without having seen the candidates.")
    return review.candidates()


def _said(reason: str) -> str:
    return harmless(" ".join(reason.split()))[:REASON]


CRITICISING = (
    Tool("reproduce", reproduce, {"content": "text"}),
    Tool("compare", compare, {"script": "text"}),
    Tool("prefer", prefer, {"candidate": "number", "reason": "text"}),
    Tool("withdraw", withdraw, {"reason": "text"}),
    Tool("stand_by", stand_by, {"reason": "text"}),
    Tool("end", end, {"reason": "text"}),
)
