"""Tools by which agents learn from one another. What is claimed is run by swarm before anybody else sees it."""

from swarm.agents.agent import Result
from swarm.agents.bench import Unusable
from swarm.agents.texts import clipped, harmless, quoted
from swarm.agents.tools.tool import Outcome, Shift, Tool
from swarm.blackboard.findings import FindingState
from swarm.blackboard.tasks import NewTask
from swarm.errors import Refused, Unknown
from swarm.evidence.claims import Claim
from swarm.evidence.results import Outcome as TestOutcome

KINDS = ("observed", "reproduced", "located", "attempt-failed")
GIST, SUMMARY, GOAL, WHY = 200, 2000, 500, 500
"""Characters."""


def share(
    shift: Shift, kind: str, gist: str, summary: str = "", command: str = "", exit_code: int = -1, says: str = "",
    passing: list[str] | None = None, failing: list[str] | None = None,
) -> Outcome:  # fmt: skip
    """Claim something that a command or tests show."""
    if kind not in KINDS:
        raise Unusable(why=f"`kind` is one of {', '.join(KINDS)}.")
    if not gist.strip() or len(gist) > GIST or "\n" in gist:
        raise Unusable(why=f"`gist` has to be one line of at most {GIST} characters; this one has {len(gist)}.")
    if len(summary) > SUMMARY:
        raise Unusable(why=f"`summary` has to have at most {SUMMARY} characters; this one has {len(summary)}.")
    tests = dict.fromkeys(passing or (), TestOutcome.PASSED) | dict.fromkeys(failing or (), TestOutcome.FAILED)
    argv = ("bash", "-c", command) if command and not tests else ()
    claim = Claim(argv=argv, exit_code=exit_code if exit_code >= 0 else None, says=says, tests=tests)
    finding, reason = shift.desk.claim(
        claim, shift.bench.tree(), kind=kind, gist=harmless(gist), summary=harmless(summary or gist)
    )
    if finding is None:
        return Outcome(f"Nothing was shared: {harmless(reason)}")
    name = f"f{finding.number}"
    if finding.state is FindingState.VERIFIED:
        return Outcome(f"{name} is verified, and everybody is shown it: {harmless(reason)}")
    return Outcome(f"{name} is {finding.state.value}, and nobody is shown it: {harmless(reason)}")


def doubt(shift: Shift, finding: int, why: str) -> Outcome:
    """Have swarm look again at what a finding rests on."""
    if not why.strip() or len(why) > WHY:
        raise Unusable(why=f"`why` has one to {WHY} characters; this one has {len(why)}.")
    try:
        return Outcome(harmless(shift.desk.doubt(finding, harmless(" ".join(why.split())))))
    except Unknown as unknown:
        raise Unusable(why=str(unknown)) from None


def unfold(shift: Shift, finding: int, depth: str = "summary") -> Outcome:
    """Show more of a finding than its gist."""
    if depth not in {"summary", "evidence"}:
        raise Unusable(why="`depth` is summary or evidence.")
    try:
        found = shift.desk.unfold(finding)
    except Refused as refusal:
        raise Unusable(why=str(refusal)) from None
    text = f"{found.kind}, {found.state.value}. {found.summary}"
    if depth == "evidence" and found.evidence:
        ran = found.evidence
        output = shift.desk.raw(ran.output).decode("utf-8", "replace") if ran.output else ""
        counts = f", {ran.passed} passed, {ran.failed} failed" if ran.passed or ran.failed else ""
        text = f"{text}\n{' '.join(ran.argv)}\nexit code {ran.exit_code}{counts}\n{output}"
    return Outcome(quoted(clipped(text), f"f{finding}"))


def add_task(shift: Shift, goal: str, needs: list[str] | None = None) -> Outcome:
    """Leave a piece of work to whoever is free."""
    try:
        task = shift.desk.add_task(_new(goal, tuple(_number(need) for need in needs or ())))
    except Refused as refusal:
        raise Unusable(why=str(refusal)) from None
    return Outcome(f"t{task.number} is in the queue.")


def split(shift: Shift, goals: list[str]) -> Outcome:
    """Replace the task by smaller ones."""
    if not 2 <= len(goals) <= 8:
        raise Unusable(why="`goals` takes two to eight goals.")
    try:
        parts = shift.desk.split([_new(goal, ()) for goal in goals])
    except Refused as refusal:
        raise Unusable(why=str(refusal)) from None
    names = ", ".join(f"t{part.number}" for part in parts)
    return Outcome(f"Split into {names}.", ends=Result(f"Split into {names}."))


def _new(goal: str, needs: tuple[int, ...]) -> NewTask:
    if not goal.strip() or len(goal) > GOAL:
        raise Unusable(why=f"A goal has one to {GOAL} characters.")
    return NewTask(kind="code", goal=harmless(goal), needs=needs)


def _number(name: str) -> int:
    digits = name.removeprefix("t")
    if not digits.isdecimal():
        raise Unusable(why=f"`{name}` is no task; tasks are called t1, t2, …")
    return int(digits)


SHARING = (
    Tool(
        "share",
        share,
        {
            "kind": "text", "gist": "text", "summary": "text?", "command": "text?", "exit_code": "number?", "says": "text?",
            "passing": "texts?", "failing": "texts?",
        },
    ),
    Tool("doubt", doubt, {"finding": "number", "why": "text"}),
    Tool("unfold", unfold, {"finding": "number", "depth": "text?"}),
    Tool("add_task", add_task, {"goal": "text", "needs": "texts?"}),
    Tool("split", split, {"goals": "texts"}),
)  # fmt: skip
