"""The ground of a run: base as its tests see it, and which of them show the bug of the issue."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import BinaryIO

from swarm.blackboard.candidates import Judgement
from swarm.blackboard.history import told
from swarm.blackboard.runs import Run
from swarm.blackboard.store import Store
from swarm.errors import NoVerifiedFix
from swarm.events import BaselineMeasured, ReproductionGiven, ReproductionsChosen, StageEntered
from swarm.evidence.baseline import NOT_REACHED, Baseline
from swarm.evidence.ground import Ground
from swarm.evidence.patch import is_test
from swarm.evidence.relevance import Chosen, choose_reproductions, known_failures
from swarm.evidence.results import Outcome
from swarm.evidence.testimony import Claim, claims
from swarm.evidence.verdict import judge
from swarm.evidence.written import TEST, TODAY, place, written
from swarm.issue import LARGEST, Issue
from swarm.parts import Parts
from swarm.survey import surveyed

HOW = "Name a failing test with --test, or give a file with one: --reproduction FILE."


@dataclass(frozen=True)
class Held:
    """A test file of swarm's own, which lies among the project's tests while they run and is never delivered."""

    path: str
    content: bytes


def survey(parts: Parts, run: Run, issue: Issue) -> Ground:
    """Bring base into the mirror, run its tests before anybody changes anything, and find those that show the bug."""
    given = given_with(parts.store, run.name)
    tree = parts.mirror.take(parts.repository, run.base)
    held = Held(place(parts.mirror.paths(tree)), parts.store.raw(given.digest)) if given.digest else None
    ground = measured(parts, run, run.base, held)
    text, chosen = f"{issue.title}\n\n{issue.body}", Chosen((), "")
    if given.tests or held is None:
        chosen = choose_reproductions(text, ground.baseline, given.tests, run=run.name)
    if held is not None:
        own = _of_file(ground.baseline, held, run, given.file)
        chosen = Chosen((*own, *chosen.tests), f"{given.file} was given with --reproduction")
    elif not chosen.decided and (spoken := _spoken(parts, run, ground, text)):
        held, why = spoken
        ground = measured(parts, run, run.base, held)
        chosen = Chosen(_of_file(ground.baseline, held, run, "the issue's own"), why)
    if not chosen.tests:
        raise NoVerifiedFix(sentence=_nothing_fails(ground.baseline, text), run=run.name)
    _tell(parts.store, run, ground.baseline, chosen, held)
    return replace(ground, reproductions=chosen.tests)


def measured(parts: Parts, run: Run, commit: str, held: Held | None) -> Ground:
    """A commit as its tests see it; what swarm holds is laid beside them."""
    beside = {held.path: held.content} if held else None
    ground = surveyed(parts, commit, lambda stage, text: parts.store.record(run.name, StageEntered(stage, text)), beside)
    failing, varying = tuple(ground.baseline.failing), ground.baseline.varying
    argv, passing, seconds = ground.baseline.argv, len(ground.baseline.passing), round(ground.baseline.seconds, 2)
    parts.store.record(run.name, BaselineMeasured(argv, passing, failing, varying, seconds))
    return ground


def given_reproduction(store: Store, tests: Sequence[str], file: BinaryIO | None) -> tuple[ReproductionGiven, ...]:
    """What the person says about how the bug shows, as the journal keeps it; nothing if nothing was given."""
    digest = store.put_raw(file.read(LARGEST)) if file else ""
    given = ReproductionGiven(tuple(tests), file.name if file else "", digest)
    return (given,) if tests or file else ()


def given_with(store: Store, run: str) -> ReproductionGiven:
    """What the person said, when the run began, about how the bug shows."""
    return next((event for event in told(store, run) if isinstance(event, ReproductionGiven)), ReproductionGiven(()))


def chosen_in(store: Store, run: str) -> ReproductionsChosen:
    """The reproductions of a run, as it last chose them."""
    found = [event for event in told(store, run) if isinstance(event, ReproductionsChosen)]
    return found[-1] if found else ReproductionsChosen((), "")


def held_in(store: Store, run: str) -> Held | None:
    """The test file of swarm's own in this run; None: it needs none."""
    chosen = chosen_in(store, run)
    return Held(chosen.file, store.raw(chosen.digest)) if chosen.digest else None


def judged(tree: str, ground: Ground, store: Store) -> Judgement:
    """What the judge says of a tree: the one place where it is asked."""
    return judge(tree, ground, ground.red, keep=store.put_raw)


def _of_file(baseline: Baseline, held: Held, run: Run, name: str) -> tuple[str, ...]:
    own = tuple(test for test in baseline.red if test.partition("::")[0] == held.path)
    if not own:
        uncollected = baseline.uncollected.get(held.path, "").strip().splitlines()
        why = f"cannot be collected: {uncollected[-1]}" if uncollected else "has no test that fails on base in every run"
        raise NoVerifiedFix(sentence=f"The reproduction {name} {why}.", run=run.name)
    return own


def _spoken(parts: Parts, run: Run, ground: Ground, text: str) -> tuple[Held, str] | None:
    """The first claim of the issue that fails on base as it should; None: there is none."""
    found = claims(text)
    if not found or ground.runner.framework != "pytest":
        return None
    if parts.backend.name == "none":
        parts.store.record(run.name, StageEntered("reproduction", "what the issue shows is not run, since there is no sandbox"))
        return None
    parts.store.record(run.name, StageEntered("reproduction", f"the issue says {len(found)} things that can be checked on base"))
    sources = parts.mirror.read_all(ground.tree, ".py")
    sources = {path: content for path, content in sources.items() if not is_test(path)}
    for claim in found:
        program = written(claim, sources)
        held = Held(place(parts.mirror.paths(ground.tree)), program.encode())
        if program and _fails_as_it_should(ground, held, claim, text):
            return Held(held.path, written(replace(claim, today=()), sources).encode()), claim.why
    return None


def _fails_as_it_should(ground: Ground, held: Held, claim: Claim, text: str) -> bool:
    """Whether the claim fails on base by its own assertion, or by an error that the issue tells of."""
    with ground.rooms.open(ground.rooms.mirror.put(ground.tree, {held.path: held.content})) as room:
        names = [f"{held.path}::{name}" for name in ((TEST, TODAY) if claim.today else (TEST,))]
        ran = ground.runner.run(room.sandbox, names, timeout=ground.baseline.patience)
    said, today = ran.results.get(names[0]), ran.results.get(names[-1])
    if said is None or today is None or said.outcome is not Outcome.FAILED or said.error in NOT_REACHED:
        return False
    if claim.today and today.outcome is not Outcome.PASSED:
        return False
    return said.error == "AssertionError" or (bool(said.error) and said.error in text)


def _nothing_fails(baseline: Baseline, text: str) -> str:
    count = len(baseline.passing)
    told_of = f"{count} tests pass on base and none fails for a reason of its own"
    shows = " The issue shows an error, but not what should come instead." if "Traceback (most recent" in text else ""
    return f"{told_of}, and the issue shows nothing that fails there, so there is nothing to prove a fix with.{shows} {HOW}"


def _tell(store: Store, run: Run, baseline: Baseline, chosen: Chosen, held: Held | None) -> None:
    path, digest = (held.path, store.put_raw(held.content)) if held else ("", "")
    known = known_failures(baseline, chosen.tests)
    store.record(run.name, ReproductionsChosen(tuple(chosen.tests), chosen.why, known, path, digest))
