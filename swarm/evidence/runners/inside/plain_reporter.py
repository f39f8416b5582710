"""Runs a script, or functions of a file, inside the sandbox and tells what became of each. No test runner is imported.

The standard library of Python 3.8 is all that is used here.
"""

from __future__ import annotations

import runpy
import sys
import traceback
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from swarm.evidence.runners.inside.channel import Channel


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


def run(channel: Channel, path: str, functions: Sequence[str]) -> int:
    """Run the script, or call these functions of it; answer 0 if all went well."""
    channel.tell("start", python=sys.version.split()[0])
    place = str(Path(channel.root, path))
    names = [f"{path}::{name}" for name in functions] or [path]
    channel.tell("collected", tests=names)
    sys.argv = [path]
    sys.path.append(str(Path(place).parent))
    if not functions:
        good = attempt(channel, path, place, lambda: runpy.run_path(place, run_name="__main__"))
    else:
        loaded: dict[str, object] = {}
        results = [
            attempt(channel, f"{path}::{name}", place, lambda name=name: call(loaded, place, name))  # type: ignore[misc]
            for name in functions
        ]
        good = all(results)
    channel.tell_origins()
    channel.tell("end", status=int(not good))
    return int(not good)


def call(loaded: dict[str, object], place: str, name: str) -> None:
    """Call a function of the file, which is loaded first, if it is not."""
    if not loaded:
        loaded.update({"__name__": Path(place).stem, "__file__": place})
        exec(compile(Path(place).read_bytes(), place, "exec"), loaded)  # noqa: S102  # this is how a file is run
    function = loaded[name]
    assert callable(function)
    function()
