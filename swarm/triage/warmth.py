"""The warm sandboxes of one triage: as many as trials run at once, opened when they are first needed."""

import threading
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import replace

from sandboxes.blobs import weight
from sandboxes.command import MEBIBYTE
from sandboxes.environments import at_hand
from sandboxes.listing import SUBMODULE, Entry
from sandboxes.repository import Repository
from sandboxes.talk import Talk
from sandboxes.trouble import Trouble
from swarm.evidence.results import TestRun
from swarm.evidence.rooms import Rooms
from swarm.evidence.runner import Manner
from swarm.evidence.runners.pytest import PytestRunner
from swarm.evidence.runners.warm import Blobs, Cold, Start, Warm, warmed
from swarm.triage.site import Site, Workshop

AT_ONCE = 2
FEW = 1_000  # files up to which a tree is told to a sandbox rather than laid out for it
LIGHT = 16 * MEBIBYTE  # what all of them may weigh then


class Warmth:
    """Lends each trial a warm sandbox. Whatever goes wrong in one, the trial has to be run without."""

    def __init__(self, rooms: Rooms, start: Start) -> None:
        """Open the first one in the background."""
        self.rooms, self.start = rooms, start
        self._blobs = Blobs(rooms.mirror)
        self._runner: PytestRunner | None = None
        self._asked: tuple[Mapping[str, Entry], Sequence[str]] | None = None
        self._changed = threading.Condition()
        self._idle: list[tuple[Warm, ExitStack]] = []
        self._threads: list[threading.Thread] = []
        self._talks: list[Talk] = []
        self._enders = ThreadPoolExecutor(AT_ONCE)
        self._ending: list[Future[None]] = []
        self._opening = self._busy = self._waiting = 0
        self._fit = True
        with self._changed:
            self._open_another()

    def serve(self, runner: PytestRunner) -> None:
        """Say which runner has the tests; until that is known nothing is lent."""
        with self._changed:
            self._runner = runner
            for warm, _ in self._idle:
                self._prepare(warm)

    def expect(self) -> None:
        """Open a second one beside the first trial: if a test fails in that, two trials are run side by side next."""
        with self._changed:
            if len(self._talks) == 1 and self._fit:
                self._open_another()

    def warmed(self) -> bool:
        """Wait for the first one; say whether it will do."""
        with self._changed:
            while self._opening:
                self._changed.wait()
            return bool(self._idle)

    def anticipate(self, files: Mapping[str, Entry], tests: Sequence[str]) -> None:
        """Have as many as there can be, each with these files laid out, ready for any of these tests."""
        self._asked = (files, tests)
        for warm, _ in self._idle:
            self._prepare(warm)
        self.expect()

    def foresee(self, files: Mapping[str, Entry]) -> None:
        """Know already what is in these, if a sandbox that begins empty may be told of all of them."""
        if not self.start.tree:
            self._blobs.fetch(files.values())

    def runs(
        self, files: Mapping[str, Entry], tests: Sequence[str], *, times: int, timeout: float, silence: float, manner: Manner
    ) -> list[TestRun]:
        """Run these tests on a tree of these files in one of them, so many times; fewer, or none: it cannot be done."""
        assert self._runner is not None
        self._asked = (files, tests)
        self.expect()
        taken = self._taken(files)
        if taken is None:
            return []
        warm, held = taken
        done: list[TestRun] = []
        try:
            done = warm.runs(self._runner, files, tests, times=times, timeout=timeout, silence=silence, manner=manner)
        except Cold:
            self._fit = False
        finally:
            self._give_back(warm, held)
        return done

    def dismiss(self) -> None:
        """Begin to end all of them, also one that is still being opened: no more trials are to come."""
        with self._changed:
            self._fit = False
            self._ending += [self._enders.submit(held.close) for _, held in self._idle]
            self._idle = []
            for talk in self._talks:
                talk.enough.set()

    def close(self) -> None:
        """Wait until all have ended."""
        self.dismiss()
        with self._enders:
            for one in self._ending:
                one.result()
        for thread in self._threads:
            thread.join()

    def _taken(self, files: Mapping[str, Entry]) -> tuple[Warm, ExitStack] | None:
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
            return self._lent(files)

    def _lent(self, files: Mapping[str, Entry]) -> tuple[Warm, ExitStack]:
        """The one that ran on these files last, since what fails there again is told sooner; or else any."""
        same = [number for number, (warm, _) in enumerate(self._idle) if warm.there == files]
        return self._idle.pop(same[-1] if same else 0)

    def _wanting(self) -> bool:
        """Whether one is missing."""
        return self._fit and self._opening < self._waiting and self._opening + self._busy < AT_ONCE

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
                warm = held.enter_context(warmed(self.rooms, self.start, talk, self._blobs))
        finally:
            self._opened(warm, held)

    def _prepare(self, warm: Warm) -> None:
        """Get it ready for what runs now, since what comes next will be much like that; unless somebody waits for it."""
        if self._runner is not None and not self._waiting:
            files, tests = self._asked or (warm.there, ())
            warm.prepare(self._runner, files, tests)

    def _opened(self, warm: Warm | None, held: ExitStack) -> None:
        if warm is not None:
            self._prepare(warm)
        with self._changed:
            self._opening -= 1
            self._fit = self._fit and warm is not None
            if warm is not None and self._fit:
                self._idle.append((warm, held))
                held = ExitStack()
            self._changed.notify_all()
        held.close()


@contextmanager
def early(site: Site) -> Iterator[Warmth | None]:
    """Have a first one opened while it is still being found out what is to lie in it, if that can be told to it later."""
    top, settings = site.repository.top, site.settings
    environment = at_hand(top, site.backend, settings.env, settings.project) if _small(site.repository) else None
    if environment is None:
        yield None
        return
    rooms = Rooms(site.backend, site.mirror, environment, site.worktrees)
    with closing(Warmth(rooms, Start(environment.python))) as made:
        yield made


@contextmanager
def warmth(shop: Workshop, tree: str, begun: Warmth | None = None) -> Iterator[Warmth | None]:
    """Lend warm sandboxes, those that were begun if they will do, if tests are run in a way for which there are any."""
    if not isinstance(shop.runner, PytestRunner):
        yield None
    elif (
        begun is not None
        and begun.start == Start.of(shop.runner)
        and _alike(begun.rooms, shop.rooms)
        and _light(shop.rooms, tree)
    ):
        begun.serve(shop.runner)
        yield begun
    else:
        with closing(Warmth(shop.rooms, Start.of(shop.runner, tree))) as made:
            made.serve(shop.runner)
            yield made


def _alike(begun: Rooms, wanted: Rooms) -> bool:
    """Whether rooms that were opened before anybody knew in which folder the project lies will do."""
    return replace(begun, environment=begun.environment.within(wanted.environment.folder)) == wanted


def _small(repository: Repository) -> bool:
    """Whether the index is of few files: git needs some hundred bytes for each."""
    index = repository.git_dir / "index"
    return index.exists() and index.stat().st_size <= 100 * FEW


def _light(rooms: Rooms, tree: str) -> bool:
    """Whether a tree is told soon."""
    files = [entry.oid for entry in rooms.mirror.files(tree).values() if entry.mode != SUBMODULE]
    return len(files) <= FEW and weight(rooms.mirror.git, files) <= LIGHT
