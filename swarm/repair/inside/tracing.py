"""Sees which lines of the tree are executed, and how often. `sys.settrace` does, on every Python, what fuel needs: it counts."""

from __future__ import annotations

import os
import sys
import threading
from collections import defaultdict
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from types import CodeType, FrameType

Place = tuple[str, int, str]


def within(root: str, filename: str) -> str:
    """The path in the tree of what a code object calls its file; empty if it is not there."""
    if filename.startswith("<"):
        return ""
    absolute = os.path.normpath(os.path.join(root, filename))  # noqa: PTH118
    return absolute[len(root) + 1 :] if absolute.startswith(root + os.sep) else ""


def place(code: CodeType) -> Place:
    """Where a code object comes from and what it is called."""
    return code.co_filename, code.co_firstlineno, code.co_name


@contextmanager
def calls_noted(root: str) -> Iterator[set[Place]]:
    """Note which functions below a folder are called."""
    codes: dict[int, CodeType] = {}

    def note(frame: FrameType, _event: str, _argument: Any) -> None:
        codes.setdefault(id(frame.f_code), frame.f_code)

    places: set[Place] = set()
    before = sys.gettrace()
    sys.settrace(note)
    try:
        yield places
    finally:
        sys.settrace(before)
        places.update(place(code) for code in codes.values() if within(root, code.co_filename))


class Tracer:
    """Counts, for every line of the tree outside of the tests, how often it is reached."""

    def __init__(self, root: str, without: Collection[str]) -> None:
        """Count below `root`, except in these files."""
        self._root, self._without = root, without
        self._local: dict[int, tuple[CodeType, Any]] = {}
        self.counts: dict[str, dict[int, int]] = {}
        """Line by line, by path in the tree; the line of its `def` counts the calls of a function."""

    @contextmanager
    def tracing(self) -> Iterator[None]:
        """Count what runs here and in the threads that it starts."""
        self.counts = {}
        self._local = {}
        sys.settrace(self._enter)
        threading.settrace(self._enter)
        try:
            yield
        finally:
            sys.settrace(None)
            threading.settrace(None)

    def _enter(self, frame: FrameType, _event: str, _argument: Any) -> Any:
        code = frame.f_code
        known = self._local.get(id(code))
        if known is None:
            known = self._local[id(code)] = (code, self._make(code))
        return known[1](frame, "call", None) if known[1] else None

    def _make(self, code: CodeType) -> Any:
        path = within(self._root, code.co_filename)
        if not path or path in self._without:
            return None
        counter = self.counts.setdefault(path, defaultdict(int))

        def local(frame: FrameType, event: str, _argument: Any) -> Any:
            if event in ("line", "call"):
                counter[frame.f_lineno] += 1
            return local

        return local


def bits(lines: Collection[int]) -> str:
    """A set of line numbers as a number in hexadecimal, one bit for each line."""
    number = 0
    for line in lines:
        number |= 1 << line
    return f"{number:x}"
