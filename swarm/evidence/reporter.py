"""Runs pytest inside the sandbox and tells, test by test, what happened, over a pipe that the tested code was never given.

Swarm hands this text to the project's own interpreter on standard input, so no file of the tested tree can take its place. That
interpreter need not have swarm: the standard library of Python 3.8 and pytest 7 are all that is used here.
"""

from __future__ import annotations

import importlib.util
import json
import os
import sys
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence

TEXT = 8_000
"""How much of one test's text is told; what lies between head and tail is left out."""
TEXTS = 4_000_000
"""How much text is told altogether: a suite that fails everywhere must not flood the pipe."""
OVERRIDES = {
    "xdist": ("-n", "0"),
    "pytest_cov": ("--cov-fail-under=0",),
    "pytest_rerunfailures": ("--reruns=0",),
}
"""What a plugin is told if it is installed: a project's own settings must not hide, repeat or add to results."""


class Channel:
    """The way out. It keeps the functions that it needs, so that patching them later changes nothing."""

    def __init__(self, nonce: str) -> None:
        """Take the pipe over under another number, which no child process inherits."""
        given = int(os.environ.pop("SWARM_REPORT_FD"))
        self._pipe = os.dup(given)
        os.close(given)
        self._nonce, self._count = nonce, 0
        self._write, self._encode = os.write, json.JSONEncoder().encode
        self._getpid, self._owner = os.getpid, os.getpid()

    def tell(self, kind: str, **facts: object) -> None:
        """Send one record. A forked child stays silent: it would tell everything a second time."""
        if self._getpid() != self._owner:
            return
        line = self._encode({"nonce": self._nonce, "count": self._count, "kind": kind, **facts}).encode("ascii") + b"\n"
        self._count += 1
        while line:
            line = line[self._write(self._pipe, line) :]


class Reporter:
    """A pytest plugin that tells what pytest tells it."""

    def __init__(self, channel: Channel, root: str) -> None:
        """Tell over this channel; name the files under `root` relative to it."""
        self._channel, self._root, self._texts = channel, root + os.sep, 0
        self._raised: dict[str, Any] = {}

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Tell what could not be collected."""
        if report.failed:
            self._channel.tell("uncollected", where=report.nodeid, text=self._short(report.longreprtext))

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Tell which tests there are before the first one runs."""
        self._channel.tell("collected", tests=[item.nodeid for item in session.items])

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_makereport(self, call: pytest.CallInfo[Any]) -> Generator[None, Any, None]:
        """Look at the exception while there is one: settings decide how much of it the report's text keeps."""
        self._raised = {}
        if call.excinfo is not None:
            error = call.excinfo.value
            said = "".join(traceback.format_exception_only(type(error), error)).strip()
            self._raised = {"error": type(error).__name__, "message": said.split("\n")[0][:500], "frames": self._frames(error)}
        yield

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Tell what became of one phase of one test."""
        facts: dict[str, Any] = {"test": report.nodeid, "when": report.when, "outcome": report.outcome}
        facts["seconds"] = round(getattr(report, "duration", 0.0), 6)
        if hasattr(report, "wasxfail"):
            facts["expected"] = True
        if report.outcome != "passed":
            facts.update(self._raised, text=self._short(report.longreprtext or str(report.longrepr)))
        self._channel.tell("phase", **facts)

    def _frames(self, error: BaseException) -> list[tuple[str, int, str]]:
        """Where in the tree the exception passed through, outermost first; then the same for what it was raised from."""
        frames: list[tuple[str, int, str]] = []
        seen: list[BaseException] = []
        cause: BaseException | None = error
        while cause is not None and cause not in seen and len(frames) < 200:
            seen.append(cause)
            for frame, line in traceback.walk_tb(cause.__traceback__):
                name = str(Path(frame.f_code.co_filename).absolute())
                if name.startswith(self._root):
                    frames.append((name[len(self._root) :], line, frame.f_code.co_name))
            cause = cause.__cause__ or cause.__context__
        return frames[-200:]

    def _short(self, text: str) -> str:
        if self._texts > TEXTS:
            return ""
        kept = (
            text
            if len(text) <= TEXT
            else f"{text[: TEXT // 2]}\n[… {len(text) - TEXT} characters left out …]\n{text[-TEXT // 2 :]}"
        )
        self._texts += len(kept)
        return kept


def run(nonce: str, tests: Sequence[str], first: Sequence[str]) -> int:
    """Run these tests, or all, with these folders first on the path, and tell how it went; answer pytest's own status."""
    channel = Channel(nonce)
    channel.tell("start", python=sys.version.split()[0], pytest=pytest.__version__)
    root = str(Path.cwd())
    # An installation elsewhere would otherwise stand in for the tree's own packages, here and in what the tests start.
    sys.path[:0] = folders = [str(Path(root, folder)) for folder in first if Path(root, folder).is_dir()]
    os.environ["PYTHONPATH"] = os.pathsep.join(folders)
    arguments = [f"--rootdir={root}", "--continue-on-collection-errors", "--maxfail=0"]
    arguments += [word for plugin, words in OVERRIDES.items() if importlib.util.find_spec(plugin) for word in words]
    sys.argv = ["pytest", *arguments]
    status = int(pytest.main([*arguments, *tests], plugins=[Reporter(channel, root)]))
    channel.tell("end", status=status)
    return status
