"""Where a fault may lie, from what the baseline saw and what stands in the tree."""

from swarm.code.suspects import Failure, Suspect, suspects
from swarm.evidence.ground import Ground
from swarm.evidence.patch import is_test


def python_files(ground: Ground) -> tuple[dict[str, bytes], dict[str, bytes]]:
    """The Python files of base: source, then tests."""
    mirror, collected = ground.rooms.mirror, {test.partition("::")[0] for test in ground.baseline.tests}
    files = mirror.read_all(ground.tree, ".py")
    tests = {path for path in files if is_test(path, collected) or path.endswith("conftest.py")}
    return {path: files[path] for path in files if path not in tests}, {path: files[path] for path in tests}


def locate(ground: Ground) -> tuple[Suspect, ...]:
    """The most suspicious lines, worst first."""
    sources, tests = python_files(ground)
    baseline = ground.baseline
    failures = [
        Failure(test, tuple((frame.path, frame.line) for frame in baseline.failing[test].frames)) for test in sorted(ground.red)
    ]
    return suspects(sources, tests, failures, baseline.passing)
