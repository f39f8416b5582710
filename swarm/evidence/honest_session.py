"""The rules about the session itself: what the judge planted comes back as it was set, under every name."""

from collections.abc import Mapping

from swarm.blackboard.candidates import Judgement, Verdict
from swarm.evidence.case import file_of
from swarm.evidence.hearing import Hearing
from swarm.evidence.objection import failure
from swarm.evidence.results import Outcome, TestResult, TestRun
from swarm.evidence.strictness import NEARLY, made_blind
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
    _too_easily(hearing, run)
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
    return None


def _too_easily(hearing: Hearing, run: TestRun) -> None:
    """Doubt a test that passes whatever it is compared with, or that passes though something in it fails."""
    planted = hearing.case.planted
    doubts: dict[str, str] = {}
    for inner, original in planted.inner.items():
        if inner in run.results and run.results[inner].outcome not in BAD and passes(run, original):
            sentence = f"A copy of {original} passes though it fails inside one of its blocks: what it runs in hides that."
            doubts.setdefault("every assertion is heard", sentence)
    for twisted, original in planted.twisted.items():
        if passes(run, twisted):
            sentence = f"{original} also passes when the answer is compared with an object that equals nothing else."
            doubts.setdefault("answers are themselves", sentence)
    for strict, original in planted.strict.items():
        said = failure(run, strict).message if passes(run, original) else ""
        if NEARLY in said:
            doubts.setdefault("answers are themselves", f"{original} passes, but {NEARLY} as what it should be.")
        elif made_blind(said) and (lost := made_blind(said) - made_blind(failure(hearing.control, strict).message)):
            sentence = f"{original} compares with {', '.join(sorted(lost))}, which makes no difference any more; on base it did."
            doubts.setdefault("what made a difference still makes one", sentence)
    known = {rule for rule, _ in hearing.doubts}
    for rule, sentence in doubts.items():
        if rule not in known:
            hearing.doubts_that(rule, sentence)


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
