"""The rules about what a patch fixes: red on base, green with its source, and red again without it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from swarm.blackboard.candidates import Judgement, Verdict
from swarm.evidence.hearing import Hearing
from swarm.evidence.objection import failure, objection
from swarm.evidence.partial import GREEN
from swarm.evidence.results import Outcome, TestRun
from swarm.evidence.runners.plain import AGAIN


def changes_source(hearing: Hearing) -> Judgement | None:
    """What is judged is the source; tests alone fix nothing."""
    patch, rule = hearing.case.patch, "it changes source"
    if patch.empty:
        return hearing.says(Verdict.REJECTED, rule, "The candidate changes nothing.")
    if not patch.source:
        touched = ", ".join((*patch.tests, *patch.sensitive)[:3])
        return hearing.says(Verdict.REJECTED, rule, f"The candidate changes no source, only tests and settings: {touched}.")
    return None


def starts_red(hearing: Hearing) -> Judgement | None:
    """A reproduction fails on base, in every run, by itself; otherwise its passing later would prove nothing."""
    red = hearing.ground.baseline.red
    if wrong := [test for test in hearing.case.reproductions if test not in red]:
        sentence = f"{wrong[0]} does not fail on base for the right reason in every run, so it proves nothing."
        return hearing.says(Verdict.INCONCLUSIVE, "the reproduction is red on base", sentence)
    return None


def turns_green(hearing: Hearing) -> Judgement | None:
    """The reproductions pass on base with the source part of the patch; which of them do is kept: others may do the rest."""
    questions = hearing.case.questions
    if not questions:
        return None
    green = [test for test in questions if passes(hearing.targeted, test)]
    hearing.turned = tuple(_told(hearing, test) for test in green)
    judgement = objection(hearing, hearing.targeted, questions, GREEN)
    if judgement is None or judgement.rule != GREEN or not green:
        return judgement
    part = f"It fixes a part, {len(green)} of {len(questions)} tests that show the bug, but not all: {judgement.reason}"
    return replace(judgement, reason=part)


def _told(hearing: Hearing, test: str) -> str:
    """A reproduction by a name that is the same in every hearing: a held one is planted under another name each time."""
    name = hearing.case.planted.held.get(test)
    return f"{name}::{test.partition('::')[2]}" if name else test


def passes_alone(hearing: Hearing) -> Judgement | None:
    """A reproduction that needs no test runner passes without one as well: there is nothing by which code could tell."""
    rule = "it passes without a test runner"
    for path, names in hearing.case.planted.alone.items():
        run = hearing.alone(path, tuple(names))
        wanted = [f"{path}::{name}" for name in names] or [path]
        bad = [test for test in wanted if not passes(run, test)]
        if not bad:
            _goes_on(hearing, run, path, names)
            continue
        if names and not _fails_alike(hearing, path, tuple(names)):
            hearing.remarks.append(f"Outside the test runner {_original(names, bad[0])} says something else on base as well.")
            continue
        if run.infrastructure:
            return hearing.says(Verdict.INCONCLUSIVE, "the run came to its end", f"Several times, {run.why_incomplete}.")
        said = failure(run, bad[0])
        what = _original(names, bad[0]) if names else f"the script {_script(hearing, path)}"
        how = "passes in the test runner, but called by itself it fails" if names else "fails"
        return hearing.says(Verdict.REJECTED, rule if names else GREEN, f"{what} {how}: {said.message}", said)
    return None


def _goes_on(hearing: Hearing, run: TestRun, path: str, names: Mapping[str, str]) -> None:
    """What passes is called again and again: a fix does not wear out."""
    for name in names:
        again = f"{path}::{name}{AGAIN}"
        if not passes(run, again):
            sentence = f"{names[name]} passes, but called again and again it fails at last: {failure(run, again).message}"
            hearing.doubts_that("it goes on passing", sentence)


def fails_without_it(hearing: Hearing) -> Judgement | None:
    """The negative control: in the same kind of session, with the source part taken out, the reproductions fail again."""
    if not hearing.case.questions:
        return None
    rule = "it fails again without the patch"
    if judgement := _still_red(hearing, hearing.control, rule, "base"):
        return judgement
    patch = hearing.case.patch
    added = [path for path in patch.tests if path not in patch.bent]
    if added:
        tree = hearing.ground.rooms.mirror.with_paths(patch.base, patch.tree, added)
        run = hearing.on(tree, hearing.asked)
        return _still_red(hearing, run, rule, "base with the patch's new tests")
    return None


def _still_red(hearing: Hearing, run: TestRun, rule: str, where: str) -> Judgement | None:
    if run.infrastructure:
        return hearing.says(Verdict.INCONCLUSIVE, "the run came to its end", f"Several times, {run.why_incomplete}.")
    for test in hearing.case.questions:
        if passes(run, test):
            return hearing.says(Verdict.INCONCLUSIVE, rule, f"{test} passes on {where}, so its passing says nothing.")
    return None


def passes(run: TestRun, test: str) -> bool:
    """Whether a test passed in a run."""
    return test in run.results and run.results[test].outcome is Outcome.PASSED


def _fails_alike(hearing: Hearing, path: str, names: Sequence[str]) -> bool:
    """Whether on base, called by themselves, the functions fail as they do in the runner: then they ask the same."""
    run = hearing.alone(path, names, on_base=True)
    originals = hearing.case.planted.alone[path]
    for name in names:
        said, original = run.results.get(f"{path}::{name}"), hearing.control.results.get(originals[name])
        if said is None or original is None or said.error != original.error:
            return False
    return True


def _original(names: object, test: str) -> str:
    assert hasattr(names, "__getitem__")
    return str(names[test.partition("::")[2]])


def _script(hearing: Hearing, path: str) -> str:
    content = hearing.case.planted.files[path]
    return next((one.reproduction.name for one in hearing.case.held if one.reproduction.content == content), path)
