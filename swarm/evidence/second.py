"""A second reproduction: a test whose author wrote no patch, and which no author of a patch has seen."""

from collections.abc import Callable
from dataclasses import replace

from swarm.blackboard.candidates import Candidate, Judgement, Verdict
from swarm.evidence.footing import Footing
from swarm.evidence.reproduction import Admitted
from swarm.evidence.verdict import judge

AGREES = "a second reproduction passes as well"
"""The rule that decides where everything passes but the second reproduction."""


def judged_with(second: Admitted, footing: Footing, tree: str, first: Judgement, keep: Callable[[bytes], str]) -> Judgement:
    """What the judge says of a verified candidate once it has a second reproduction as well.

    An agent can be wrong about what the issue wants, and then a right patch fails its test. So what fails is not rejected: a
    person has to look. Where the second reproduction shows nothing either way, the first verdict stands.
    """
    again = judge(tree, footing.ground, footing.ground.reproductions, held=(*footing.held, second), keep=keep)
    if again.verdict is Verdict.VERIFIED:
        return again
    if again.verdict is not Verdict.REJECTED:
        return first
    reason = (
        f"It passes all else, but judged with a second reproduction, by {second.reproduction.author}, it fails: {again.reason}"
    )
    return replace(again, verdict=Verdict.NEEDS_REVIEW, rule=AGREES, reason=reason)


def disputed(candidate: Candidate) -> bool:
    """Whether a second reproduction is all that stands against a candidate."""
    judgement = candidate.judgement
    return judgement is not None and judgement.verdict is Verdict.NEEDS_REVIEW and judgement.rule == AGREES
