"""The judge: whether a patch fixes what it claims, without believing its author, the exit code, or the tests it touched."""

import ast
from collections.abc import Callable, Iterable, Sequence

from sandboxes.mirror import Mirror
from swarm.blackboard.candidates import Judgement, Verdict
from swarm.evidence.baseline import own_modules
from swarm.evidence.case import Case
from swarm.evidence.examples import keeps_examples
from swarm.evidence.expectations import keeps_expectations
from swarm.evidence.ground import Ground
from swarm.evidence.hearing import Hearing
from swarm.evidence.honest_session import answers_as_planted, can_be_planted
from swarm.evidence.honesty import Honesty, compare
from swarm.evidence.own_files import leaves_files_alone, tests_its_own_files
from swarm.evidence.patch import Patch, is_doctest, is_test, source_only, split
from swarm.evidence.planted import plant
from swarm.evidence.regression import breaks_nothing, breaks_nothing_near
from swarm.evidence.reproduction import Admitted
from swarm.evidence.review import fixes_something, looks_honest, needs_nobody
from swarm.evidence.scan import scan
from swarm.evidence.turning import changes_source, fails_without_it, passes_alone, starts_red, turns_green
from swarm.syntax import module_of

Rule = Callable[[Hearing], Judgement | None]
"""A rule decides, or has nothing to say (None) and leaves it to the next."""

RULES: tuple[Rule, ...] = (
    changes_source,
    starts_red,
    looks_honest,
    turns_green,
    answers_as_planted,
    passes_alone,
    breaks_nothing_near,
    breaks_nothing,
    keeps_expectations,
    keeps_examples,
    tests_its_own_files,
    fails_without_it,
    leaves_files_alone,
    can_be_planted,
    needs_nobody,
    fixes_something,
)
"""In this order, the cheapest and the most decisive first."""


def judge(
    tree: str, ground: Ground, reproductions: Sequence[str], *, held: Sequence[Admitted] = (), keep: Callable[[bytes], str]
) -> Judgement:
    """Judge a candidate's tree by tests that fail on base and by reproductions that only the judge has.

    `keep` stores raw output and gives its digest.
    """
    return heard(Hearing(case_of(tree, ground, reproductions, held)), keep)


def heard(hearing: Hearing, keep: Callable[[bytes], str]) -> Judgement:
    """What the first rule says that has something to say; if none has, the patch is verified."""
    for rule in RULES:
        if judgement := rule(hearing):
            return hearing.kept(judgement, keep)
    return hearing.kept(hearing.says(Verdict.VERIFIED, "red, green, nothing broken", _proof(hearing)), keep)


def case_of(tree: str, ground: Ground, reproductions: Sequence[str], held: Sequence[Admitted]) -> Case:
    """What is judged: the source part of the patch, on base, with all tests from base and the judge's own among them."""
    mirror, tests = ground.rooms.mirror, ground.baseline.tests
    patch = split(mirror, ground.tree, tree, tests, ground.rooms.environment.folder)
    sources = [ground.rooms.mirror.read(ground.tree, path) for path in _files(reproductions)]
    sources += [one.reproduction.content for one in held if not one.reproduction.unseen]
    return Case(
        ground=ground,
        patch=patch,
        judged=source_only(mirror, patch),
        reproductions=tuple(reproductions),
        held=tuple(held),
        planted=plant(ground, reproductions, held),
        suspicions=scan(mirror, patch, tests, _parsed(sources)),
        honesty=_honesty(mirror, patch),
        own=own_modules(ground.rooms, ground.tree),
    )


def _honesty(mirror: Mirror, patch: Patch) -> Honesty:
    """What the patch does to tests; where it touches none, nothing."""
    if not patch.tests:
        return Honesty()
    return compare(_test_files(mirror, patch.base, patch), _test_files(mirror, patch.tree, patch))


def _test_files(mirror: Mirror, tree: str, patch: Patch) -> dict[str, bytes]:
    there = set(mirror.paths(tree))
    files = {path: content for path, content in mirror.read_all(tree, ".py").items() if is_test(path)}
    return {**files, **{path: mirror.read(tree, path) for path in patch.tests if path in there}}


def _files(tests: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(test.partition("::")[0] for test in tests if not is_doctest(test)))


def _parsed(sources: Iterable[bytes]) -> list[ast.AST]:
    modules: list[ast.AST] = []
    for source in sources:
        try:
            modules.append(module_of(source))
        except (SyntaxError, ValueError):
            continue
    return modules


def _proof(hearing: Hearing) -> str:
    """What was shown, in a sentence or two."""
    count = len(hearing.case.questions) + sum(not names for names in hearing.case.planted.alone.values())
    noun = "test" if count == 1 else "tests"
    caveat = hearing.ground.baseline.caveat
    return f"{count} {noun} failed on base and passed with it, and nothing that passed was broken.{' ' if caveat else ''}{caveat}"
