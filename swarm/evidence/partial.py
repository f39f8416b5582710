"""Candidates that fix a part of a bug, and which of them could fix more of it together."""

import json
from collections.abc import Sequence

from swarm.blackboard.candidates import Candidate, Verdict

GREEN = "the reproduction is green"
"""The rule that asks of a candidate whether the reproductions pass with it."""


def turned(candidate: Candidate) -> frozenset[str]:
    """The reproductions that pass with a candidate, by the record of its verdict."""
    record = json.loads(candidate.judgement.record) if candidate.judgement and candidate.judgement.record else {}
    return frozenset(record.get("turned", ()))


def is_partial(candidate: Candidate) -> bool:
    """Whether a candidate was rejected only since it does not turn all that it should."""
    judgement = candidate.judgement
    only_part = judgement is not None and judgement.verdict is Verdict.REJECTED and judgement.rule == GREEN
    return only_part and bool(turned(candidate))


def complements(newest: Candidate, others: Sequence[Candidate]) -> list[Candidate]:
    """Those that turn something which the newest does not, and the other way round."""
    if not is_partial(newest):
        return []
    own = turned(newest)
    rest = (one for one in others if one.number != newest.number and is_partial(one))
    return [one for one in rest if turned(one) - own and own - turned(one)]
