"""Which of several candidates is the outcome of a run."""

from collections.abc import Sequence

from swarm.blackboard.candidates import Candidate, Verdict


def best(candidates: Sequence[Candidate]) -> Candidate | None:
    """The verified candidate with the smallest diff, the oldest of several. None: nothing is verified, and swarm abstains."""
    verified = [c for c in candidates if c.judgement is not None and c.judgement.verdict is Verdict.VERIFIED]
    return min(verified, key=lambda c: (c.added + c.removed, c.number), default=None)
