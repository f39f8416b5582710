"""Runs the tests of one trial several times, each time in a child of its own, without looking for them again."""

from __future__ import annotations

import gc
import os
import random
import sys
import time
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from swarm.evidence.runners.inside.channel import Channel
    from swarm.evidence.runners.inside.children import Child, has_children, protect
    from swarm.evidence.runners.inside.descriptors import Descriptors
    from swarm.evidence.runners.inside.restoring import Kept
    from swarm.evidence.runners.inside.sessions import Session

BEGAN = ("_session_start", "_sessionstarttime")
"""Where versions of pytest keep when the session began: in the end it is told how long it took."""


class Repeating:
    """A pytest plugin that is there until the tests are run."""

    def __init__(self, asked: Session, channel: Channel, descriptors: Descriptors, kept: Kept, ask: dict[str, Any]) -> None:
        """Tell how each child ended over `asked`, and hear there the nonce of the next, if there is to be one."""
        self._asked, self._channel, self._descriptors, self._kept = asked, channel, descriptors, kept
        self._nonce, self._manner, self._chance = ask["nonce"], ask["manner"], random.getstate()

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> None:
        """Wait here while children run the tests; where they would not do what a run of its own does, run them once."""
        session.config.pluginmanager.unregister(self)
        sys.stdout.flush()
        sys.stderr.flush()
        if not self._alike():
            self._asked.close()
            self._channel.begin_anew(self._nonce, self._manner)
            return
        protect(1, 0)
        nonce: str | None = self._nonce
        while nonce is not None:
            child = Child()
            if not child.pid:
                self._asked.close()
                child.become(self._descriptors.renewed(child.output))
                self._channel.begin_anew(nonce, self._manner)
                begin_now(session.config)
                return
            self._asked.say(more=True, **child.outlived())
            nonce = (self._asked.heard() or {"nonce": None})["nonce"]
        os._exit(0)

    def _alike(self) -> bool:
        """Whether importing the tests did nothing that children would share, and drew nothing by chance that each would draw."""
        lone = len(os.listdir("/proc/self/task")) == 1 and not has_children()  # noqa: PTH208
        traced = sys.gettrace() is not None or sys.getprofile() is not None
        return (
            lone
            and not traced
            and not self._kept.added()
            and random.getstate() == self._chance
            and not any(map(draws, gc.get_objects()))
            and self._descriptors.sorted_out()
        )


def draws(thing: object) -> bool:
    """Whether numbers are drawn from this by chance: every child would draw the same ones."""
    return issubclass(type(thing), random.Random) or str(getattr(type(thing), "__module__", "")).startswith("numpy.random")


def begin_now(config: pytest.Config) -> None:
    """Let it be told in the end how long it took from now on."""
    terminal = config.pluginmanager.get_plugin("terminalreporter")
    for name in BEGAN:
        if hasattr(terminal, name):
            before = getattr(terminal, name)
            setattr(terminal, name, time.time() if isinstance(before, float) else type(before)())
