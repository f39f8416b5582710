"""Somebody who looks on while a run goes on: tells what happens line by line, and that it still goes on when nothing happens."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from swarm.blackboard.journal import Entry
from swarm.blackboard.runs import Run
from swarm.blackboard.store import Store
from swarm.events import Conversed
from swarm.speech import Speech
from tui.plain import line
from tui.steady import Steady

LOOK = 0.05
"""Seconds between two looks at the journal."""


def tell(speech: Speech, entry: Entry, started: float) -> None:
    """Tell one thing that happened."""
    if speech.form == "stream-json":
        speech.stream(entry.line())
    elif not isinstance(entry.event, Conversed):  # it is kept for a resume; what an agent does is told beside it
        speech.note(line(entry.at - started, entry.event))


def watched(speech: Speech, store: Store, run: Run) -> None:
    """Tell a run from its beginning until it ends or the spectator has had enough."""
    try:
        for entry in store.follow(run.name):
            if speech.form == "text" and isinstance(entry.event, Conversed):
                continue
            speech.stream(line(entry.at - run.started, entry.event) if speech.form == "text" else entry.line())
    except KeyboardInterrupt:
        speech.note(f"left run {run.name}")


@contextmanager
def spectator(
    speech: Speech,
    store: Store,
    run: str,
    begin: int = 0,
    *,
    hush: Callable[[], bool] = lambda: False,
    done: Callable[[], str] = lambda: "",
) -> Iterator[None]:
    """Tell what happens after a position from a thread of its own, but for what happens in a hush; leave when all is told.

    `done` counts in words what the step under way has done so far. If whoever listens to a result has gone, the run goes on all
    the same, and the trouble is raised at its end.
    """
    over, trouble = threading.Event(), list[OSError]()
    started, steady = store.run(run).started, Steady(done)

    def watch() -> None:
        position, last = begin, False
        while not last:
            last = over.is_set()
            for entry in store.entries(run, position):
                steady.take_in(entry.at - started, entry.event)
                if not hush():
                    tell(speech, entry, started)
                position = entry.position
            if speech.form == "text" and not hush() and not last and (still := steady.line(time.time() - started)):
                speech.note(still)
            over.wait(LOOK)

    def watch_as_long_as_anybody_listens() -> None:
        try:
            watch()
        except BrokenPipeError as error:
            trouble.append(error)

    thread = threading.Thread(target=watch_as_long_as_anybody_listens, name="spectator")
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
    if trouble:
        raise trouble[0]
