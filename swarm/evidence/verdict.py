"""The judge: whether a patch fixes what it claims, without believing its author, the exit code, or the tests it touched."""

from collections.abc import Callable, Sequence

from swarm.blackboard.candidates import Judgement, Verdict
from swarm.evidence.ground import Ground
from swarm.evidence.hearing import Hearing
from swarm.evidence.patch import source_only, split
from swarm.evidence.results import Outcome, TestResult, TestRun

Rule = Callable[[Hearing], Judgement | None]
"""A rule decides, or has nothing to say (None) and leaves it to the next."""


def judge(tree: str, ground: Ground, reproductions: Sequence[str], *, keep: Callable[[bytes], str]) -> Judgement:
    """Judge a candidate's tree by tests that fail on base; `keep` stores raw output and gives its digest."""
    mirror = ground.rooms.mirror
    patch = split(mirror, ground.tree, tree, ground.baseline.tests)
    hearing = Hearing(ground, patch, source_only(mirror, patch), reproductions)
    for rule in (changes_source, starts_red, turns_green, breaks_nothing, needs_nobody, fixes_something):
        if judgement := rule(hearing):
            return hearing.kept(judgement, keep)
    sentence = f"{_count(hearing.reproductions, 'test')} failed on base and passed with it, and nothing that passed was broken."
    return hearing.kept(hearing.says(Verdict.VERIFIED, "red, green, nothing broken", sentence), keep)


def changes_source(hearing: Hearing) -> Judgement | None:
    """What is judged is the source; tests alone fix nothing."""
    patch, rule = hearing.patch, "it changes source"
    if patch.empty:
        return hearing.says(Verdict.REJECTED, rule, "The candidate changes nothing.")
    if not patch.source:
        touched = ", ".join((*patch.tests, *patch.sensitive)[:3])
        return hearing.says(Verdict.REJECTED, rule, f"The candidate changes no source, only tests and settings: {touched}.")
    return None


def starts_red(hearing: Hearing) -> Judgement | None:
    """A reproduction fails on base, in every run, by itself; otherwise its passing later would prove nothing."""
    red = hearing.ground.baseline.red
    if wrong := [test for test in hearing.reproductions if test not in red]:
        sentence = f"{wrong[0]} does not fail on base for the right reason in every run, so it proves nothing."
        return hearing.says(Verdict.INCONCLUSIVE, "the reproduction is red on base", sentence)
    return None


def turns_green(hearing: Hearing) -> Judgement | None:
    """The reproductions pass on base with the source part of the patch."""
    if not hearing.reproductions:
        return None
    return _objection(hearing, hearing.run(hearing.reproductions), hearing.reproductions, "the reproduction is green")


def breaks_nothing(hearing: Hearing) -> Judgement | None:
    """Every test that passed on base passes, and so do the reproductions; what fails gets a second chance in another sandbox."""
    wanted = (*hearing.ground.baseline.passing, *hearing.reproductions)
    rule = "nothing else is broken"
    first = hearing.run()
    objection = _objection(hearing, first, wanted, rule)
    if objection is None or objection.verdict is Verdict.INCONCLUSIVE:
        return objection
    second = hearing.run()
    still = [test for test in wanted if test in hearing.reproductions or not _passed(first, test)]
    return _objection(hearing, second, still, rule)


def needs_nobody(hearing: Hearing) -> Judgement | None:
    """What decides how things are built, tested and run, and what changes the tests of base, is for a person to look at."""
    patch = hearing.patch
    if patch.sensitive:
        sentence = f"It passes, but it also touches {', '.join(patch.sensitive[:3])}, which decides how things are built or run."
        return hearing.says(Verdict.NEEDS_REVIEW, "no sensitive file is touched", sentence)
    if patch.bent:
        sentence = f"It passes the tests of base, but it also changes or deletes tests of base: {', '.join(patch.bent[:3])}."
        return hearing.says(Verdict.NEEDS_REVIEW, "no test is bent", sentence)
    return None


def fixes_something(hearing: Hearing) -> Judgement | None:
    """Without a reproduction nobody can tell whether anything was fixed."""
    if hearing.reproductions:
        return None
    return hearing.says(
        Verdict.NO_REGRESSION, "there is a reproduction", "Nothing broke, but no failing test tells what it fixes."
    )


def _objection(hearing: Hearing, run: TestRun, wanted: Sequence[str], rule: str) -> Judgement | None:
    """Why this run does not show that all wanted tests pass."""
    if run.infrastructure:
        return hearing.says(Verdict.INCONCLUSIVE, "the run came to its end", f"Twice, {run.why_incomplete}.")
    for test in wanted:
        if not _passed(run, test) and test in run.results:
            result = run.results[test]
            return hearing.says(Verdict.REJECTED, rule, f"{test} {result.outcome.value}: {result.message}", result)
    if objection := _uncollected(hearing, run):
        return objection
    if not run.complete:
        return hearing.says(Verdict.REJECTED, "the run is complete", f"The run proves nothing: {run.why_incomplete}.")
    if missing := [test for test in wanted if test not in run.results]:
        lost = TestResult(missing[0], Outcome.ERROR)
        return hearing.says(
            Verdict.REJECTED, "no test is missing", f"{missing[0]} was there on base and is not found any more.", lost
        )
    return None


def _uncollected(hearing: Hearing, run: TestRun) -> Judgement | None:
    """Files whose tests were found on base and are not found any more."""
    for where, text in run.collection_errors.items():
        if where not in hearing.ground.baseline.uncollected:
            lost = TestResult(where, Outcome.ERROR, text=text)
            return hearing.says(
                Verdict.REJECTED, "every test is collected", f"The tests in {where} cannot be collected any more.", lost
            )
    return None


def _passed(run: TestRun, test: str) -> bool:
    return test in run.results and run.results[test].outcome is Outcome.PASSED


def _count(things: Sequence[object], noun: str) -> str:
    return f"{len(things)} {noun}{'' if len(things) == 1 else 's'}"
