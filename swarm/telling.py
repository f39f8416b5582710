"""A run told to whoever started it, while it happens and when it has ended."""

import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from swarm.blackboard.history import all_entries
from swarm.blackboard.journal import Entry
from swarm.blackboard.runs import Run
from swarm.blackboard.store import Store
from swarm.choice import doubts_in
from swarm.errors import Interrupted, RunEnding, shown
from swarm.events import Conversed
from swarm.fix import fix
from swarm.interrupting import interruptible
from swarm.merging import Consent, merge, to_merge
from swarm.parts import Parts
from swarm.patches import candidate_named
from swarm.report import landed_object, landed_text, thing_shown
from swarm.speech import Speech
from tui.plain import line

LOOK = 0.05
"""Seconds between two looks at the journal."""


def told(speech: Speech, parts: Parts, run: str, consent: Consent | None = None) -> int:
    """Tell the story of a run to its end, and then what came of it. An end without a fix is a result like any other.

    With somebody who can consent, the fix is merged as well.
    """
    code, landed = 0, None
    with interruptible(speech.note), screened(speech, parts, run):
        try:
            fix(parts, parts.store.run(run))
            if consent is not None:
                parts.stop.clear()  # it told the workers to stop, and they have
                ended = parts.store.run(run)
                landed = merge(parts, ended, to_merge(parts.store, ended), consent, doubts_in(parts.store, run))
        except RunEnding as ending:
            code = ending.exit_code
            speech.note(shown(ending))
    text, value = thing_shown(parts.store, run, None)
    speech.say(
        f"{text}\n{landed_text(run, landed)}" if landed else text, {**value, "merge": landed and landed_object(run, landed)}
    )
    return code


def merged(speech: Speech, parts: Parts, run: str, candidate: str | None, consent: Consent) -> None:
    """Merge the fix of a run that has ended, tell how it goes, and what came of it."""
    found = parts.store.run(run)
    wanted = to_merge(parts.store, found, candidate_named(parts.store, run, candidate).number if candidate else None)
    position = max((entry.position for entry in all_entries(parts.store, run)), default=0)
    with spectator(speech, parts.store, run, position):
        landed = merge(parts, found, wanted, consent)
    speech.say(landed_text(run, landed), landed_object(run, landed))


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
def spectator(speech: Speech, store: Store, run: str, begin: int = 0, hush: Callable[[], bool] = lambda: False) -> Iterator[None]:
    """Tell what happens after a position from a thread of its own, but for what happens in a hush; leave when all is told."""
    over = threading.Event()
    started = store.run(run).started

    def watch() -> None:
        position, last = begin, False
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
