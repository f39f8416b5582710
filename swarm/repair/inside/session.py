"""Starts pytest, lets it collect, and takes over where it would run the tests."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

import pytest
from _pytest.runner import runtestprotocol

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

OVERRIDES = {
    "xdist": ("-n", "0"),
    "pytest_cov": ("--no-cov",),
    "rerunfailures": ("--reruns=0",),
}
"""What a plugin is told if it is there, so that it does not hide, repeat or slow down what is run."""


class Takeover:
    """A pytest plugin that runs the tests its own way, and spares pytest what nobody reads."""

    def __init__(self, act: Callable[[pytest.Session, dict[str, str]], None]) -> None:
        """`act` gets the session and what could not be collected, in the place of pytest's own loop."""
        self._act = act
        self._uncollected: dict[str, str] = {}
        self.reports: list[pytest.TestReport] = []
        self.error: BaseException | None = None

    @pytest.hookimpl(tryfirst=True)
    def pytest_load_initial_conftests(self, early_config: pytest.Config, args: list[str]) -> None:
        """Tell the plugins that are there, and no others: pytest refuses an option of one that was switched off."""
        for plugin, words in OVERRIDES.items():
            if early_config.pluginmanager.hasplugin(plugin):
                args.extend(words)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Remember what could not be collected."""
        if report.failed:
            self._uncollected[report.nodeid] = report.longreprtext[-2000:]

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Take over."""
        self._act(session, self._uncollected)
        return True

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item, nextitem: pytest.Item | None) -> bool:
        """Run a test with everything that pytest and its plugins put around it, and keep the reports."""
        self.reports = runtestprotocol(item, log=False, nextitem=nextitem)
        return True

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_makereport(self, call: pytest.CallInfo[Any]) -> Any:
        """Keep the exception, which the report only has as text."""
        if call.excinfo is not None:
            self.error = call.excinfo.value
        yield

    @pytest.hookimpl(tryfirst=True)
    def pytest_assertrepr_compare(self) -> list[str]:
        """Spare the difference between what is and what should be: with long values it takes longer than the test."""
        return ["differs"]


def silence() -> None:
    """Send everything the project prints to nowhere: it is not read, and an endless loop can print a lot."""
    nowhere = os.open(os.devnull, os.O_RDWR)
    for fd in (0, 1, 2):
        os.dup2(nowhere, fd)
    os.close(nowhere)


def start(root: str, tests: Sequence[str], plugin: Takeover) -> int:
    """Collect the files in which these tests are, and hand over; answer pytest's own status."""
    files = dict.fromkeys(test.partition("::")[0] for test in tests)
    arguments = [f"--rootdir={root}", "--continue-on-collection-errors", "--maxfail=0", "--capture=no", "-q"]
    sys.argv = ["pytest", *arguments]
    places = [os.path.relpath(os.path.join(root, file)) for file in files]  # noqa: PTH118  # pytest wants plain strings
    return int(pytest.main([*arguments, *places], plugins=[plugin]))


def prepare_path(root: str, first: Sequence[str], folder: str) -> None:
    """Go where the project lies, and let its packages be imported before any installed ones, here and in what the tests start."""
    os.chdir(os.path.join(root, folder))  # noqa: PTH118
    folders = [os.path.normpath(os.path.join(root, folder)) for folder in first]  # noqa: PTH118  # the path wants plain strings
    sys.path[:0] = there = [folder for folder in folders if os.path.isdir(folder)]  # noqa: PTH112
    os.environ["PYTHONPATH"] = os.pathsep.join(there)
