"""The warm sandboxes of one triage: as many as trials run at once, opened when they are first needed."""

import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress

from sandboxes.listing import Entry
from sandboxes.talk import Talk
from sandboxes.trouble import Trouble
from swarm.evidence.results import TestRun
from swarm.evidence.rooms import Rooms
from swarm.evidence.runner import Manner, Runner
from swarm.evidence.runners.pytest import PytestRunner
from swarm.evidence.runners.warm import Cold, Warm, warmed

AT_ONCE = 2
SHORT = 1.5  # seconds: while no trial has taken longer, to wait for the first sandbox is sooner done than to open a second


class Warmth:
    """Lends each trial a warm sandbox. Whatever goes wrong in one, the trial has to be run without."""

    def __init__(self, rooms: Rooms, runner: PytestRunner, tree: str) -> None:
        """Open the first one in the background."""
        self._rooms, self._runner, self._tree = rooms, runner, tree
        self._changed = threading.Condition()
        self._idle: list[tuple[Warm, ExitStack]] = []
        self._threads: list[threading.Thread] = []
        self._talks: list[Talk] = []
        self._opening = self._busy = self._waiting = 0
        self._fit = True
        self._longest = 0.0
        with self._changed:
            self._open_another()

    def run(
        self, files: Mapping[str, Entry], tests: Sequence[str], *, timeout: float, silence: float, manner: Manner
    ) -> TestRun | None:
        """Run these tests on a tree of these files in one of them; None: it cannot be done."""
        taken = self._taken()
        if taken is None:
            return None
        warm, held = taken
        run = None
        try:
            run = warm.run(files, tests, timeout=timeout, silence=silence, manner=manner)
            self._longest = max(self._longest, run.seconds)
        except Cold:
            self._fit = False
        finally:
            self._give_back(warm, held)
        return run

    def close(self) -> None:
        """End all of them, also one that is still being opened."""
        with self._changed:
            self._fit = False
            idle, self._idle = self._idle, []
            for talk in self._talks:
                talk.enough.set()
        for _, held in idle:
            held.close()
        for thread in self._threads:
            thread.join()

    def _taken(self) -> tuple[Warm, ExitStack] | None:
        """One that nobody uses, as soon as there is one."""
        with self._changed:
            self._waiting += 1
            while not self._idle:
                if self._wanting():
                    self._open_another()
                if not (self._opening or self._busy):
                    self._waiting -= 1
                    return None
                self._changed.wait()
            self._waiting -= 1
            self._busy += 1
            return self._idle.pop()

    def _wanting(self) -> bool:
        """Whether it is worth while to open one for whoever waits."""
        there = self._opening + self._busy
        return self._fit and self._opening < self._waiting and there < AT_ONCE and (not there or self._longest > SHORT)

    def _give_back(self, warm: Warm, held: ExitStack) -> None:
        spent = not self._fit or warm.talk.enough.is_set()
        with self._changed:
            self._busy -= 1
            if not spent:
                self._idle.append((warm, held))
            self._changed.notify_all()
        if spent:
            warm.talk.enough.set()
            held.close()

    def _open_another(self) -> None:
        self._opening += 1
        talk = Talk()
        self._talks.append(talk)
        self._threads.append(threading.Thread(target=self._open, args=(talk,), daemon=True))
        self._threads[-1].start()

    def _open(self, talk: Talk) -> None:
        held, warm = ExitStack(), None
        try:
            with suppress(Cold, Trouble):  # a trial in a sandbox of its own will tell what is the matter, if anything is
                warm = held.enter_context(warmed(self._rooms, self._runner, self._tree, talk))
        finally:
            self._opened(warm, held)

    def _opened(self, warm: Warm | None, held: ExitStack) -> None:
        with self._changed:
            self._opening -= 1
            self._fit = self._fit and warm is not None
            if warm is not None and self._fit:
                self._idle.append((warm, held))
                held = ExitStack()
            self._changed.notify_all()
        held.close()


@contextmanager
def warmth(rooms: Rooms, runner: Runner, tree: str) -> Iterator[Warmth | None]:
    """Lend warm sandboxes, if tests are run in a way for which there are any."""
    if not isinstance(runner, PytestRunner):
        yield None
        return
    made = Warmth(rooms, runner, tree)
    try:
        yield made
    finally:
        made.close()
