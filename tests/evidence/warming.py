"""Trials in warm sandboxes, as tests ask for them."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sandboxes.talk import Talk
from swarm.evidence.results import TestRun
from swarm.evidence.runner import Manner
from swarm.evidence.runners.pytest import PytestRunner
from swarm.evidence.runners.warm import Start, Warm, warmed

Bench = Any


@contextmanager
def warm_in(bench: Bench, tree: str) -> Iterator[Warm]:
    """A sandbox in which this tree lies."""
    with warmed(bench.rooms, Start.of(bench.runner, tree), Talk()) as warm:
        yield warm


def look(
    warm: Warm, tree: str, *tests: str, options: tuple[str, ...] = (), path: str = "", folder: str = "", **manner: object
) -> TestRun:
    """Run a trial on a tree; `path`: a folder from which it may import as well, `folder`: the one in which it runs."""
    environment = {"PYTHONPATH": path} if path else {}
    runner = PytestRunner(warm.rooms.environment.python, options=options, environment=environment, folder=folder)
    homes = sorted({test.partition("::")[0] for test in tests})
    asked = Manner(**manner)  # type: ignore[arg-type]
    return warm.run(runner, warm.rooms.mirror.files(tree), homes, timeout=60, silence=20, manner=asked)
