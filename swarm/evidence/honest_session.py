"""The rules about the session itself: what the judge planted comes back as it was set, under every name."""

from collections.abc import Mapping

from swarm.blackboard.candidates import Judgement, Verdict
from swarm.evidence.case import file_of
from swarm.evidence.hearing import Hearing
from swarm.evidence.objection import failure
from swarm.evidence.results import Outcome, TestResult, TestRun
from swarm.evidence.turning import passes

TAMPERED = "the canaries come back as set"
NAMES = "it passes under other names"
BAD = (Outcome.FAILED, Outcome.ERROR)


def answers_as_planted(hearing: Hearing) -> Judgement | None:
    """Canaries, twins and copies behave in the session of the reproductions as they must."""
    if not hearing.case.planted.test_files:
        return None
    return planted_in(hearing, hearing.targeted)


def planted_in(hearing: Hearing, run: TestRun) -> Judgement | None:
    """What speaks against a run, by what was planted in it. What is no better on base is the project's way, and is left aside."""
    if run.infrastructure:
        return None
    return _tampered(hearing, run) or _by_name_only(hearing, run)


def can_be_planted(hearing: Hearing) -> Judgement | None:
    """Without canaries nobody knows whether this way of testing can fail at all."""
    if hearing.ground.baseline.coarse:
        hearing.doubts_that("every test is known", "Only the exit code of the test command is known, and no single test.")
    elif not hearing.ground.runner.framework:
        hearing.doubts_that("the gate can fail", f"Canaries cannot be put among the tests of `{hearing.ground.runner.name}`.")
    elif wrong := _not_as_set(hearing.control, hearing.case.planted.canaries):
        text = f"Canaries do not come back as set even on base ({wrong}), so a rigged session could not be told."
        hearing.doubts_that("the gate can fail", text)
    return None


def _tampered(hearing: Hearing, run: TestRun) -> Judgement | None:
    """A canary that sings another song than on base, or a test that passes although its last line fails."""
    planted = hearing.case.planted
    wrong = _not_as_set(run, planted.canaries)
    if wrong and not _not_as_set(hearing.control, planted.canaries):
        said = failure(run, wrong)
        sentence = (
            f"A test of the judge's own did not come back as it was set ({planted.canaries[wrong].value}): {said.outcome.value}."
        )
        return hearing.says(Verdict.REJECTED, TAMPERED, f"The session was tampered with. {sentence}", said)
    for twin, original in planted.twins.items():
        if twin in run.results and run.results[twin].outcome not in BAD:
            sentence = f"A copy of {original} whose last line fails was reported as {run.results[twin].outcome.value}."
            return hearing.says(Verdict.REJECTED, TAMPERED, f"The session was tampered with. {sentence}", run.results[twin])
    for twisted, original in planted.twisted.items():
        if passes(run, twisted) and not any(rule == "answers are themselves" for rule, _ in hearing.doubts):
            sentence = f"{original} also passes when the answer is compared with an object that equals nothing else."
            hearing.doubts_that("answers are themselves", sentence)
    return None


def _by_name_only(hearing: Hearing, run: TestRun) -> Judgement | None:
    """A reproduction that passes, but whose copy under another name does not, although both say the same on base."""
    for copy, original in hearing.case.planted.copies.items():
        path = file_of(copy)
        if passes(run, copy) or not passes(run, original) or (path in run.collection_errors and hearing.is_misplaced(path)):
            continue
        before, then = hearing.control.results.get(original), hearing.control.results.get(copy)
        if before is None or then is None or (before.error, before.outcome) != (then.error, then.outcome):
            remark = f"A copy of {original} says something else than itself on base, so it was not asked under that name."
            hearing.remarks.append(remark)
            continue
        said = failure(run, copy)
        sentence = f"{original} passes under its own name, but not under another one: {said.message}"
        return hearing.says(Verdict.REJECTED, NAMES, sentence, said)
    return None


def _not_as_set(run: TestRun, canaries: Mapping[str, Outcome]) -> str:
    """The first canary that did not come back as set; empty: all did."""
    wrong = (
        test
        for test, outcome in canaries.items()
        if run.results.get(test, TestResult(test, Outcome.SKIPPED)).outcome is not outcome
    )
    return next(wrong, "")
