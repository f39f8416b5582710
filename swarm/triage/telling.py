"""A verdict in words: at most ten lines, the guilty hunk first."""

from collections.abc import Iterator, Sequence

from swarm.triage.hunks import Hunk
from swarm.triage.verdict import Blame, Outcome, Verdict

LINES = 10
CODE = 3
"""Lines of a guilty hunk that are shown, when there is room."""
WIDTH = 120


def text(verdict: Verdict) -> str:
    """The verdict on a few lines."""
    lines = [_headline(verdict)]
    notes = list(_notes(verdict))
    room = LINES - 1 - len(notes)
    for number, blame in enumerate(verdict.blames):
        later = len(verdict.blames) - number - 1
        if room < 2 + (later > 0):
            lines.append(f"  and {later + 1} more; --json tells all")
            break
        shown = list(_blame(blame, room - later * 2))
        lines += shown
        room -= len(shown)
    return "\n".join(line[:WIDTH].rstrip() for line in [*lines, *notes][:LINES])


def _headline(verdict: Verdict) -> str:
    tests = sum(len(blame.tests) for blame in verdict.blames)
    match verdict.outcome:
        case Outcome.GUILTY:
            count = len({hunk.number for blame in verdict.blames for one in blame.sets for hunk in one})
            whose = f"{count} of {verdict.hunks} hunks break{'s' if count == 1 else ''}"
            return f"guilty: {whose} {tests} test{'s' if tests > 1 else ''}, {verdict.name} ({verdict.seconds:.1f} s)"
        case Outcome.CLEAN:
            if not verdict.hunks:
                return f"clean: nothing to look at in {verdict.name}"
            ran = f"{verdict.ran} test{'s' if verdict.ran != 1 else ''} ran, {verdict.spared} do not reach it"
            return f"clean: {verdict.hunks} hunks, {verdict.name}; {ran} ({verdict.seconds:.1f} s)"
        case Outcome.INCONCLUSIVE:
            return f"inconclusive: {verdict.hunks} hunks, {verdict.name}; {verdict.ran} tests ran ({verdict.seconds:.1f} s)"


def _blame(blame: Blame, room: int) -> Iterator[str]:
    """Where the guilty hunks are, what breaks, and, while there is room, how they read."""
    places = [" with ".join(hunk.place for hunk in one) for one in blame.sets]
    told = " and, by itself, ".join(places)
    extent = "" if blame.minimal else " (there was no time to make it smaller)"
    rest = "" if blame.cured else " (something else keeps it from passing as well)"
    yield f"  {told}{extent} breaks {_tests(blame.tests)}{rest}"
    yield f"    {blame.fault.message or blame.fault.error}"
    yield from _code(blame, min(CODE, room - 2))


def _code(blame: Blame, room: int) -> Iterator[str]:
    """The lines of the guilty hunks; the suspicious ones, if there are more than fit."""
    lines = [line for one in blame.sets for hunk in one for line in _lines(hunk, blame.lines.get(hunk.path, ()))]
    for line in sorted(sorted(range(len(lines)), key=lambda at: (not lines[at][1], at))[: max(0, room)]):
        yield f"    {lines[line][0]}"


def _lines(hunk: Hunk, suspicious: Sequence[int]) -> Iterator[tuple[str, bool]]:
    for line in hunk.removed:
        yield f"-{line}", not hunk.added
    for number, line in enumerate(hunk.added, hunk.lines[0] if hunk.kind == "edit" else 1):
        yield f"+{line}", not suspicious or number in suspicious


def _tests(tests: Sequence[str]) -> str:
    shown = tests[0] or "the whole test session"
    return shown + (f" and {len(tests) - 1} more" if len(tests) > 1 else "")


def _notes(verdict: Verdict) -> Iterator[str]:
    """What does not blame the change, and what is not known."""
    groups = (
        ("failed before as well", verdict.before),
        ("failed, and there was no time to see why", verdict.undecided),
        ("varies on the same files", verdict.flaky),
        (f"not installed here ({', '.join(sorted(set(verdict.missing.values())))})", tuple(verdict.missing)),
    )
    for what, tests in groups:
        if tests:
            yield f"  {what}: {_tests(tests)}"
    if verdict.cut:
        when = f"while {verdict.running} ran" if verdict.running else "before all tests had run that reach the change"
        yield f"  time was up {when}: --time-box SECONDS or --full"
    if verdict.unrun:
        yield f"  not sure: {verdict.unrun} test files have never been run here and there was no time for them: --full"
    if verdict.sandbox == "none":
        yield "  NO SANDBOX: tests ran as you"
    yield from (f"  {remark}" for remark in verdict.remarks[:2])
