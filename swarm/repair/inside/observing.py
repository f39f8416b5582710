"""What edited functions answer to inputs that the tests gave them, and to inputs that are a little different."""

from __future__ import annotations

import copy
import opcode
import re
import sys
import traceback
from itertools import islice
from time import monotonic
from types import GeneratorType
from typing import TYPE_CHECKING, Any

from .limits import Limits, cap_memory
from .nursery import Nursery
from .running import Runner, step
from .session import silence
from .swapping import Living, swapped
from .units import Base, NotAlone
from .varying import variants

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import CodeType, FrameType, FunctionType, TracebackType

    import pytest

    from .arena import Arena
    from .channel import Channel
    from .session import Takeover
    from .tracing import Place

Record = dict[str, Any]
ADDRESS = re.compile(r" at 0x[0-9a-f]+|0x[0-9a-f]{6,}")
SEEN, MOST = 24, 120
"""How many inputs are kept, and how many there are with those made from them."""
CALL = 0.1  # seconds of CPU time for one call
FUEL = 20_000
TEXT = 200
DIGITS = ".12g"
"""What two ways to reckon the same agree on."""
RAISE = opcode.opmap["RAISE_VARARGS"]
COROUTINE, GENERATOR = 0x280, 0x20  # flags of code objects; a coroutine has one of two


class Observe:
    """Asks each edit of a job the same questions."""

    def __init__(self, job: dict[str, Any], channel: Channel, plugin: Takeover, root: str) -> None:
        """Prepare to do what the job says."""
        self._job, self._channel, self._plugin, self._root = job, channel, plugin, root
        self._limits = Limits()

    def run(self, session: pytest.Session, ran: set[Place]) -> None:
        """Ask them all, each in a child of its own."""
        self._runner = Runner(session, self._plugin, self._limits, self._root)
        self._living = Living(self._root, ran)
        self._limits.install()
        self._bases = {
            path: Base(path, content.encode("latin-1"), self._living.filenames[path])
            for path, content in self._job["files"].items()
            if path in self._living.filenames
        }
        nursery = Nursery(self._act, self._done, self._job["cores"], monotonic() + self._job["seconds"])
        nursery.alone.extend(range(len(self._job["edits"])))
        nursery.run()

    def _done(self, index: int, record: Record) -> None:
        self._channel.tell("observed", edit=index, **record)

    def _act(self, index: int, arena: Arena) -> tuple[Record, bool]:
        path, start, end, text, tests = self._job["edits"][index]
        arena.beat(self._job["patience"])
        silence()
        cap_memory(self._job["memory"])
        base = self._bases.get(path)
        unit = base.unit(start, end) if base else None
        if base is None or unit is None:
            return {"outcome": "nothing"}, False
        original, _ = base.original(unit)
        function = self._living.function(original)
        if function is None or original.co_flags & COROUTINE:
            return {"outcome": "nothing"}, False
        inputs = self._inputs(function.__code__, tests, arena)
        arena.beat(self._job["patience"])
        try:
            _, swaps = self._living.plan(base, start, end, text.encode("latin-1"))
        except (NotAlone, SyntaxError, ValueError):
            return {"outcome": "nothing"}, False
        with swapped(swaps):
            said = [self._answer(function, given) for given in inputs]
        names = original.co_varnames[: original.co_argcount]
        asked = [", ".join(f"{name}={in_words(value)[:60]}" for name, value in zip(names, given)) for given in inputs]  # noqa: B905
        answers, complaints = [answer for answer, _ in said], [complaint for _, complaint in said]
        told: Record = {
            "function": unit.name,
            "asked": [one[:TEXT] for one in asked],
            "answers": answers,
            "complaints": complaints,
        }
        return {"outcome": "observed", **told}, False

    def _inputs(self, code: CodeType, tests: list[int], arena: Arena) -> list[tuple[Any, ...]]:
        """What the tests call the function with, each once, and variants of it."""
        found: dict[str, tuple[Any, ...]] = {}

        def note(frame: FrameType, event: str, _argument: Any) -> None:
            if event == "call" and frame.f_code is code and len(found) < SEEN:
                given = _copied(tuple(frame.f_locals.get(name) for name in code.co_varnames[: code.co_argcount]))
                if given is not None:
                    found.setdefault(in_words(given), given)

        for number in tests:
            if len(found) >= SEEN:
                break
            sys.setprofile(note)
            try:
                step(self._runner, arena, self._job["tests"][number], self._job["limits"][number], FUEL)
            finally:
                sys.setprofile(None)
        for given in list(found.values()):
            for other in variants(given):
                if len(found) < MOST:
                    found.setdefault(in_words(other), other)
        return list(found.values())

    def _answer(self, function: FunctionType, given: tuple[Any, ...]) -> tuple[str, str]:
        """What a call answers and does to its arguments, in words that are equal for equal answers; and what it raises."""
        arguments = _copied(given)
        if arguments is None:
            return "?", ""
        try:
            with self._limits.cpu(CALL, FUEL):
                answer: Any = function(*arguments)
                if isinstance(answer, GeneratorType):
                    answer = list(islice(answer, 50))
                said = in_words(answer)
                after = "" if in_words(given) == in_words(arguments) else f"; then {in_words(arguments)}"
        except BaseException as error:  # noqa: BLE001  # whatever it raises is its answer
            return ("never ends", "") if self._limits.exhausted else (f"raises {type(error).__name__}", self._complaint(error))
        return ("never ends" if self._limits.exhausted else (said + after)[:TEXT]), ""

    def _complaint(self, error: BaseException) -> str:
        """Its first line, as a test runner would print it; of what the project's own code raises on purpose, nothing."""
        try:
            last = _last(error.__traceback__)
            if last and last.tb_frame.f_code.co_filename.startswith(self._root) and _refuses(last):
                return ""
            return "".join(traceback.format_exception_only(type(error), error)).strip().split("\n")[0][:TEXT]
        except Exception:  # noqa: BLE001  # its text is the project's code
            return ""


def _last(trace: TracebackType | None) -> TracebackType | None:
    """The innermost part of a traceback."""
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return trace


def _refuses(last: TracebackType) -> bool:
    """Whether the code stopped since it was told to raise something."""
    return last.tb_frame.f_code.co_code[last.tb_lasti] == RAISE


def _copied(given: tuple[Any, ...]) -> Any:
    """A copy of everything, or None where that cannot be had."""
    try:
        return copy.deepcopy(given)
    except BaseException:  # noqa: BLE001  # copying runs the project's code
        return None


def in_words(value: Any, depth: int = 3) -> str:
    """A value in words: objects that say nothing of themselves by what they hold."""
    kind = type(value)
    plain: Callable[..., Any] = object.__repr__
    if kind.__repr__ is plain and depth and hasattr(value, "__dict__"):
        inside = ", ".join(f"{name}={in_words(held, depth - 1)}" for name, held in sorted(vars(value).items()))
        return f"{kind.__name__}({inside})"
    if kind in (list, tuple) and depth:
        held = ", ".join(in_words(one, depth - 1) for one in value[:50])
        return f"{'tuple' if kind is tuple else ''}[{held}]"
    if kind is float:
        return repr(float(format(value, DIGITS)))
    if kind in (set, frozenset):
        return "{" + ", ".join(sorted(map(repr, value))) + "}"
    return ADDRESS.sub("", repr(value))[:2000]
