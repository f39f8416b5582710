"""The rules about files: tests import the candidate's, not a copy from elsewhere, and find their own as they were laid out."""

from collections.abc import Mapping

from swarm.blackboard.candidates import Judgement, Verdict
from swarm.evidence.hearing import Hearing

RULE = "the tests import the candidate's files"


def tests_its_own_files(hearing: Hearing) -> Judgement | None:
    """Every module of the project that a run of all tests loaded lies in the judged tree, where it lies on base."""
    if hearing.whole is None:
        return None
    here = set(hearing.ground.rooms.mirror.paths(hearing.case.judged)) | set(hearing.case.planted.files)
    before = hearing.ground.baseline.origins
    strange = _strange(hearing.whole.origins, here)
    for name, place in strange.items():
        if before.get(name) != place:
            sentence = f"The tests import `{name}` from {place}, which is not the candidate's file."
            return hearing.says(Verdict.REJECTED, RULE, sentence)
    if strange:
        name, place = next(iter(strange.items()))
        sentence = f"Even on base the tests import `{name}` from {place}, so they say nothing about the candidate's files."
        return hearing.says(Verdict.INCONCLUSIVE, RULE, sentence)
    return None


def leaves_files_alone(hearing: Hearing) -> Judgement | None:
    """No file of the judged tree is another one after the tests than before, unless base does that too: a test may read it."""
    for path in hearing.overwritten[:1]:
        sentence = f"{path} is changed while the tests run, and on base it is not: they may have read what the patch wrote."
        hearing.doubts_that("the tests find their files as they are", sentence)
    return None


def _strange(origins: Mapping[str, str], here: set[str]) -> dict[str, str]:
    """The modules that were not loaded from the tree."""
    return {name: place for name, place in origins.items() if place not in here}
