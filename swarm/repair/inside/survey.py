"""The survey: each test once plainly and once traced, to learn what it says, how long it takes and where it leads."""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING, Any

from .limits import Limits, cap_memory
from .nursery import Nursery
from .running import Runner, step
from .session import silence
from .tracing import Tracer, bits

if TYPE_CHECKING:
    import pytest

    from .arena import Arena
    from .channel import Channel
    from .session import Takeover

FUEL = 1 << 60
PATIENT = 2  # tests that hang for their whole time, before others that do get less
SLOWER = 60  # how many times slower a traced test may be


class Survey:
    """Runs the tests of a session and tells what was seen."""

    def __init__(self, job: dict[str, Any], channel: Channel, plugin: Takeover, root: str) -> None:
        """Prepare to do what the job says."""
        self._job, self._channel, self._plugin, self._root = job, channel, plugin, root
        self._limits = Limits()
        self._seconds: dict[str, float] = {}
        self._peaks: dict[str, dict[int, int]] = {}
        self._hung: set[str] = set()
        self._hanging = 0

    def run(self, session: pytest.Session) -> None:
        """Run every wanted test that is there."""
        self._runner = Runner(session, self._plugin, self._limits, self._root)
        # An example in a docstring is a test, but where it stands is source.
        tested = {test.partition("::")[0] for test, item in self._runner.items.items() if not hasattr(item, "dtest")}
        self._tracer = Tracer(self._root, tested)
        nursery = Nursery(self._act, self._done, self._job["cores"], monotonic() + self._job["seconds"])
        there = [test for test in self._job["tests"] if test in self._runner.items]
        for kind in ("plain", "traced"):
            for test in there:
                (nursery.alone if test in self._job["apart"] else nursery.queue).append((kind, test))
            nursery.run()
        for path, lines in self._peaks.items():
            self._channel.tell("peaks", path=path, lines=sorted(lines.items()))

    def _act(self, what: tuple[str, str], arena: Arena) -> tuple[dict[str, Any], bool]:
        kind, test = what
        silence()
        cap_memory(self._job["memory"])
        # What hangs in one test hangs in the next as well: it need not be waited for as long each time.
        cpu = self._job["limit"] / (1 if self._hanging < PATIENT else 4)
        if kind == "plain":
            outcome, seconds = step(self._runner, arena, test, (cpu, 2 * cpu + 2), FUEL)
            return {"outcome": outcome, "seconds": seconds, **self._runner.story()}, outcome != "timed out"
        cpu = cpu / 2 if test in self._hung else min(self._job["limit"] * 4, SLOWER * self._seconds.get(test, cpu) + 1.0)
        with self._tracer.tracing():
            outcome, _ = step(self._runner, arena, test, (cpu, 2 * cpu + 2), FUEL)
        counts = self._tracer.counts
        lines = {path: bits(found) for path, found in counts.items()}
        return {"outcome": outcome, "lines": lines, "counts": {path: list(found.items()) for path, found in counts.items()}}, True

    def _done(self, what: tuple[str, str], record: dict[str, Any]) -> None:
        kind, test = what
        for path, found in record.pop("counts", {}).items():
            peaks = self._peaks.setdefault(path, {})
            if record["outcome"] in ("passed", "failed"):
                for line, count in found:
                    peaks[line] = max(count, peaks.get(line, 0))
        if kind == "plain":
            self._seconds[test] = record.get("seconds", self._job["limit"])
            if record["outcome"] == "timed out":
                self._hung.add(test)
                self._hanging += 1
        self._channel.tell(kind, test=test, **record)
