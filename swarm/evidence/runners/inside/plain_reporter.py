"""Runs a script, or functions of a file, inside the sandbox and tells what became of each. No test runner is imported.

The standard library of Python 3.8 is all that is used here.
"""

from __future__ import annotations

import runpy
import signal
import sys
import time
import traceback
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from swarm.evidence.runners.inside.channel import Channel

OFTEN, SOON, PATIENCE = 250, 0.2, 2.0
"""So many calls at most, so many seconds for all functions together, and so many until a call is given up."""


def left_early(error: BaseException, path: str) -> bool:
    """Whether an exit is anything but the script's own good end: it says that all is not well, or somebody else called it."""
    frames = [frame.f_code.co_filename for frame, _ in traceback.walk_tb(error.__traceback__)]
    return not isinstance(error, SystemExit) or error.code not in (None, 0) or not frames or frames[-1] != path


def attempt(channel: Channel, test: str, path: str, action: Callable[[], object]) -> bool:
    """Do one thing and tell what became of it; say whether it went well."""
    channel.tell("began", test=test)
    channel.tell("phase", test=test, when="setup", outcome="passed", seconds=0.0)
    facts: dict[str, object] = {"outcome": "passed"}
    try:
        action()
    except BaseException as error:  # noqa: BLE001  # whatever it raises is what is told
        if left_early(error, path):
            text = "".join(traceback.format_exception(type(error), error, error.__traceback__))
            facts = {**channel.raised(error), "outcome": "failed", "text": channel.short(text)}
    channel.tell("phase", test=test, when="call", seconds=0.0, **facts)
    channel.tell("phase", test=test, when="teardown", outcome="passed", seconds=0.0)
    return facts["outcome"] == "passed"


class TooLong(BaseException):
    """Raised in a repetition that does not end; no `Exception`, or tested code would catch it."""


def repeated(functions: Mapping[str, Callable[[], object]]) -> dict[str, BaseException]:
    """Call what went well again and again, in turns, and say what fails at last, though it could be called twice."""

    def give_up(*_: object) -> None:
        raise TooLong

    clock, timer, until = time.monotonic, signal.setitimer, time.monotonic() + SOON
    signal.signal(signal.SIGALRM, give_up)
    failed: dict[str, BaseException] = {}
    left = dict(functions)
    for number in range(OFTEN):
        for name, action in list(left.items()):
            timer(signal.ITIMER_REAL, PATIENCE)
            try:
                action()
            except TooLong:
                del left[name]
            except BaseException as error:  # noqa: BLE001  # whatever it raises is what is told
                del left[name]
                if number:  # what cannot be called twice only leaves something behind
                    failed[name] = error
            finally:
                timer(signal.ITIMER_REAL, 0)
        if not left or clock() > until:
            break
    return failed


def raise_again(error: BaseException | None) -> None:
    """Raise what was raised before, if anything was."""
    if error is not None:
        raise error


def run(channel: Channel, path: str, functions: Sequence[str], again: str) -> int:
    """Run the script, or call these functions of it; answer 0 if all went well. `again` is added to what is called many times."""
    channel.tell("start", python=sys.version.split()[0])
    place = str(Path(channel.root, path))
    sys.argv = [path]
    sys.path.append(str(Path(place).parent))
    good = asked(channel, path, place, functions, again) if functions else ended(channel, path, place)
    channel.tell_origins()
    channel.tell("end", status=int(not good))
    return int(not good)


def ended(channel: Channel, path: str, place: str) -> bool:
    """Run the script; whether it ended well."""
    channel.tell("collected", tests=[path])
    return attempt(channel, path, place, lambda: runpy.run_path(place, run_name="__main__"))


def asked(channel: Channel, path: str, place: str, functions: Sequence[str], again: str) -> bool:
    """Call each function, and then again and again; whether all went well."""
    names = [f"{path}::{name}" for name in functions]
    channel.tell("collected", tests=[*names, *(f"{name}{again}" for name in names)])
    loaded: dict[str, object] = {}
    calls = {test: partial(call, loaded, place, name) for test, name in zip(names, functions)}  # noqa: B905  # for Python 3.8
    good = {test: attempt(channel, test, place, action) for test, action in calls.items()}
    failed = repeated({test: action for test, action in calls.items() if good[test]})
    later = [attempt(channel, f"{test}{again}", place, partial(raise_again, failed.get(test))) for test in names]
    return all((*good.values(), *later))


def call(loaded: dict[str, object], place: str, name: str) -> None:
    """Call a function of the file, which is loaded first, if it is not."""
    if not loaded:
        loaded.update({"__name__": Path(place).stem, "__file__": place})
        exec(compile(Path(place).read_bytes(), place, "exec"), loaded)  # noqa: S102  # this is how a file is run
    function = loaded[name]
    assert callable(function)
    function()
