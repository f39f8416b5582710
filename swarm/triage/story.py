"""The story of `swarm triage`, top to bottom: which hunk of a change breaks which test."""

import posixpath
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial

from sandboxes.environment import Environment
from sandboxes.repository import Repository
from swarm import __version__
from swarm.code.snapshot import Snapshot
from swarm.errors import UsageError
from swarm.settings.places import REMEMBERED
from swarm.settings.values import Settings
from swarm.triage.bisection import Bisection, FirstBad, history
from swarm.triage.choosing import Plan, forget, learn, plan
from swarm.triage.comparing import Compared, Wish, compare
from swarm.triage.guilt import Court, Guilt, parted
from swarm.triage.hunks import Change
from swarm.triage.knowledge import Knowledge
from swarm.triage.ready import Ready
from swarm.triage.sifting import Sifted, sift
from swarm.triage.sight import Sight
from swarm.triage.site import Site, opened_site
from swarm.triage.suspicion import ranks, suspicious
from swarm.triage.trials import Ask, Trials
from swarm.triage.verdict import Blame, Verdict
from swarm.triage.warmth import Warmth, warmth

WITHOUT_LIMIT = 3600.0
LEAST = 5.0
"""Seconds that any run gets, however late it is: less would be too little to start a test runner."""
PATIENCE = 60.0
"""Seconds that the tests which failed get when they are run again; they are few."""
LIKELY = 4
"""Suspects that are looked at ahead."""

Tell = Callable[[str], None]


def triage(
    repository: Repository,
    settings: Settings,
    wish: Wish,
    environ: Mapping[str, str],
    tell: Tell,
    ready: Ready | None = None,
) -> Verdict:
    """Look at a change in a scratch worktree, and say what it breaks; at a site that is ready, if it fits."""
    began = time.monotonic()
    if ready is not None and ready.fits(repository, settings):
        with ready.site.guarded():
            verdict = looked_at(ready, wish, environ, tell)
    else:
        with Ready.opened(repository, settings) as fresh:
            verdict = looked_at(fresh, wish, environ, tell)
    return replace(verdict, seconds=time.monotonic() - began)


def looked_at(ready: Ready, wish: Wish, environ: Mapping[str, str], tell: Tell) -> Verdict:
    """Look at a change at this site."""
    compared = compare(ready.site.repository, ready.site.lasting, wish, environ)
    verdict = Verdict(name=compared.name, base=compared.commit, tree=compared.tree, remarks=compared.remarks)
    if compared.base != compared.tree:
        verdict = examined(ready.site, compared, wish, verdict, tell, ready.begun)
    return verdict


def bisect(repository: Repository, settings: Settings, test: str, oldest: str, tell: Tell) -> FirstBad:
    """Find the commit that first broke a test, for a failure that is in the history already."""
    with opened_site(repository, settings) as site:
        newest = repository.commit()
        tree = site.mirror.take(repository, newest)
        shop = site.workshop(tree, tell)
        if (seen := posixpath.join(repository.place, test)).partition("::")[0] in site.mirror.paths(tree):
            test = seen  # it was named by somebody who stands in a folder
        if test.partition("::")[0] not in site.mirror.paths(tree) or "::" not in test:
            raise UsageError(what=f"There is no test `{test}` in HEAD.", remedy="Name one as `tests/test_it.py::test_name`.")
        line = history(site.mirror, newest, repository.commit(oldest) if oldest else "")
        with warmth(shop, tree) as warm:
            trials = Trials(shop.rooms, shop.runner, site.stop, warm)
            return Bisection(trials, site.mirror, test, line, PATIENCE, tell).first_bad()


def examined(site: Site, compared: Compared, wish: Wish, verdict: Verdict, tell: Tell, begun: Warmth | None) -> Verdict:
    """Run the tests that reach the change, and find who is to blame for what fails."""
    shop = site.workshop(compared.tree, tell)
    with warmth(shop, compared.tree, begun) as warm:
        trials = Trials(shop.rooms, shop.runner, site.stop, warm)
        foreseen = warm is not None and warm is begun
        seen = outlook(site, trials, compared, full=wish.full)
        site.aside.do(seen.change.look)
        verdict = tried(site, trials, compared, seen, wish, replace(verdict, foreseen=foreseen), tell)
        return replace(verdict, hunks=len(seen.change.hunks), files=len(seen.change.paths))


def tried(site: Site, trials: Trials, compared: Compared, seen: "Outlook", wish: Wish, verdict: Verdict, tell: Tell) -> Verdict:
    """Run them, the most pressing first."""
    change, knowledge, (before, now), chosen = seen.change, seen.knowledge, seen.sides, seen.chosen
    if any(chosen.asks):
        trials.expect()
        trials.foresee(compared.tree, compared.base)
    until = time.monotonic() + (WITHOUT_LIMIT if wish.full else wish.time_box)
    verdict = replace(verdict, spared=chosen.spared, how=chosen.how, sandbox=site.backend.name)
    for number, ask in enumerate(chosen.asks):
        if number and time.monotonic() > until:
            return replace(verdict, unrun=len(ask.homes), runs=trials.runs)
        tell(f"running {_counted(ask)} on {compared.name}")
        sight = trials.run(compared.tree, ask, timeout=max(LEAST, until - time.monotonic()), reach=True)
        learn(knowledge, sight, now)
        forget(knowledge, ask.files, sight, now)
        if sight.faults:
            site.aside.do(partial(foresee, trials, change, sight, now))
        site.aside.do_unasked(partial(knowledge.copied().keep, before, now))
        late = sight.cut and ask is chosen.later
        verdict = replace(
            verdict,
            ran=verdict.ran + len(sight.run.results if sight.run else ()),
            cut=verdict.cut or (sight.cut and not late),
            running=sight.run.unfinished if sight.run and sight.cut else verdict.running,
            unrun=len(ask.homes) if late else 0,
        )
        if sight.faults:
            verdict = judged(trials, change, (before, now), sight, ask, verdict, tell, box=wish.time_box)
            if verdict.blames:
                break
    return replace(verdict, runs=trials.runs)


@dataclass(frozen=True)
class Outlook:
    """All that there is to know before any test is run."""

    change: Change
    knowledge: Knowledge
    sides: tuple[Snapshot, Snapshot]
    chosen: Plan


def outlook(site: Site, trials: Trials, compared: Compared, *, full: bool) -> Outlook:
    """See what was changed, and choose the tests."""
    facts = (__version__, trials.runner.name, *_identity(trials.rooms.environment))
    knowledge = Knowledge.at(site.folder / REMEMBERED, *facts, before=next(iter(site.recalled), None))
    site.recalled[:] = [knowledge.copied()]
    folder = trials.rooms.environment.folder
    before, now = (knowledge.snapshot(site.mirror, tree, folder) for tree in (compared.base, compared.tree))
    chosen = plan(trials.runner, knowledge, before, now, full=full)
    return Outlook(Change(site.mirror, compared.base, compared.tree), knowledge, (before, now), chosen)


def rehearse(ready: Ready) -> bool:
    """Do all that comes before the first test, on what is there now: what is asked for next will be much like it.

    Say whether it can be asked for here.
    """
    site = ready.site
    if not ready.warmed():
        return False
    compared = compare(site.repository, site.lasting, Wish(), {})
    shop = site.workshop(compared.tree, lambda _: None)
    with warmth(shop, compared.tree, ready.begun) as warm:
        if warm is None or warm is not ready.begun:
            return False
        trials = Trials(shop.rooms, shop.runner, site.stop, warm)
        seen = outlook(site, trials, compared, full=False)
        warm.anticipate(trials.paths(compared.tree), sorted({test.partition("::")[0] for test in seen.knowledge.tests}))
    return ready.warmed()


def foresee(trials: Trials, change: Change, sight: Sight, now: Snapshot) -> None:
    """Make what is tried first, if the change is to blame for what failed."""
    name, fault = next(iter(sight.faults.items()))
    parts = parted(range(len(change.hunks)), ranks(change, name, fault, sight, now))
    trials.foresee(*(change.with_only(part) for part in parts))
    for path in {name.partition("::")[0], *(change.hunks[number].path for number in parts[0][:LIKELY])} & now.files.keys():
        now.read(path)  # the lines at which the failure points will be looked for there


def judged(
    trials: Trials,
    change: Change,
    sides: tuple[Snapshot, Snapshot],
    sight: Sight,
    ask: Ask,
    verdict: Verdict,
    tell: Tell,
    *,
    box: float,
) -> Verdict:
    """Tell the reasons of what failed apart, and blame the change only for what it breaks."""
    until = time.monotonic() + max(box, LEAST)
    tell(f"{_named(sight)}; running that again on both sides")
    again = ask.about(sight.faults, crashed=bool(sight.run and sight.run.collected))
    patience = max(PATIENCE, 10 * (sight.run.seconds if sight.run else 0.0))
    found = sift(trials, (change.base, change.tree), sight, again, timeout=patience)
    court = Court(trials, change, found.broken, again, patience, until, tell)
    blames, by_chance = blamed(court, sides[1], sight, found)
    return replace(
        verdict,
        blames=blames,
        before=(*verdict.before, *sorted(found.before)),
        flaky=(*verdict.flaky, *found.flaky, *by_chance),
        missing={**verdict.missing, **found.missing},
        undecided=(*verdict.undecided, *found.undecided),
    )


def blamed(court: Court, now: Snapshot, sight: Sight, found: Sifted) -> tuple[tuple[Blame, ...], tuple[str, ...]]:
    """Who breaks each of the broken tests; those that the same hunks break together. And what turned out to vary."""
    change = court.change
    guilts: list[tuple[tuple[str, ...], Guilt]] = []
    by_chance: list[str] = []
    left = list(found.broken)
    while left:
        name = left.pop(0)
        guilt = court.guilty(name, ranks(change, name, found.broken[name], sight, now))
        if guilt is None:
            by_chance.append(name)
            continue
        same = [other for other in left if court.also(other, guilt)]
        left = [other for other in left if other not in same]
        guilts.append(((name, *same), guilt))
    if guilts:
        court.trials.enough()
    return tuple(_blame(change, now, found, tests, guilt) for tests, guilt in guilts), tuple(by_chance)


def _blame(change: Change, now: Snapshot, found: Sifted, tests: tuple[str, ...], guilt: Guilt) -> Blame:
    fault = found.broken[tests[0]]
    sets = tuple(tuple(change.hunks[number] for number in sorted(one)) for one in guilt.sets)
    lines = suspicious(tests[0], sets, fault, now)
    return Blame(tests, fault, sets, lines, guilt.cured, guilt.minimal, set(tests) <= found.new)


def _identity(environment: Environment) -> Iterator[str]:
    """All that an environment can make a test do otherwise."""
    yield environment.identity
    yield from environment.first


def _named(sight: Sight) -> str:
    first, *more = sorted(sight.faults)
    return f"{first or 'the run of the tests'}{f' and {len(more)} more' if more else ''} failed"


def _counted(ask: Ask) -> str:
    if ask.everything:
        return "all tests"
    parts = ((len(ask.files), "test file"), (len(ask.tests), "test"))
    return " and ".join(f"{count} {what}{'s' if count > 1 else ''}" for count, what in parts if count)
