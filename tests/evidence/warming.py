"""Trials in warm sandboxes, as tests ask for them."""

from collections.abc import Iterable, Iterator
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
    asked = Manner(**manner)  # type: ignore[arg-type]
    return warm.run(runner, warm.rooms.mirror.files(tree), homes(tests), timeout=60, silence=20, manner=asked)


def look_often(warm: Warm, tree: str, *tests: str, times: int, silence: float = 20, **manner: object) -> list[TestRun]:
    """Run a trial on a tree several times."""
    runner, asked = PytestRunner(warm.rooms.environment.python), Manner(**manner)  # type: ignore[arg-type]
    files = warm.rooms.mirror.files(tree)
    return warm.runs(runner, files, homes(tests), times=times, timeout=60, silence=silence, manner=asked)


def homes(tests: Iterable[str]) -> list[str]:
    """The files that they are in."""
    return sorted({test.partition("::")[0] for test in tests})
