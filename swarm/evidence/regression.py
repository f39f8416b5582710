"""The rules about what a patch breaks: what passed on base passes, and flaky is told from broken."""

from collections.abc import Sequence

from swarm.blackboard.candidates import Judgement
from swarm.evidence.hearing import Hearing
from swarm.evidence.honest_session import planted_in
from swarm.evidence.objection import objection
from swarm.evidence.partial import GREEN
from swarm.evidence.results import TestRun
from swarm.evidence.turning import passes

BROKEN = "nothing else is broken"
AGAIN = 5
"""How many failing tests are run again by themselves: one that lasts is enough."""


def breaks_nothing_near(hearing: Hearing) -> Judgement | None:
    """In a long suite, the tests that reach the changed files come first: they are the likeliest to say no, and soon."""
    if not hearing.long:
        return None
    near = hearing.near
    if not near or len(near) > len(hearing.ground.baseline.tests) // 2:
        return None
    run = hearing.targeted if hearing.few_are_near else hearing.some(near)
    return _broken_for_sure(hearing, run, near)


def breaks_nothing(hearing: Hearing) -> Judgement | None:
    """Every test that passed on base passes, in two runs that hash differently; a third decides where they disagree."""
    first = hearing.all_tests(1)
    outdated = set(hearing.outdated(first))
    wanted = (*(test for test in hearing.case.expected if test not in outdated), *hearing.case.questions)
    if judgement := _whole(hearing, first) or _broken_for_sure(hearing, first, wanted, quick=True):
        return judgement
    if hearing.ground.baseline.caveat:
        return objection(hearing, first, _of_the_patch(hearing, _lasting(hearing, [first], wanted)), BROKEN)
    second = hearing.all_tests_again()
    if judgement := _whole(hearing, second):
        return judgement
    runs = [first, second]
    if {test for test in wanted if not passes(first, test)} ^ {test for test in wanted if not passes(second, test)}:
        runs.append(hearing.all_tests(3))
        if judgement := _whole(hearing, runs[-1]):
            return judgement
    broken = _of_the_patch(hearing, _lasting(hearing, runs, wanted))
    worst = next((run for run in runs if any(not passes(run, test) for test in broken)), second)
    return objection(hearing, worst, broken, BROKEN) if broken else _left_over(hearing, runs)


def _whole(hearing: Hearing, run: TestRun) -> Judgement | None:
    """What a single run of all tests decides by itself: the reproductions pass in each, and the session is honest."""
    if run.infrastructure:
        return objection(hearing, run, (), BROKEN)
    failed = [test for test in hearing.case.questions if test in run.results and not passes(run, test)]
    return objection(hearing, run, failed, GREEN) if failed else planted_in(hearing, run)


def _broken_for_sure(hearing: Hearing, run: TestRun, wanted: Sequence[str], *, quick: bool = False) -> Judgement | None:
    """Tests that fail, fail again when they are run by themselves, and pass on base when they are run so."""
    failed = [test for test in wanted if test in run.results and not passes(run, test)][:AGAIN]
    if not failed or run.infrastructure or (quick and not hearing.long and not run.hung):
        return None
    again, control = hearing.beside_base(failed)
    sure = [test for test in failed if not passes(again, test) and passes(control, test)]
    if again.infrastructure:
        return None
    return objection(hearing, again, sure, BROKEN) if sure else None


def _lasting(hearing: Hearing, runs: Sequence[TestRun], wanted: Sequence[str]) -> list[str]:
    """The tests that count as broken: a reproduction that ever failed, any other test if it failed in most of the runs."""
    questions = set(hearing.case.questions)
    failures = {test: sum(not passes(run, test) for run in runs) for test in wanted}
    return [test for test, count in failures.items() if count and (test in questions or 2 * count > len(runs))]


def _of_the_patch(hearing: Hearing, broken: list[str]) -> list[str]:
    """Of the tests that count as broken, those that base still passes: the day may have come on which one fails everywhere."""
    if not broken:
        return []
    base, questions = hearing.base_again, set(hearing.case.questions)
    if base.infrastructure:
        return broken
    spoilt = [test for test in broken if test not in questions and not passes(base, test)]
    hearing.remarks.extend(f"{test} passed on base when that was measured, and fails there now as well." for test in spoilt)
    return [test for test in broken if test not in spoilt]


def _left_over(hearing: Hearing, runs: Sequence[TestRun]) -> Judgement | None:
    """What is wrong with all the runs beside the tests: files that are not collected, an end that came too early."""
    judgements = [objection(hearing, run, (), BROKEN) for run in runs]
    return judgements[-1] if all(judgements) else None
