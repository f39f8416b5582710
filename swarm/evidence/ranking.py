"""Which of several candidates is the outcome of a run: evidence first, then what looks safe, then what is small and likely."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from swarm.blackboard.candidates import Candidate, Verdict
from swarm.evidence.partial import turned

ATTEMPTS = (Verdict.NEEDS_REVIEW, Verdict.NO_REGRESSION, Verdict.INCONCLUSIVE, Verdict.REJECTED)
"""How good an attempt is that is not verified, the best first."""


@dataclass(frozen=True, kw_only=True)
class Contender:
    """A verified candidate, and what speaks for it beside its verdict."""

    candidate: Candidate
    asked: int
    """How many reproductions it passed, those of other agents among them."""
    risks: tuple[str, ...]
    """What about it looks as if it fitted the tests more than the issue."""
    likely: int
    """The priority of the task that it is from: how often this kind of edit is right."""

    liked: bool = False
    """Whether a critic likes it best."""

    @property
    def size(self) -> int:
        """Lines that it changes."""
        return self.candidate.added + self.candidate.removed

    @property
    def rank(self) -> tuple[int, int, int, int, bool, int]:
        """The lowest is the best."""
        return (-self.asked, len(self.risks), self.size, -self.likely, not self.liked, self.candidate.number)


REASONS = (
    "it passes the most reproductions",
    "it looks the safest",
    "it is the smallest",
    "it is of the likeliest kind",
    "nothing but a critic's opinion tells it from the next",
    "it was there first",
)
"""What a place in the rank says for the one that is lower there."""


def verified(candidates: Sequence[Candidate]) -> list[Candidate]:
    """Those that qualify."""
    return [one for one in candidates if one.judgement is not None and one.judgement.verdict is Verdict.VERIFIED]


def contender(candidate: Candidate, risks: Sequence[str], priorities: Mapping[int, int], liked: int = 0) -> Contender:
    """A verified candidate with all that decides about it; a critic likes the candidate of this number best."""
    return Contender(
        candidate=candidate,
        asked=_asked(candidate),
        risks=tuple(risks),
        likely=priorities[candidate.task],
        liked=candidate.number == liked,
    )


def best(contenders: Sequence[Contender]) -> tuple[Contender, str]:
    """The best of them, at least one, and the first thing that sets it apart from the next."""
    first, *others = sorted(contenders, key=lambda one: one.rank)
    if not others:
        return first, "it is the only verified candidate"
    apart = next(place for place in range(len(REASONS)) if first.rank[place] != others[0].rank[place])
    return first, f"of {len(contenders)} verified candidates, {REASONS[apart]}"


def best_attempt(candidates: Sequence[Candidate]) -> Candidate | None:
    """Of what is not verified, what comes nearest; None: nothing was judged."""
    judged = [one for one in candidates if one.judgement is not None and one.judgement.verdict in ATTEMPTS]
    return min(judged, key=_attempt, default=None)


def _attempt(candidate: Candidate) -> tuple[int, int, int, int, int]:
    judgement = candidate.judgement
    assert judgement is not None
    turns = len(turned(candidate))
    return ATTEMPTS.index(judgement.verdict), -turns, judgement.failed, -judgement.passed, candidate.number


def _asked(candidate: Candidate) -> int:
    judgement = candidate.judgement
    record = json.loads(judgement.record) if judgement and judgement.record else {}
    return len(record.get("reproductions", ())) + len(record.get("held", ()))
