"""Runs one test in this process and says what became of it."""

from __future__ import annotations

import inspect
import traceback
from time import perf_counter
from typing import TYPE_CHECKING, Any

import pytest

from .tracing import within

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .arena import Arena
    from .limits import Limits
    from .session import Takeover

SEVERITY = ("failed", "error", "xfailed", "xpassed", "skipped", "passed")
KNOWN_PLUGINS = frozenset(
    {"_pytest", "_hypothesis_pytestplugin", "anyio", "pytest_asyncio", "pytest_cov", "pytest_mock", "pytest_timeout", "xdist"}
)
"""Plugins whose part in running a plain function can be left out."""
FRAMES = 100


class Runner:
    """Knows the tests of a session, and how each of them can be run."""

    def __init__(self, session: pytest.Session, plugin: Takeover, limits: Limits, root: str) -> None:
        """Take the collected tests of a session."""
        self.items = {item.nodeid: item for item in session.items}
        self._session, self._plugin, self._limits, self._root = session, plugin, limits, root
        self._may_be_direct = _nobody_interferes(session)
        for item in session.items:
            _spare_tracebacks(item)

    def run(self, test: str, limit: Sequence[float], fuel: int, following: str = "") -> str:
        """Run a test as pytest does, and say its outcome in a word; `following` keeps fixtures open for the test after it."""
        item = self.items[test]
        self._plugin.error = None
        with self._limits.cpu(limit[0], fuel):
            item.ihook.pytest_runtest_protocol(item=item, nextitem=self.items.get(following))
        if self._limits.exhausted:
            return "timed out"
        said = [_outcome(report) for report in self._plugin.reports]
        return next(one for one in SEVERITY if one in said)

    def run_directly(self, test: str, limit: Sequence[float], fuel: int) -> str:
        """Call a plain test function and nothing around it, many times faster; a pass has to be shown again by `run`."""
        item: Any = self.items[test]
        self._plugin.error = None
        try:
            with self._limits.cpu(limit[0], fuel):
                item.obj(**item.callspec.params) if hasattr(item, "callspec") else item.obj()
        except BaseException as error:  # noqa: BLE001  # a test may raise anything, and so may its limits
            self._plugin.error = error
            return "timed out" if self._limits.exhausted else "failed"
        return "timed out" if self._limits.exhausted else "passed"

    def is_plain(self, test: str) -> bool:
        """Whether a test is a function that wants nothing but the parameters written at it."""
        item = self.items[test]
        if not self._may_be_direct or type(item) is not pytest.Function or item.cls is not None:
            return False
        given = item.callspec.params if hasattr(item, "callspec") else {}
        marks = {mark.name for mark in item.iter_markers()}
        plain = not (inspect.iscoroutinefunction(item.obj) or inspect.isgeneratorfunction(item.obj))
        return (
            plain
            and marks <= {"parametrize"}
            and set(item.fixturenames) == set(given) == set(inspect.signature(item.obj).parameters)
        )

    def close(self) -> bool:
        """Tear down the fixtures that were kept open; False if they do not let themselves."""
        try:
            self._session._setupstate.teardown_exact(None)  # noqa: SLF001  # what pytest itself does at the end of a session
        except BaseException:  # noqa: BLE001  # a fixture may raise anything
            return False
        return True

    def story(self) -> dict[str, Any]:
        """The exception of the last test: its class, its message, and the places in the tree that it passed through."""
        error = self._plugin.error
        if error is None:
            return {}
        said = "".join(traceback.format_exception_only(type(error), error)).strip()
        return {"error": type(error).__name__, "message": said.split("\n")[0][:500], "frames": self._frames(error)}

    def _frames(self, error: BaseException) -> list[tuple[str, int, str]]:
        frames: list[tuple[str, int, str]] = []
        seen: list[int] = []
        cause: BaseException | None = error
        while cause is not None and id(cause) not in seen and len(frames) < FRAMES:
            seen.append(id(cause))
            for frame, line in traceback.walk_tb(cause.__traceback__):
                if path := within(self._root, frame.f_code.co_filename):
                    frames.append((path, line, frame.f_code.co_name))
            cause = cause.__cause__ or cause.__context__
        return frames[-FRAMES:]


def step(runner: Runner, arena: Arena, test: str, limit: Sequence[float], fuel: int, following: str = "") -> tuple[str, float]:
    """Run a test with all limits; answer its outcome and its seconds."""
    arena.beat(limit[1])
    began = perf_counter()
    outcome = runner.run(test, limit, fuel, following)
    return outcome, perf_counter() - began


def _outcome(report: pytest.TestReport) -> str:
    expected = hasattr(report, "wasxfail")
    if report.outcome == "passed":
        return "xpassed" if expected and report.when == "call" else "passed"
    if report.outcome == "skipped":
        return "xfailed" if expected else "skipped"
    return "failed" if report.when == "call" else "error"


def _nobody_interferes(session: pytest.Session) -> bool:
    """Whether no plugin of the project has a hand in how a test is run."""
    hooks = (
        "pytest_runtest_protocol",
        "pytest_runtest_setup",
        "pytest_runtest_call",
        "pytest_pyfunc_call",
        "pytest_runtest_teardown",
    )
    for name in hooks:
        for found in getattr(session.config.hook, name).get_hookimpls():
            owner = type(found.plugin).__module__ if not inspect.ismodule(found.plugin) else found.plugin.__name__
            if owner.partition(".")[0] not in KNOWN_PLUGINS and not owner.startswith(__name__.partition(".")[0]):
                return False
    return True


def _spare_tracebacks(item: Any) -> None:
    """Nobody reads the text of a failure here, and making it takes longer than most tests."""
    item.repr_failure = item._repr_failure_py = lambda *_, **__: "not told"  # noqa: SLF001  # as above
