"""Which of several candidates is the outcome of a run."""

from collections.abc import Mapping, Sequence

from swarm.blackboard.candidates import Candidate, Verdict


def best(candidates: Sequence[Candidate], priorities: Mapping[int, int]) -> Candidate | None:
    """The verified candidate with the smallest diff; of several, that of the likelier kind of edit, as its task's priority says.

    None: nothing is verified, and swarm abstains.
    """
    verified = [c for c in candidates if c.judgement is not None and c.judgement.verdict is Verdict.VERIFIED]
    return min(verified, key=lambda c: (c.added + c.removed, -priorities[c.task], c.number), default=None)
