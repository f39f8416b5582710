"""The rules about what a person has to see before a patch lands, however well it passes."""

from swarm.blackboard.candidates import Judgement, Verdict
from swarm.evidence.hearing import Hearing

SHOWN = 3


def looks_honest(hearing: Hearing) -> Judgement | None:
    """What in the source part looks at the tests or at the process they share is noted, with line and reason."""
    for suspicion in hearing.case.suspicions:
        hearing.doubts_that("the source looks at nothing but its business", suspicion.sentence)
    return None


def needs_nobody(hearing: Hearing) -> Judgement | None:
    """What decides how things run, what changes the tests of base, and whatever else was doubted, is for a person to look at."""
    patch = hearing.case.patch
    if patch.sensitive:
        text = f"it also touches {', '.join(patch.sensitive[:SHOWN])}, which decides how things are built or run."
        hearing.doubts.insert(0, ("no sensitive file is touched", text))
    if bent := hearing.case.honesty.suspicious:
        hearing.doubts.insert(0, ("no test is bent", "; ".join(change.sentence for change in bent[:SHOWN])))
    if not hearing.doubts:
        return None
    rule, reason = hearing.doubts[0]
    more = f" ({len(hearing.doubts) - 1} more)" if len(hearing.doubts) > 1 else ""
    return hearing.says(Verdict.NEEDS_REVIEW, rule, f"It passes the tests of base, but a person has to look: {reason}{more}")


def fixes_something(hearing: Hearing) -> Judgement | None:
    """Without a reproduction nobody can tell whether anything was fixed."""
    if hearing.case.questions or hearing.case.held:
        return None
    return hearing.says(
        Verdict.NO_REGRESSION, "there is a reproduction", "Nothing broke, but no failing test tells what it fixes."
    )
