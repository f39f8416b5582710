"""The rule about what old tests expect: a patch that needs one of them changed is for a person to look at."""

from collections.abc import Sequence

from swarm.blackboard.candidates import Judgement
from swarm.evidence.changes import Kind
from swarm.evidence.hearing import Hearing
from swarm.evidence.objection import objection
from swarm.evidence.regression import BROKEN
from swarm.evidence.results import TestRun
from swarm.evidence.turning import passes

RULE = "every old expectation stands"


def keeps_expectations(hearing: Hearing) -> Judgement | None:
    """A test that passed on base and fails with the source is broken, unless the patch tells it anew and then keeps its word."""
    if hearing.whole is None:
        return None
    whole = hearing.whole
    fallen = [test for test in (*hearing.case.retold, *hearing.outdated(whole)) if not passes(whole, test)]
    if not fallen:
        return None
    told = _as_told(hearing, fallen)
    if lost := [test for test in fallen if not _stands(hearing, told, test)]:
        return objection(hearing, whole, lost, BROKEN)
    message = whole.results[fallen[0]].message if fallen[0] in whole.results else "it cannot be found any more"
    more = f" (and {len(fallen) - 1} more)" if len(fallen) > 1 else ""
    sentence = f"{fallen[0]} passed on base and fails with this source{more}: {message}. The patch tells it anew."
    hearing.doubts_that(RULE, sentence)
    return None


def _as_told(hearing: Hearing, tests: Sequence[str]) -> TestRun | None:
    """The files of these tests as the patch has them, on the patch as it is; None: they are all gone."""
    there = set(hearing.ground.rooms.mirror.paths(hearing.case.patch.tree))
    files = dict.fromkeys(test.partition("::")[0] for test in tests)
    left = [path for path in files if path in there]
    return hearing.on(hearing.case.patch.tree, left) if left else None


def _stands(hearing: Hearing, told: TestRun | None, test: str) -> bool:
    """Whether the patch's own version of a test passes; where it took the test away, whether it put another in its place."""
    if told is None:
        return False
    plain = test.partition("[")[0]
    versions = [other for other in told.results if other.partition("[")[0] == plain]
    path = test.partition("::")[0]
    added = (change.test for change in hearing.case.honesty.of(Kind.ADDED) if change.path == path)
    wanted = versions or [other for new in added for other in told.results if other.partition("[")[0] == new]
    return bool(wanted) and all(passes(told, one) for one in wanted)
