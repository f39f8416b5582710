"""Where the engine begins: it reads its job, lets pytest collect, and does the job."""

from __future__ import annotations

import contextlib
import os
import sys
import traceback
from time import perf_counter
from typing import TYPE_CHECKING, Any

import pytest

from .channel import Channel
from .observing import Observe
from .reload import Reload
from .session import Takeover, prepare_path, silence, start
from .survey import Survey
from .tracing import calls_noted
from .trials import Trials

if TYPE_CHECKING:
    from .tracing import Place


def run(job: dict[str, Any]) -> None:
    """Do a job, tell how it went, and end this process whatever the project left running in it."""
    channel = Channel(job["nonce"])
    channel.tell("start", python=sys.version.split()[0], pytest=pytest.__version__)
    leave = os._exit
    try:
        _do(job, channel)
    except BaseException:  # noqa: BLE001  # whatever it is, swarm is to hear of it
        channel.tell("broken", text=traceback.format_exc()[-4000:])
        leave(1)
    channel.tell("end")
    leave(0)


def _do(job: dict[str, Any], channel: Channel) -> None:
    root = os.getcwd()  # noqa: PTH109
    prepare_path(root, job["first"], job["folder"])
    silence()
    if job["mode"] == "reload":
        Reload(job, channel, root).run()
        return
    began = perf_counter()
    noted = contextlib.ExitStack()
    ran: set[Place] = noted.enter_context(calls_noted(root))

    def act(session: pytest.Session, uncollected: dict[str, str]) -> None:
        noted.close()
        try:
            work(session, uncollected)
        except BaseException:  # noqa: BLE001  # pytest would make one line of it
            channel.tell("broken", text=traceback.format_exc()[-4000:])
            os._exit(1)
        channel.tell("end")
        os._exit(0)

    def work(session: pytest.Session, uncollected: dict[str, str]) -> None:
        missing = [test for test in job["tests"] if test not in {item.nodeid for item in session.items}]
        channel.tell("collected", seconds=perf_counter() - began, missing=missing, uncollected=uncollected)
        if job["mode"] == "survey":
            Survey(job, channel, plugin, root).run(session)
        elif job["mode"] == "observe":
            Observe(job, channel, plugin, root).run(session, ran)
        else:
            Trials(job, channel, plugin, root).run(session, ran)

    plugin = Takeover(act)
    status = start(root, job["tests"], plugin)
    raise RuntimeError(f"pytest ended with status {status} before any test was run")
