"""Puts new code into the functions that are alive, wherever they are held, and the old code back."""

from __future__ import annotations

import gc
from contextlib import contextmanager
from types import CodeType, FunctionType
from typing import TYPE_CHECKING

from .tracing import place, within
from .units import Base, NotAlone, fingerprint, inner_codes, own_fingerprint

if TYPE_CHECKING:
    from collections.abc import Container, Iterator, Sequence

    from .tracing import Place

Swap = tuple[FunctionType, CodeType]


class Living:
    """Every function of the tree that is alive after collection, by its code."""

    def __init__(self, root: str, ran: Container[Place]) -> None:
        """Look through the whole process once; `ran` is the code that ran while modules were imported."""
        self._root = root
        self._ran = ran
        self._functions: dict[CodeType, list[FunctionType]] = {}
        self.filenames: dict[str, str] = {}
        """What the code objects of a file call it, by its path in the tree."""
        for thing in gc.get_objects():
            if type(thing) is FunctionType:
                self._add(thing)

    def _add(self, function: FunctionType) -> None:
        filename = function.__code__.co_filename
        if path := within(self._root, filename):
            self._functions.setdefault(function.__code__, []).append(function)
            self.filenames.setdefault(path, filename)

    def function(self, code: CodeType) -> FunctionType | None:
        """A function that is alive and has this code; None: nobody holds one."""
        return next(iter(self._functions.get(code, ())), None)

    def plan(self, base: Base, start: int, end: int, text: bytes) -> tuple[bytes, list[Swap]]:
        """What to swap so that a stretch of a file reads otherwise, and a fingerprint of what comes of it."""
        unit = base.unit(start, end)
        if unit is None:
            raise NotAlone("it is not inside a function")
        new_text = base.content[unit.start : start] + text + base.content[end : unit.end]
        old, fuelled = base.original(unit)
        new = base.alone(unit, new_text)
        if base.in_header(unit, start, end) and not base.keeps_headers(unit, new_text):
            raise NotAlone("it changes what is worked out when a function is made")
        print_ = fingerprint(new)
        if print_ == fingerprint(fuelled):
            return b"", []
        return base.path.encode("utf-8", "surrogateescape") + b"%d:" % unit.start + print_, self._swaps(old, fuelled, new)

    def _swaps(self, old: CodeType, fuelled: CodeType, new: CodeType) -> list[Swap]:
        before, middle, after = inner_codes(old), inner_codes(fuelled), inner_codes(new)
        swaps: list[Swap] = []
        for key, code in before.items():
            functions = self._functions.get(code, ())
            if key not in after:
                if functions:
                    raise NotAlone("a function that is in use is gone")
                continue
            if code is not old and fingerprint(middle[key]) == fingerprint(after[key]):
                continue
            if place(code) in self._ran and own_fingerprint(middle[key]) != own_fingerprint(after[key]):
                raise NotAlone("it ran while the modules were imported")
            if functions and after[key].co_freevars != code.co_freevars:
                raise NotAlone("it uses other variables of the function around it")
            swaps += [(function, after[key]) for function in functions]
        if not swaps:
            raise NotAlone("nobody holds the function")
        return swaps


@contextmanager
def swapped(swaps: Sequence[Swap]) -> Iterator[None]:
    """Let the functions do something else for a while."""
    before = [(function, function.__code__) for function, _ in swaps]
    try:
        for function, code in swaps:
            function.__code__ = code
        yield
    finally:
        for function, code in before:
            function.__code__ = code
