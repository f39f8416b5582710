"""How a run finds out by what the bug of its issue shows: a test of base, a file of the person's, or the issue's own words."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

from swarm.blackboard.history import told
from swarm.blackboard.runs import Run
from swarm.blackboard.store import Store
from swarm.errors import NoVerifiedFix
from swarm.events import BaselineMeasured, ReproductionGiven, ReproductionsChosen, StageEntered
from swarm.evidence.baseline import Baseline
from swarm.evidence.footing import Footing, stand
from swarm.evidence.ground import Ground
from swarm.evidence.relevance import Chosen, choose_reproductions, known_failures
from swarm.evidence.reproduction import Admitted, Reproduction, admit
from swarm.evidence.scripts import as_test
from swarm.evidence.written import place
from swarm.issue import LARGEST, Issue
from swarm.parts import Parts
from swarm.spoken import spoken
from swarm.survey import surveyed

HOW = "Name a failing test with --test, or give a file with one: --reproduction FILE."


def survey(parts: Parts, run: Run, issue: Issue) -> Footing:
    """Bring base into the mirror, run its tests before anybody changes anything, and find what shows the bug."""
    given, text = given_with(parts.store, run.name), f"{issue.title}\n\n{issue.body}"
    ground, held, chosen = measured(parts, run, run.base), None, Chosen((), "")
    if given.tests or not given.digest:
        chosen = choose_reproductions(text, ground.baseline, given.tests, run=run.name)
    if given.digest:
        held = admitted(ground, given.file, parts.store.raw(given.digest), text)
        chosen = Chosen(chosen.tests, f"{given.file} was given with --reproduction")
    elif not chosen.decided and (found := _spoken(parts, run, ground, text)):
        held, chosen = found[0], Chosen((), found[1])
    if held is None and not chosen.tests:
        raise NoVerifiedFix(sentence=_nothing_fails(ground.baseline, text), run=run.name)
    footing = standing(parts, replace(ground, reproductions=chosen.tests), held)
    _tell(parts.store, run, footing, chosen.why)
    return footing


def measured(parts: Parts, run: Run, commit: str) -> Ground:
    """A commit as its tests see it."""
    ground = surveyed(parts, commit, lambda stage, text: parts.store.record(run.name, StageEntered(stage, text)))
    failing, varying = tuple(ground.baseline.failing), ground.baseline.varying
    argv, passing, seconds = ground.baseline.argv, len(ground.baseline.passing), round(ground.baseline.seconds, 2)
    parts.store.record(run.name, BaselineMeasured(argv, passing, failing, varying, seconds))
    return ground


def standing(parts: Parts, ground: Ground, held: Admitted | None) -> Footing:
    """On this ground, with what the judge holds laid where agents find it."""
    return stand(ground, held, place(parts.mirror.paths(ground.tree), ground.rooms.environment.folder) if held else "")


def admitted(ground: Ground, name: str, content: bytes, text: str) -> Admitted:
    """What the person gave, after it has failed on base for the right reason."""
    return admit(as_test(Reproduction(name=name, content=content, author="you")), ground, text)


def given_reproduction(store: Store, tests: Sequence[str], file: BinaryIO | None, top: Path) -> tuple[ReproductionGiven, ...]:
    """What the person says about how the bug shows, as the journal keeps it; nothing if nothing was given."""
    digest = store.put_raw(file.read(LARGEST)) if file else ""
    given = ReproductionGiven(tuple(tests), called(file.name, top) if file else "", digest)
    return (given,) if tests or file else ()


def called(name: str, top: Path) -> str:
    """A file of the person by its place in the repository, where it belongs; one from elsewhere by its name."""
    place, top = Path(name).resolve(), top.resolve()
    return place.relative_to(top).as_posix() if place.is_relative_to(top) else place.name


def given_with(store: Store, run: str) -> ReproductionGiven:
    """What the person said, when the run began, about how the bug shows."""
    return next((event for event in told(store, run) if isinstance(event, ReproductionGiven)), ReproductionGiven(()))


def chosen_in(store: Store, run: str) -> ReproductionsChosen:
    """The reproductions of a run, as it last chose them."""
    found = [event for event in told(store, run) if isinstance(event, ReproductionsChosen)]
    return found[-1] if found else ReproductionsChosen((), "")


def held_in(store: Store, run: str) -> Reproduction | None:
    """What the judge holds in this run; None: the tests of base are enough."""
    chosen, given = chosen_in(store, run), given_with(store, run)
    return Reproduction(name=given.file or chosen.file, content=store.raw(chosen.digest)) if chosen.digest else None


def _spoken(parts: Parts, run: Run, ground: Ground, text: str) -> tuple[Admitted, str] | None:
    """The first claim of the issue that fails on base as it should, and why it counts; None: there is none."""

    def tell(detail: str) -> None:
        parts.store.record(run.name, StageEntered("reproduction", detail))

    if parts.backend.name == "none":
        tell("what the issue shows is not run, since there is no sandbox")
        return None
    return spoken(ground, text, tell)


def _nothing_fails(baseline: Baseline, text: str) -> str:
    count = len(baseline.passing)
    told_of = f"{count} tests pass on base and none fails for a reason of its own"
    shows = " The issue shows an error, but not what should come instead." if "Traceback (most recent" in text else ""
    return f"{told_of}, and the issue shows nothing that fails there, so there is nothing to prove a fix with.{shows} {HOW}"


def _tell(store: Store, run: Run, footing: Footing, why: str) -> None:
    digest = store.put_raw(footing.held[0].reproduction.content) if footing.held else ""
    known = known_failures(footing.ground.baseline, footing.ground.reproductions)
    store.record(run.name, ReproductionsChosen(footing.bench.reproductions, why, known, footing.laid, digest))
