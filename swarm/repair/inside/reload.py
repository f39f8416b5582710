"""The slower trials: for each edit a child that imports everything anew, for what cannot be put into a living function."""

from __future__ import annotations

import importlib.machinery
import os
from time import monotonic, perf_counter
from typing import TYPE_CHECKING, Any

from .limits import Limits, cap_memory
from .nursery import Nursery
from .running import Runner, step
from .session import Takeover, silence, start

if TYPE_CHECKING:
    import pytest

    from .arena import Arena
    from .channel import Channel

Record = dict[str, Any]
PLENTY = 1 << 60


class Reload:
    """Tries the edits of a job in children that have imported nothing of the project yet."""

    def __init__(self, job: dict[str, Any], channel: Channel, root: str) -> None:
        """Prepare to do what the job says."""
        self._job, self._channel, self._root = job, channel, root
        self._found = 0

    def run(self) -> None:
        """Try them all: first by the tests that decide most, then by the rest."""
        self._nursery = Nursery(self._act, self._done, self._job["cores"], monotonic() + self._job["seconds"])
        self._waiting = [(index, 0) for index in reversed(range(len(self._job["edits"])))]
        for _ in range(self._job["cores"]):
            self._next()
        self._nursery.run()

    def _next(self) -> None:
        """Every child is for a single edit."""
        if self._waiting:
            self._nursery.alone.append(self._waiting.pop())

    def _act(self, what: tuple[int, int], arena: Arena) -> tuple[Record, bool]:
        """Import everything with the edit in it, and run the tests, in a child."""
        index, stage = what
        path, begin, end, text, plan_number = self._job["edits"][index]
        plan = self._job["plans"][plan_number]
        numbers = plan["tests"][: plan["first"]] if stage == 0 else plan["tests"]
        base = self._job["files"][path].encode("latin-1")
        _replace(os.path.join(self._root, path), base[:begin] + text.encode("latin-1") + base[end:])  # noqa: PTH118
        began, trial = perf_counter(), _Trial(self._job, numbers, arena, self._root)
        silence()
        cap_memory(self._job["memory"])
        arena.beat(self._job["startup"] * 10 + 5)
        with trial.limits.cpu(self._job["startup"] * 5 + 2, PLENTY):
            start(self._root, [self._job["tests"][number] for number in numbers], trial.plugin)
        return {**trial.record, "seconds": perf_counter() - began}, False

    def _done(self, what: tuple[int, int], record: Record) -> None:
        index, stage = what
        plan = self._job["plans"][self._job["edits"][index][4]]
        if record["outcome"] == "plausible" and stage == 0 and plan["first"] < len(plan["tests"]):
            self._nursery.alone.appendleft((index, 1))
            return
        self._channel.tell("trial", edit=index, how="imported", **record)
        self._found += record["outcome"] == "plausible"
        if self._found >= self._job["enough"]:
            self._waiting.clear()
        self._next()


class _Trial:
    """One edit's session."""

    def __init__(self, job: dict[str, Any], numbers: list[int], arena: Arena, root: str) -> None:
        self._job, self._numbers, self._arena, self._root = job, numbers, arena, root
        self.plugin = Takeover(self._run)
        self.limits = Limits()
        self.record: Record = {"outcome": "failed", "test": numbers[0] if numbers else 0, "why": "nothing was collected"}

    def _run(self, session: pytest.Session, _uncollected: dict[str, str]) -> None:
        self._decide(session)
        self._arena.beat(10.0)  # pytest has to come to its end

    def _decide(self, session: pytest.Session) -> None:
        if self.limits.exhausted:
            self.record = {"outcome": "timed out", "test": self._numbers[0], "why": "the import took too long"}
            return
        runner = Runner(session, self.plugin, self.limits, self._root)
        for at, number in enumerate(self._numbers):
            test = self._job["tests"][number]
            following = self._job["tests"][self._numbers[at + 1]] if at + 1 < len(self._numbers) else ""
            outcome = "not collected"
            if test in runner.items:
                outcome, _ = step(runner, self._arena, test, self._job["limits"][number], PLENTY, following)
            if outcome != "passed":
                why = type(self.plugin.error).__name__ if self.plugin.error else outcome
                self.record = {"outcome": "timed out" if outcome == "timed out" else "failed", "test": number, "why": why}
                return
        runner.close()
        self.record = {"outcome": "plausible"}


def _replace(filename: str, content: bytes) -> None:
    """Let this process import a file as if it held this content; nothing is written."""
    loader: Any = importlib.machinery.SourceFileLoader
    get_data, path_stats = loader.get_data, loader.path_stats

    def data(self: Any, path: str) -> Any:
        return content if os.path.abspath(path) == filename else get_data(self, path)  # noqa: PTH100

    def stats(self: Any, path: str) -> Any:
        if os.path.abspath(path) == filename:  # noqa: PTH100
            raise OSError("what was compiled before is not wanted")
        return path_stats(self, path)

    loader.get_data, loader.path_stats = data, stats
