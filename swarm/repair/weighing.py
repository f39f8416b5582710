"""Weighs edits with which all tests pass: which of them is the likeliest to be right, and how sure that is.

To how likely an edit was before it was tried comes what it answers to inputs that the tests use, and to inputs near them:

- agreement (`AGREED`): edits that answer alike count as one, and the more of them there are, the likelier that one is;
- loss (`LOST`): inputs that had an answer before, and now raise something;
- endlessness (`ENDLESS`): inputs near those of the tests with which it never ends;
- change (`CHANGED`): inputs that are answered otherwise than before. A small edit of a fault changes little beyond it;
- names that nobody reads any more (`IDLE`), or that somebody reads again.

What answers just as an edit that only takes something away (`TAKEN_AWAY`) does no more than that, however it is written: it is
no likelier than that edit, and that there are many ways to write it speaks for none of them.
"""

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from swarm.evidence.ground import Ground
from swarm.evidence.rooms import Room
from swarm.repair.edits import Edit
from swarm.repair.engine.observing import Observation, observe
from swarm.repair.engine.program import EngineFailed
from swarm.repair.idle import idle
from swarm.repair.knowledge import Knowledge
from swarm.repair.ranking import Ranked
from swarm.repair.source import Source

AGREED, LOST, CHANGED, ENDLESS, IDLE = 0.35, 2.0, 0.5, 2.0, 0.7
TAKEN_AWAY = ("always", "left-out")
"""Kinds of edits that switch a condition or a statement off."""
MARGIN = 1.2
"""Two edits that answer differently and whose weights are as close as this are not told apart: nobody should merge one unseen."""
MOST = 60
SECONDS = 30.0


@dataclass(frozen=True)
class Weighed:
    """An edit with its weight."""

    edit: Ranked
    weight: float
    observed: Observation | None = None
    rival: str = ""
    """An input that another edit, nearly as likely, answers otherwise, and both answers; or the other edit, if none can be asked
    of both. Empty: there is no such edit."""
    off: bool = False
    """Whether it does no more than to switch a condition or a statement off."""
    still: str = ""
    """An input near those of the tests for which it fails as the failing tests did, as it failed before. Empty: there is none."""


def weighed(
    ground: Ground, room: Room, sources: Mapping[str, bytes], knowledge: Knowledge, found: Sequence[Ranked]
) -> tuple[Weighed, ...]:
    """The edits, the likeliest first; of those that answer alike only the likeliest is as likely as all of them."""
    after, before, trouble = _observed(ground, room, sources, knowledge, found[:MOST])
    more = _more_idle(sources, found)
    weights = {one: _weight(one, after, before) - IDLE * more[one] for one in found}
    order = sorted(found, key=lambda one: -weights[one])
    bug = {ground.baseline.failing[test].message for test in ground.red}
    return tuple(
        Weighed(
            one,
            weights[one],
            after.get(one),
            _rival(one, order, weights, after, trouble),
            bool(_switching_off(one, after)),
            _still(one, after, before, bug),
        )
        for one in order
    )


def _observed(
    ground: Ground, room: Room, sources: Mapping[str, bytes], knowledge: Knowledge, found: Sequence[Ranked]
) -> tuple[dict[Ranked, Observation], dict[Ranked, Observation], str]:
    """What each answers, what was answered before, and why nothing is known, if anything went wrong."""
    if knowledge.survey is None:
        return {}, {}, ""
    read = {path: Source.read(path, sources[path]) for path in {one.path for one in found}}
    edits: dict[Edit, Ranked] = {one.of(read[one.path]): one for one in found}
    try:
        after, before = observe(room, ground.rooms.environment, sources, knowledge.survey, list(edits), seconds=SECONDS)
    except EngineFailed as failed:  # then what was known before has to do
        return {}, {}, f" ({failed.facts['reason']})"
    return {edits[edit]: seen for edit, seen in after.items()}, {edits[edit]: seen for edit, seen in before.items()}, ""


def _more_idle(sources: Mapping[str, bytes], found: Sequence[Ranked]) -> dict[Ranked, int]:
    """How many names more than before nobody reads with an edit."""
    read = {path: Source.read(path, sources[path]) for path in {one.path for one in found}}
    before = {path: idle(sources[path]) for path in read}
    return {one: idle(one.of(read[one.path]).new_source) - before[one.path] for one in found}


def _weight(one: Ranked, after: Mapping[Ranked, Observation], before: Mapping[Ranked, Observation]) -> float:
    if one not in after or not after[one].answers:
        return one.score
    answers, old = after[one].answers, before[one].answers
    twins = [other for other, seen in after.items() if seen.answers == answers]
    off = [two.score for two in _switching_off(one, after)]
    likely = min(one.score, max(off)) if off else one.score + AGREED * math.log(_odds(one, twins))
    count = len(answers)
    lost = sum(new.startswith("raises") and not _is_bad(was) for new, was in zip(answers, old, strict=False)) / count
    endless = any(new == "never ends" for new in answers) + sum(new == "never ends" for new in answers) / count
    changed = sum(new != was and not _is_bad(was) for new, was in zip(answers, old, strict=False)) / count
    return likely - LOST * lost - ENDLESS * endless - CHANGED * changed


def _switching_off(one: Ranked, after: Mapping[Ranked, Observation]) -> list[Ranked]:
    """The edits that only take something away, and that answer as this one does; it may be one of them."""
    if one not in after or not after[one].answers:
        return [one] if one.operator in TAKEN_AWAY else []
    mine = after[one]
    alike = [two for two, seen in after.items() if (seen.function, seen.answers) == (mine.function, mine.answers)]
    return [two for two in alike if two.operator in TAKEN_AWAY]


def _odds(one: Ranked, twins: Sequence[Ranked]) -> float:
    """How much likelier it is that one of these is right than that this one is; it is one of them."""
    return sum(math.exp(other.score - one.score) for other in twins)


def _is_bad(answer: str) -> bool:
    return answer.startswith("raises") or answer == "never ends"


def _rival(
    one: Ranked,
    order: Sequence[Ranked],
    weights: Mapping[Ranked, float],
    after: Mapping[Ranked, Observation],
    trouble: str,
) -> str:
    """The shortest input that tells this edit from another one which is nearly as likely."""
    mine = after.get(one)
    close = [other for other in order if other is not one and abs(weights[other] - weights[one]) <= MARGIN]
    if mine is None and close:  # as of what is not in the body of a function, its answers are not known
        return f"{close[0].operator} at {close[0].path}:{close[0].line}, whose answers cannot be compared with its own{trouble}"
    for other in close:
        theirs = after.get(other)
        if mine and theirs and theirs.asked == mine.asked and theirs.answers != mine.answers:
            asked = [at for at, answer in enumerate(mine.answers) if answer != theirs.answers[at]]
            at = min(asked, key=lambda at: (len(mine.asked[at]), at))
            answers = f"{_short(mine.answers[at])} with it, {_short(theirs.answers[at])} with another"
            return f"{mine.function}({mine.asked[at]}): {answers}"
    return ""


def _still(one: Ranked, after: Mapping[Ranked, Observation], before: Mapping[Ranked, Observation], bug: Collection[str]) -> str:
    """The shortest input for which the fault is as it was."""
    if one not in after:
        return ""
    mine, old = after[one], before[one]
    again = [at for at, said in enumerate(mine.complaints) if said in bug and said == old.complaints[at]]
    if not again:
        return ""
    at = min(again, key=lambda at: (len(mine.asked[at]), at))
    return f"{mine.function}({mine.asked[at]}): {_short(mine.complaints[at])}"


def _short(answer: str) -> str:
    return answer if len(answer) <= 60 else f"{answer[:59]}…"
