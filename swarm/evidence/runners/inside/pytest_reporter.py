"""Runs pytest inside the sandbox and tells, test by test, what happened.

Swarm hands this text to the project's own interpreter on standard input, so no file of the tested tree can take its place. That
interpreter need not have swarm: the standard library of Python 3.8 and pytest 7 are all that is used here.
"""

from __future__ import annotations

import glob
import sys
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence

    from swarm.evidence.runners.inside.channel import Channel

OVERRIDES = {
    "xdist": ("-n", "0"),
    "pytest_cov": ("--cov-fail-under=0",),
    "rerunfailures": ("--reruns=0",),
}
"""What a plugin is told if it is there: a project's own settings must not hide, repeat or add to results."""


class Reporter:
    """A pytest plugin that tells what pytest tells it."""

    def __init__(self, channel: Channel) -> None:
        """Tell over this channel."""
        self._channel = channel
        self._raised: dict[str, Any] = {}

    @pytest.hookimpl(trylast=True)
    def pytest_configure(self, config: pytest.Config) -> None:
        """Have the judge's own files collected, if not all that is asked for is named already."""
        config.args = [*config.args, *map(self._channel.seen_from_here, self._channel.manner["also"])]

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Leave out what is named twice, what hangs and what was not asked for; put the rest in the order that is asked for."""
        manner = self._channel.manner
        left_out, only = set(manner["without"]), set(manner["only"])
        wanted = [item for item in items if not only or {item.nodeid, item.nodeid.partition("::")[0]} & only]
        once = {item.nodeid: item for item in wanted if item.nodeid not in left_out}
        names = sorted(once, key=self._channel.rank) if manner["shuffle"] else list(once)
        items[:] = [once[name] for name in names]

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Tell what could not be collected."""
        if report.failed:
            self._channel.tell("uncollected", where=report.nodeid, text=self._channel.short(report.longreprtext))

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Tell which tests there are before the first one runs."""
        if self._channel.manner["brief"]:
            session.config.option.tbstyle = "no"
        self._channel.tell("collected", tests=[item.nodeid for item in session.items])

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        """Tell that a test begins: if it hangs, it is known which."""
        self._channel.tell("began", test=nodeid)

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_call(self) -> Generator[None, Any, None]:
        """Let no test run for ever."""
        self._channel.clock.start()
        try:
            yield
        finally:
            self._channel.clock.stop()

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_makereport(self, call: pytest.CallInfo[Any]) -> Generator[None, Any, None]:
        """Look at the exception while there is one: settings decide how much of it the report's text keeps.

        The exception of a unittest's method is only known after pytest's own part for those has run.
        """
        yield
        self._raised = {}
        if call.excinfo is not None:
            self._raised = {**self._channel.raised(call.excinfo.value), **_of_example(call.excinfo.value)}

    @pytest.hookimpl(tryfirst=True)
    def pytest_load_initial_conftests(self, early_config: pytest.Config, args: list[str]) -> None:
        """Tell the plugins that are there, and no others: pytest refuses an option of one that was switched off.

        Pytest looks for tests where its settings say only if it is run in its root, which here is the whole worktree.
        """
        for plugin, words in OVERRIDES.items():
            if early_config.pluginmanager.hasplugin(plugin):
                args.extend(words)
        named, settings = early_config.known_args_namespace.file_or_dir, early_config.inipath
        if self._channel.folder and not named and settings and settings.parent == early_config.invocation_params.dir:
            for pattern in early_config.getini("testpaths"):
                named += sorted(glob.iglob(pattern, recursive=True))  # noqa: PTH207  # as pytest does it
            args.extend(named)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Tell what became of one phase of one test."""
        facts: dict[str, Any] = {"test": report.nodeid, "when": report.when, "outcome": report.outcome}
        facts["seconds"] = round(getattr(report, "duration", 0.0), 6)
        if hasattr(report, "wasxfail"):
            facts["expected"] = True
        if report.outcome != "passed":
            facts.update(self._raised, text=self._channel.short(report.longreprtext or str(report.longrepr)))
        self._channel.tell("phase", **facts)


def _of_example(error: BaseException) -> dict[str, object]:
    """What an example in a docstring shows instead; of anything else, nothing."""
    doctest = sys.modules.get("doctest")
    if doctest is None or not isinstance(error, doctest.DocTestFailure):
        return {}
    typed, wanted, got = error.example.source.strip(), error.example.want.strip(), error.got.strip()
    return {"message": f"`{typed}` should show {wanted!r}, but shows {got!r}"[:500]}


def run(
    channel: Channel,
    options: Sequence[str],
    tests: Sequence[str],
    paths: Sequence[str] = (),
    reach: Sequence[str] = (),
    waiting: object = None,
) -> int:
    """Run these tests, or what is found at these paths, or all, and tell how it went; answer pytest's own status.

    `reach`: programs that tell more; `waiting`: a plugin that knows when to go on.
    """
    channel.tell("start", python=sys.version.split()[0], pytest=pytest.__version__)
    arguments = [*options, f"--rootdir={channel.root}", "--continue-on-collection-errors", "--maxfail=0"]
    sys.argv = ["pytest", *arguments]
    plugins: list[Any] = [Reporter(channel), *([waiting] if waiting else [])]
    if reach:
        namespace: dict[str, Any] = {"__name__": "reach"}
        for program in reach:
            exec(compile(program, "<swarm's reach>", "exec"), namespace)  # noqa: S102  # swarm's own, and no file of the tested tree
        plugins.append(namespace["Reaching"](channel, namespace["Reach"](channel.root)))
    status = int(pytest.main([*arguments, *map(channel.seen_from_here, tests), *paths], plugins=plugins))
    channel.tell_origins()
    channel.tell("end", status=status)
    return status
