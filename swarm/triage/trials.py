"""Runs tests on trees, in warm sandboxes or else each in a fresh one, two at a time, and no question twice."""

import threading
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace

from sandboxes.listing import Entry
from swarm.errors import EnvironmentTrouble
from swarm.evidence.results import TestRun
from swarm.evidence.rooms import Rooms
from swarm.evidence.runner import Manner, Runner
from swarm.triage.sight import SESSION, Sight
from swarm.triage.warmth import AT_ONCE, Warmth

NONE = ("::",)
"""The name of no test."""
CPU = 10.0
"""Seconds of CPU time after which a test counts as hanging, unless others take nearly as long."""
SILENCE = 20.0
"""Seconds without a sign of life after which a test counts as hanging."""


@dataclass(frozen=True)
class Ask:
    """Which tests are to be run: whole files, and single tests by name. Nothing named: all there are."""

    files: tuple[str, ...] = ()
    tests: tuple[str, ...] = ()

    collect: bool = False
    """Only whether the tests can be found, without running any."""

    def about(self, names: Iterable[str], *, crashed: bool = False) -> "Ask":
        """What has to be run to see these fail again, be they tests, files or the whole session (which may have crashed)."""
        known = sorted(names)
        if SESSION in known:
            return self if crashed else replace(self, collect=True)
        return Ask(tuple(name for name in known if "::" not in name), tuple(name for name in known if "::" in name))

    @property
    def everything(self) -> bool:
        """Whether it asks for all tests."""
        return not self.files and not self.tests

    @property
    def homes(self) -> tuple[str, ...]:
        """The files that have to be looked into."""
        return tuple(dict.fromkeys((*self.files, *(test.partition("::")[0] for test in self.tests))))


@dataclass
class Trials:
    """Runs tests on trees of the mirror."""

    rooms: Rooms
    runner: Runner
    stop: threading.Event
    """Set it, and what runs is ended."""
    warmth: Warmth | None = None
    runs: int = 0
    """How many there were."""
    _seen: dict[tuple[str, Ask], Sequence[Sight]] = field(default_factory=dict)
    _files: dict[str, Mapping[str, Entry]] = field(default_factory=dict)

    @property
    def selective(self) -> bool:
        """Whether single files can be run. Of the tools of other languages all tests are run each time."""
        return bool(self.runner.framework)

    def expect(self) -> None:
        """Get ready for trials: there will be some."""
        if self.warmth is not None:
            self.warmth.expect()

    def foresee(self, *trees: str) -> None:
        """Find out already what has to be known of these before anything is run on them."""
        for tree in trees:
            files = self.paths(tree)
            if self.warmth is not None:
                self.warmth.foresee(files)

    def enough(self) -> None:
        """Let go what was kept for more of them: it ends while the rest is done."""
        if self.warmth is not None:
            self.warmth.dismiss()

    def look(self, trees: Sequence[str], ask: Ask, *, timeout: float, again: bool = False) -> list[Sight]:
        """What these tests say on each of the trees, in brief: that they fail, and what is raised where."""
        return [sights[0] for sights in self.looks(trees, ask, timeout=timeout, again=again)]

    def looks(
        self, trees: Sequence[str], ask: Ask, *, timeout: float, again: bool = False, times: int = 1
    ) -> list[Sequence[Sight]]:
        """What these tests say on each of the trees, so many times, or as often as it was asked before."""
        wanted = [tree for tree in dict.fromkeys(trees) if again or (tree, ask) not in self._seen]
        with ThreadPoolExecutor(AT_ONCE) as pool:
            try:
                done = pool.map(lambda tree: self.runs_of(tree, ask, timeout=timeout, times=times, brief=True), wanted)
                fresh = dict(zip(wanted, done, strict=True))
            except BaseException:
                self.stop.set()  # or whoever wants to end this would wait for the tests
                raise
        self._seen |= {(tree, ask): sights for tree, sights in fresh.items()}
        return [fresh[tree] if tree in fresh else self._seen[tree, ask] for tree in trees]

    def run(self, tree: str, ask: Ask, *, timeout: float, reach: bool = False, apart: bool = False) -> Sight:
        """Run these tests once; `apart`: in a sandbox of their own, where strings hash otherwise than in a warm one."""
        return self.runs_of(tree, ask, timeout=timeout, reach=reach, apart=apart)[0]

    def runs_of(
        self,
        tree: str,
        ask: Ask,
        *,
        timeout: float,
        times: int = 1,
        reach: bool = False,
        brief: bool = False,
        apart: bool = False,
    ) -> list[Sight]:
        """Run these tests so many times."""
        homes = [home for home in ask.homes if home in self.paths(tree)]
        if self.selective and not homes and not ask.everything:
            return [Sight(tree)]
        only = NONE if ask.collect else (*ask.files, *ask.tests) if ask.tests else ()
        manner = Manner(reach=reach, only=only, brief=brief, cpu=CPU)
        done = self._runs(tree, homes if self.selective else [], manner, timeout, times, None if apart else self.warmth)
        self.runs += len(done)
        if bad := next((run for run in done if run.infrastructure and not run.timed_out), None):
            raise EnvironmentTrouble(reason=f"{bad.why_incomplete}.", remedy="`swarm doctor` tells what this machine has.")
        return [Sight(tree, run) for run in done]

    def _runs(
        self, tree: str, where: Sequence[str], manner: Manner, timeout: float, times: int, warmth: Warmth | None
    ) -> list[TestRun]:
        """In a warm sandbox, which is good for nothing after it has run fewer times; or else each time in a fresh one."""
        silence, done = min(SILENCE, timeout), []
        if warmth is not None:
            done = warmth.runs(self.paths(tree), where, times=times, timeout=timeout, silence=silence, manner=manner)
        while len(done) < times:
            with self.rooms.open(tree) as room:
                done.append(self.runner.run(room.sandbox, where, timeout=timeout, silence=silence, manner=manner))
        return done

    def paths(self, tree: str) -> Mapping[str, Entry]:
        """The files of a tree."""
        if tree not in self._files:
            self._files[tree] = self.rooms.mirror.files(tree)
        return self._files[tree]
