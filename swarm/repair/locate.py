"""Where a fault may lie, from what the tests executed, or from what the baseline saw and what stands in the tree."""

from collections.abc import Mapping

from swarm.code.localisation import localise
from swarm.code.survey import Survey
from swarm.code.suspects import Failure, Suspect, suspects
from swarm.evidence.case import file_of
from swarm.evidence.ground import Ground
from swarm.evidence.patch import is_doctest, serves_tests
from swarm.repair.recent import recent

MOST = 150
"""Stretches of suspicious lines that edits are made on."""


def python_files(ground: Ground) -> tuple[dict[str, bytes], dict[str, bytes]]:
    """The Python files of base: source, then tests."""
    files, collected = ground.rooms.mirror.read_all(ground.tree, ".py"), _test_files(ground)
    tests = {path for path in files if serves_tests(path, collected)}
    return {path: files[path] for path in files if path not in tests}, {path: files[path] for path in tests}


def has_source(ground: Ground) -> bool:
    """Whether there is any Python beside the tests."""
    collected = _test_files(ground)
    return any(path.endswith(".py") and not serves_tests(path, collected) for path in ground.rooms.mirror.paths(ground.tree))


def _test_files(ground: Ground) -> set[str]:
    return {file_of(test) for test in ground.baseline.tests if not is_doctest(test)}


def by_survey(seen: Survey, ground: Ground, sources: Mapping[str, bytes], issue: str) -> tuple[Suspect, ...]:
    """The most suspicious lines, worst first, by what each test executes."""
    red, green = ground.red, ground.baseline.passing
    first = localise(seen, red, green, sources, issue).suspects(MOST)
    new = recent(ground, dict.fromkeys(suspect.path for suspect in first))
    return localise(seen, red, green, sources, issue, new).suspects(MOST) if new else first


def locate(ground: Ground) -> tuple[Suspect, ...]:
    """The most suspicious lines, worst first, without running anything: by tracebacks, and by who may call whom."""
    sources, tests = python_files(ground)
    baseline = ground.baseline
    failures = [
        Failure(test, tuple((frame.path, frame.line) for frame in baseline.failing[test].frames)) for test in sorted(ground.red)
    ]
    return suspects(sources, tests, failures, baseline.passing)
