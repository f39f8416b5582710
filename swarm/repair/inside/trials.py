"""The trials: one edit after another is put into the living functions, and the tests that decide are run."""

from __future__ import annotations

import gc
import hashlib
import sys
from time import monotonic, perf_counter
from typing import TYPE_CHECKING, Any

from .limits import TIME, Limits, cap_memory
from .nursery import OVERDUE, Nursery
from .running import Runner, step
from .session import silence
from .swapping import Living, Swap, swapped
from .units import Base, NotAlone
from .watching import Watch

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pytest

    from .arena import Arena
    from .channel import Channel
    from .session import Takeover
    from .tracing import Place

Record = dict[str, Any]
UNCOMPILED = (SyntaxError, ValueError, RecursionError, MemoryError)
PLENTY = 1 << 60  # fuel for a confirmation, which only the clock limits


class Trials:
    """Tries the edits of a job in the functions that are alive in this process."""

    def __init__(self, job: dict[str, Any], channel: Channel, plugin: Takeover, root: str) -> None:
        """Prepare to do what the job says."""
        self._job, self._channel, self._plugin, self._root = job, channel, plugin, root
        self._limits = Limits()
        self._known: dict[bytes, int] = {}
        self._failed = frozenset(job.get("known", ()))
        self._bases: dict[str, Base] = {}
        self._plain: dict[str, bool] = {}
        self._again: set[tuple[int, bool]] = set()
        self._found = 0

    def run(self, session: pytest.Session, ran: set[Place]) -> None:
        """Try them all, or until there are enough plausible ones, or no time."""
        self._runner = Runner(session, self._plugin, self._limits, self._root)
        self._living = Living(self._root, ran)
        modules = [module for module in list(sys.modules.values()) if self._is_ours(module)]
        self._watch = Watch(modules)
        self._plain = {test: self._runner.is_plain(test) for test in self._job["tests"] if test in self._runner.items}
        self._limits.install()
        self._nursery = Nursery(self._act, self._done, self._job["cores"], monotonic() + self._job["seconds"], self._sound)
        self._nursery.queue.extend((index, False) for index in range(len(self._job["edits"])))
        for path, content in self._job["files"].items():
            if path in self._living.filenames:
                self._bases[path] = Base(path, content.encode("latin-1"), self._living.filenames[path])
                self._bases[path].warm([edit[1] for edit in self._job["edits"] if edit[0] == path])
        gc.collect()
        gc.freeze()
        self._nursery.run()

    def _is_ours(self, module: Any) -> bool:
        return str(getattr(module, "__file__", None) or "").startswith(self._root)

    def _act(self, what: tuple[int, bool], arena: Arena) -> tuple[Record, bool]:
        """Try one edit, or confirm it, in a child."""
        index, confirming = what
        arena.beat(5.0)
        self._settle_in()
        path, start, end, text, plan_number = self._job["edits"][index]
        plan = self._job["plans"][plan_number]
        if path not in self._bases:
            return self._apart(path, start, end, text, "nobody holds anything of the file"), True
        try:
            key, swaps = self._living.plan(self._bases[path], start, end, text.encode("latin-1"))
        except NotAlone as error:
            return self._apart(path, start, end, text, str(error)), True
        except UNCOMPILED as error:
            return self._apart(path, start, end, text, f"the function cannot be compiled alone: {error}"), True
        if not swaps:
            return {"outcome": "same", "as": -1}, True
        code = _short(key)
        if code in self._failed:
            return {"outcome": "known", "code": code, "how": "swapped"}, True
        if self._known.setdefault(key, index) != index:
            return {"outcome": "same", "as": self._known[key]}, True
        record = self._try(swaps, plan, arena, confirming=confirming)
        left = record.get("left") or self._watch.changed()
        return {**record, "key": key.hex(), "code": code, "left": left}, not left

    def _apart(self, path: str, start: int, end: int, text: str, why: str) -> Record:
        """Leave an edit to those who import anew, if it can be imported at all."""
        content = self._job["files"][path].encode("latin-1")
        try:
            compile(content[:start] + text.encode("latin-1") + content[end:], path, "exec", dont_inherit=True)
        except UNCOMPILED as error:
            return {"outcome": "failed", "why": f"{type(error).__name__}: {error}"}
        return {"outcome": "apart", "why": why}

    def _sound(self, what: tuple[int, bool], arena: Arena) -> bool:
        """Whether, with the original code, what failed still fails and what passed still passes."""
        plan = self._job["plans"][self._job["edits"][what[0]][4]]
        return all(
            (self._ask(number, [], PLENTY, arena, directly=True) == "passed") == (number >= self._job["failing"])
            for number in plan["canaries"]
        )

    def _settle_in(self) -> None:
        if not getattr(self, "_settled", False):
            silence()
            cap_memory(self._job["memory"])
            self._watch.begin()
            self._settled = True

    def _try(self, swaps: Sequence[Swap], plan: dict[str, Any], arena: Arena, *, confirming: bool) -> Record:
        """Run the tests of the plan until one speaks against the edit."""
        began = perf_counter()
        fuel = PLENTY if confirming else plan["fuel"]
        record: Record = {"outcome": "plausible"}
        with swapped(swaps):
            for at, number in enumerate(plan["tests"]):
                outcome = self._ask(number, plan["tests"][at + 1 : at + 2], fuel, arena, directly=not confirming)
                if outcome != "passed":
                    record = {"test": number, **self._judged(outcome)}
                    break
            if not self._runner.close():
                record["left"] = "fixtures that could not be torn down"
        record["seconds"] = perf_counter() - began
        return record

    def _judged(self, outcome: str) -> Record:
        """What a test that did not pass says of the edit. What the clock interrupted may be in pieces, wherever it was."""
        if outcome == "timed out":
            reached = self._limits.exhausted
            return {"outcome": outcome, "why": reached, "left": "a test that was interrupted" if reached == TIME else ""}
        return {"outcome": "failed", "why": type(self._plugin.error).__name__ if self._plugin.error else outcome}

    def _ask(self, number: int, following: list[int], fuel: int, arena: Arena, *, directly: bool) -> str:
        test, limit = self._job["tests"][number], self._job["limits"][number]
        if test not in self._runner.items:
            return "not collected"
        if directly and self._plain[test]:
            arena.beat(limit[1])
            return self._runner.run_directly(test, limit, fuel)
        after = self._job["tests"][following[0]] if following else ""
        return step(self._runner, arena, test, limit, fuel, after)[0]

    def _done(self, what: tuple[int, bool], record: Record) -> None:
        """Hear, in the parent, what came of it: what seems plausible is tried once more in a child of its own."""
        index, confirming = what
        if "key" in record:
            self._known.setdefault(bytes.fromhex(record.pop("key")), index)
        if record["outcome"] == "plausible" and not confirming:
            self._nursery.alone.append((index, True))
            return
        if record.get("why") == OVERDUE and what not in self._again:
            self._again.add(what)  # a busy machine looks the same from outside: it gets a second chance
            self._nursery.alone.append(what)
            return
        self._channel.tell("trial", edit=index, **{"how": "swapped", **record})
        self._found += record["outcome"] == "plausible"
        if self._found >= self._job["enough"]:
            self._nursery.queue.clear()
            self._nursery.alone.clear()


def _short(key: bytes) -> str:
    """A name for what an edit compiles to, short enough to keep thousands of them."""
    return hashlib.sha256(key).hexdigest()[:16]
