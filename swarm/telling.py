"""A run told to whoever started it, while it happens and when it has ended."""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from sandboxes.trouble import Trouble
from swarm.blackboard.history import all_entries, doubts_in
from swarm.blackboard.runs import Run
from swarm.errors import RunEnding, shown
from swarm.fix import go_on
from swarm.interrupting import interruptible
from swarm.landed import Landed, landed_object, landed_text
from swarm.merging import Consent, merge, to_merge
from swarm.outcome import outcome_text
from swarm.parts import Parts
from swarm.patches import candidate_named
from swarm.report import run_object
from swarm.screening import screen_beside
from swarm.spectating import spectator
from swarm.speech import Speech

After = Callable[[Run], dict[str, Any]]
"""What is done with a run that has ended, before it is told what came of it."""


def told(speech: Speech, parts: Parts, run: str, consent: Consent | None = None, after: After | None = None) -> int:
    """Tell the story of a run to its end, and then what came of it. An end without a fix is a result like any other.

    With somebody who can consent, the fix is merged as well. Whatever goes wrong after the run, its result is told first.
    """
    code, landed = accompanied(speech, parts, run, consent)
    more, trouble = {}, None
    if after is not None:
        try:
            more = after(parts.store.run(run))
        except Trouble as met:
            trouble = met
    taken = landed is not None and landed.done
    text, value = outcome_text(parts.store, run, taken=taken), run_object(parts.store, run)
    lines = (text, landed and landed_text(run, landed), *(one["text"] for one in more.values()))
    speech.say(
        "\n".join(filter(None, lines)),
        {**value, "merge": landed and landed_object(run, landed), **{name: one["value"] for name, one in more.items()}},
    )
    if trouble is not None:
        raise trouble
    return code


def accompanied(speech: Speech, parts: Parts, run: str, consent: Consent | None = None) -> tuple[int, Landed | None]:
    """Tell the story of a run while it happens: with which code it ended, and where its fix was merged."""
    code, landed = 0, None
    with interruptible(speech.note), screened(speech, parts, run):
        try:
            go_on(parts, parts.store.run(run))
            if consent is not None:
                parts.stop.clear()  # it told the workers to stop, and they have
                ended = parts.store.run(run)
                landed = merge(parts, ended, to_merge(parts.store, ended), consent, doubts_in(parts.store, run))
        except RunEnding as ending:
            code = ending.exit_code
            speech.note(shown(ending))
    return code, landed


def merged(speech: Speech, parts: Parts, run: str, candidate: str | None, consent: Consent) -> None:
    """Merge the fix of a run that has ended, tell how it goes, and what came of it."""
    found = parts.store.run(run)
    wanted = to_merge(parts.store, found, candidate_named(parts.store, run, candidate).number if candidate else None)
    position = max((entry.position for entry in all_entries(parts.store, run)), default=0)
    with spectator(speech, parts.store, run, position, done=parts.pulse.words):
        landed = merge(parts, found, wanted, consent)
    speech.say(landed_text(run, landed), landed_object(run, landed))


@contextmanager
def screened(speech: Speech, parts: Parts, run: str) -> Iterator[None]:
    """Show a run on the screen where there is one, and tell it line by line once the person has left, or where there is none."""
    if not speech.on_terminal():
        with spectator(speech, parts.store, run, done=parts.pulse.words):
            yield
        return
    command = [
        sys.executable,
        "-P",
        "-m",
        "swarm",
        "-C",
        str(parts.repository.top),
        "watch",
        run,
        "--opened-by",
        str(os.getpid()),
    ]
    with screen_beside(command) as shown, spectator(speech, parts.store, run, hush=shown, done=parts.pulse.words):
        yield
