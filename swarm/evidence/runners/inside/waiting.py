"""Stops pytest where it is about to look for tests, and lets each trial go on from there in a child.

What has begun may serve others only if it did nothing but read the project's settings; whether it did is found out here.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
import tokenize
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Sequence

    from swarm.evidence.runners.inside.channel import Channel
    from swarm.evidence.runners.inside.children import Child, has_children, leave
    from swarm.evidence.runners.inside.conditions import Witness
    from swarm.evidence.runners.inside.descriptors import Descriptors
    from swarm.evidence.runners.inside.repeating import Repeating, begin_now
    from swarm.evidence.runners.inside.restoring import Kept
    from swarm.evidence.runners.inside.rewritten import Rewritten
    from swarm.evidence.runners.inside.sessions import Session


class Waiting:
    """A pytest plugin that is there until tests are looked for."""

    def __init__(self, asked: Session, channel: Channel, tests: Sequence[str], known: Rewritten, *, idle: bool) -> None:
        """Hear what is to be run instead of these tests, which only serve to begin with; `idle`: no trial is waited for."""
        self._asked, self._channel, self._known = asked, channel, known
        self._first, self._here = list(tests), self._seen(tests)
        self._born, self._idle = False, idle

    def run(self, reporter: dict[str, Any], told: dict[str, Any], witness: Witness, kept: Kept, descriptors: Descriptors) -> int:
        """Run pytest; in the process that waits, this does not come back."""
        self._witness, self._kept, self._descriptors = witness, kept, descriptors
        status = int(reporter["run"](self._channel, **told, waiting=self))
        if not self._born:  # pytest has something to say before it looks for tests, and is to say it in the trial
            self._refuse("it ended early")
        return leave(status)

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection(self, session: pytest.Session) -> None:
        """Wait here; whoever comes back from it is a child that is to run a trial."""
        sys.stdout.flush()
        sys.stderr.flush()
        if why := self._unlike_others(session.config):
            self._refuse(why)
        self._listeners = [plugin for plugin in session.config.invocation_params.plugins or () if hasattr(plugin, "listen")]
        self._listen(listening=False)
        self._known.add(self._first)
        self._asked.say(fit=True)
        if self._idle:
            rehearse()
        while (ask := self._asked.heard()) is not None:
            self._known.add(ask["tests"])
            child = Child()
            if not child.pid:
                self._go_on(session.config, child, ask)
                return
            if not self._idle:  # then beside the first trial, rather than before it
                self._idle = True
                rehearse()
            self._asked.say(**child.outlived())
        os._exit(0)

    def _listen(self, listening: bool) -> None:
        for plugin in self._listeners:
            plugin.listen(listening)

    def _refuse(self, why: str) -> None:
        self._asked.say(fit=False, why=why)
        os._exit(0)

    def _unlike_others(self, config: pytest.Config) -> str:
        """Why other trials cannot go on from here; empty: they can."""
        touched = self._witness.touched()
        named = (config.args, config.option.file_or_dir, config.known_args_namespace.file_or_dir)
        options = vars(config.option).items()
        reasons = {
            f"it has to do with the tree: {touched}": bool(touched),
            "its settings name tests": any(tests != self._here for tests in named),
            "it has threads": len(os.listdir("/proc/self/task")) != 1,  # noqa: PTH208
            "it has children": has_children(),
            "it has left something temporary": self._kept.added(),
            "it is traced": sys.gettrace() is not None or sys.getprofile() is not None,
            "it lists its plugins": bool(config.option.traceconfig),
            "its time is limited": timed(config),
            "it has drawn a number by chance": any("seed" in name and value is not None for name, value in options),
            "its head depends on what is run": not hasattr(config, "args_source") and bool(config.getini("testpaths")),
            "it keeps something open": not self._descriptors.sorted_out(),
        }
        return next((why for why, true in reasons.items() if true), "")

    def _go_on(self, config: pytest.Config, child: Child, ask: dict[str, Any]) -> None:
        """Be what pytest would be by now, had it been started for this trial alone."""
        self._born, repeated = True, ask["repeated"]
        child.become(self._descriptors.renewed(child.output))
        os.chdir(os.path.join(self._channel.root, self._channel.folder))  # noqa: PTH118  # it may be another one by that name
        for path in [path for path in sys.path_importer_cache if path.startswith(self._channel.root)]:
            del sys.path_importer_cache[path]
        self._channel.begin_anew(ask["nonce"], ask["manner"], remember=repeated)
        tests, before = self._seen(ask["tests"]), config.invocation_params
        config.args, config.option.file_or_dir, config.known_args_namespace.file_or_dir = list(tests), list(tests), list(tests)
        plugins = list(before.plugins or ())
        for plugin in [self, *([] if ask["reach"] else self._listeners)]:
            config.pluginmanager.unregister(plugin)
            plugins.remove(plugin)
        self._listen(ask["reach"])
        args = (*before.args[: -len(self._here)], *tests)
        config.invocation_params = type(before)(args=args, plugins=plugins, dir=before.dir)
        begin_now(config)
        if repeated:
            config.pluginmanager.register(Repeating(self._asked, self._channel, self._descriptors, self._kept, ask))
        else:
            self._asked.close()

    def _seen(self, tests: Sequence[str]) -> list[str]:
        return [self._channel.seen_from_here(test) for test in tests]


def timed(config: pytest.Config) -> bool:
    """Whether pytest-timeout counts the time since the session began."""
    if not hasattr(config.option, "session_timeout"):
        return False
    return bool(config.option.session_timeout or config.getini("session_timeout"))


def rehearse() -> None:
    """Put a failure into words, as every child does in which a test fails: much of that takes long only the first time."""
    try:
        json.loads("{")
    except ValueError:
        with contextlib.suppress(Exception):  # whatever goes wrong does so in the child as well, and is told there
            pytest.ExceptionInfo.from_current().getrepr()
    list(tokenize.generate_tokens(iter(["words\n"]).__next__))  # it puts its patterns together
