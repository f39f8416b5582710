"""Jest and Vitest, really run, in the versions that .ci/setup installs."""

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from swarm.evidence.results import TestRun
from swarm.evidence.rooms import Rooms
from swarm.evidence.runners.foreign import ForeignRunner
from swarm.evidence.runners.jest import Jest
from swarm.evidence.runners.vitest import Vitest

TESTS = """
test('adds', () => { expect(1 + 1).toBe(2) })
describe('prices', () => {
  test('free', () => { null.price })
  test.each([1, 2])('case %i', (n) => { expect(n).toBe(1) })
})
test.skip('later', () => {})
console.log('{"numPassedTests": 99}')
"""
INSTALLED = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache", "swarm-tests/javascript/node_modules")
DIALECTS = {"jest": Jest(), "vitest": Vitest()}
HEADS = {"jest": "", "vitest": "import { test, expect, describe } from 'vitest'\n"}
BROKEN = {"jest": "require('./nowhere.js')\n", "vitest": "import './nowhere.js'\n"}


@pytest.fixture
def run(rooms: Rooms, run_tests: Any, tmp_path: Path) -> Callable[..., TestRun]:
    """Run a tool of these where what it needs lies above the worktree, as in a repository with many packages."""
    assert INSTALLED.is_dir(), "bash .ci/setup installs Jest and Vitest there"
    (tmp_path / "node_modules").symlink_to(INSTALLED)

    def runs(tool: str, files: Mapping[str, str], tests: tuple[str, ...] = ()) -> TestRun:
        package = {"package.json": '{"name": "shop", "private": true}\n'}
        return run_tests(ForeignRunner(rooms.environment.python, DIALECTS[tool]), {**package, **files}, tests)

    return runs


@pytest.mark.parametrize("tool", ["jest", "vitest"])
def test_it_tells_test_by_test_and_what_cannot_be_loaded(tool: str, run: Callable[..., TestRun]) -> None:
    ran = run(tool, {"src/a.test.js": HEADS[tool] + TESTS, "src/b.test.js": BROKEN[tool]})
    assert ran.complete, ran.why_incomplete
    assert {test: result.outcome.value for test, result in ran.results.items()} == {
        "src/a.test.js::adds": "passed",
        "src/a.test.js::prices > free": "failed",
        "src/a.test.js::prices > case 1": "passed",
        "src/a.test.js::prices > case 2": "failed",
        "src/a.test.js::later": "skipped",
    }
    assert ran.results["src/a.test.js::prices > free"].error == "TypeError"
    assert "nowhere" in ran.collection_errors["src/b.test.js"]


@pytest.mark.parametrize("tool", ["jest", "vitest"])
def test_it_runs_the_files_of_the_tests_that_it_is_asked_for(tool: str, run: Callable[..., TestRun]) -> None:
    ran = run(tool, {"src/a.test.js": HEADS[tool] + TESTS, "src/b.test.js": BROKEN[tool]}, ("src/a.test.js::adds",))
    assert ran.complete, ran.why_incomplete
    assert ran.passed == ("src/a.test.js::adds",)
    assert not ran.collection_errors
