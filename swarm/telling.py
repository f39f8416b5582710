"""A run told to whoever started it, while it happens and when it has ended."""

import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from swarm.blackboard.journal import Entry
from swarm.blackboard.runs import Run
from swarm.blackboard.store import Store
from swarm.errors import Interrupted, RunEnding, shown
from swarm.fix import fix
from swarm.parts import Parts
from swarm.report import thing_shown
from swarm.speech import Speech
from tui.plain import line

LOOK = 0.05
"""Seconds between two looks at the journal."""


def told(speech: Speech, parts: Parts, run: str) -> int:
    """Tell the story of a run to its end, and then what came of it. An end without a fix is a result like any other."""
    code = 0
    with screened(speech, parts, run):
        try:
            fix(parts, parts.store.run(run))
        except RunEnding as ending:
            code = ending.exit_code
            speech.note(shown(ending))
    speech.say(*thing_shown(parts.store, run, None))
    return code


def tell(speech: Speech, entry: Entry, started: float) -> None:
    """Tell one thing that happened."""
    if speech.form == "stream-json":
        speech.stream(entry.line())
    else:
        speech.note(line(entry.at - started, entry.event))


def watched(speech: Speech, store: Store, run: Run) -> None:
    """Tell a run from its beginning until it ends or the spectator has had enough."""
    try:
        for entry in store.follow(run.name):
            speech.stream(line(entry.at - run.started, entry.event) if speech.form == "text" else entry.line())
    except KeyboardInterrupt:
        speech.note(f"left run {run.name}")


@contextmanager
def screened(speech: Speech, parts: Parts, run: str) -> Iterator[None]:
    """Show a run on the screen where there is one, and tell it line by line once the person has left, or where there is none.

    The screen is a process of its own: it cannot slow the run down, and whatever becomes of it, the run goes on.
    """
    if not speech.on_terminal():
        with spectator(speech, parts.store, run):
            yield
        return
    command = [sys.executable, "-m", "swarm", "-C", str(parts.repository.top), "watch", run]
    with subprocess.Popen(command) as screen:
        try:
            with spectator(speech, parts.store, run, hush=lambda: screen.poll() is None):
                yield
        except (Interrupted, KeyboardInterrupt):
            screen.terminate()
            raise


@contextmanager
def spectator(speech: Speech, store: Store, run: str, hush: Callable[[], bool] = lambda: False) -> Iterator[None]:
    """Tell what happens from a thread of its own, but for what happens in a hush, and leave only when all of it is told."""
    over = threading.Event()
    started = store.run(run).started

    def watch() -> None:
        position, last = 0, False
        while not last:
            last = over.is_set()
            for entry in store.entries(run, position):
                if not hush():
                    tell(speech, entry, started)
                position = entry.position
            over.wait(LOOK)

    thread = threading.Thread(target=watch, name="spectator")
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
