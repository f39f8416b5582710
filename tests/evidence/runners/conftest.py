"""Runs the tests of small projects with any runner, in any kind of sandbox."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import pytest

from sandboxes.bubblewrap import Bubblewrap
from swarm.evidence.results import TestRun
from swarm.evidence.rooms import Rooms
from swarm.evidence.runner import Runner

RunTests = Callable[..., TestRun]


@pytest.fixture
def run_tests(rooms: Rooms, plant: Callable[[Mapping[str, str]], str]) -> RunTests:
    """Lay files out in a fresh sandbox and run tests there; `walled` for one with walls."""

    def run(
        runner: Runner,
        files: Mapping[str, str],
        tests: Sequence[str] = (),
        *,
        walled: bool = False,
        timeout: float = 60.0,
        silence: float | None = None,
    ) -> TestRun:
        with (replace(rooms, backend=Bubblewrap()) if walled else rooms).open(plant(files)) as room:
            return runner.run(room.sandbox, tests, timeout=timeout, silence=silence)

    return run
