"""Why a run does not show that the tests that should pass do."""

from collections.abc import Sequence

from swarm.blackboard.candidates import Judgement, Verdict
from swarm.evidence.hearing import Hearing
from swarm.evidence.results import Outcome, TestResult, TestRun


def objection(hearing: Hearing, run: TestRun, wanted: Sequence[str], rule: str) -> Judgement | None:
    """Why this run does not show that all wanted tests pass; None: it does."""
    if run.infrastructure:
        return unfinished(hearing, run)
    for test in wanted:
        if test in run.results and run.results[test].outcome is not Outcome.PASSED:
            result = run.results[test]
            return hearing.says(Verdict.REJECTED, rule, f"{test} {result.outcome.value}: {result.message}", result)
    if judgement := _uncollected(hearing, run):
        return judgement
    if run.hung:
        result = run.results[run.hung]
        return hearing.says(Verdict.REJECTED, "every test comes to its end", f"{run.hung}: {result.message}", result)
    if not run.complete:
        return hearing.says(Verdict.REJECTED, "the run is complete", f"The run proves nothing: {run.why_incomplete}.")
    if missing := [test for test in wanted if test not in run.results]:
        lost = TestResult(missing[0], Outcome.ERROR)
        return hearing.says(
            Verdict.REJECTED, "no test is missing", f"{missing[0]} was there on base and is not found any more.", lost
        )
    return None


def unfinished(hearing: Hearing, run: TestRun) -> Judgement:
    """The verdict when a run was ended from outside: time that base does not need is the patch's fault, all else is nobody's."""
    if run.timed_out:
        sentence = (
            f"It does not come to its end: twice, {run.why_incomplete}, and base takes {hearing.ground.baseline.seconds:.1f} s."
        )
        return hearing.says(Verdict.REJECTED, "the run comes to its end", sentence)
    return hearing.says(Verdict.INCONCLUSIVE, "the run came to its end", f"Three times, {run.why_incomplete}.")


def failure(run: TestRun, test: str) -> TestResult:
    """What a run says of a test that did not pass in it."""
    reason = run.why_incomplete or next(iter(run.collection_errors.values()), "") or "it is not there any more"
    return run.results.get(test) or TestResult(test, Outcome.ERROR, message=" ".join(reason.split())[-300:])


def _uncollected(hearing: Hearing, run: TestRun) -> Judgement | None:
    """Files whose tests were found on base and are not found any more."""
    for where, text in run.collection_errors.items():
        if where in hearing.ground.baseline.uncollected or where in hearing.case.rewritten or hearing.is_misplaced(where):
            continue
        lost = TestResult(where, Outcome.ERROR, text=text)
        return hearing.says(
            Verdict.REJECTED, "every test is collected", f"The tests in {where} cannot be collected any more.", lost
        )
    return None
