"""Sees whether a trial left something behind: module globals, class attributes, containers, random state, threads."""

from __future__ import annotations

import builtins
import collections
import os
import random
import signal
import sys
import threading
from operator import is_
from types import FunctionType, ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

MOST = 20_000  # objects that are looked at; what lies deeper goes unseen
LEAVES = (str, bytes, int, float, complex, bool, type(None))
CONTAINERS = (dict, list, set, collections.deque, tuple, frozenset, bytearray)


class Watch:
    """What the modules of the tree held at one moment."""

    def __init__(self, modules: Iterable[ModuleType]) -> None:
        """Look at everything that can be reached from these modules and belongs to them."""
        self._modules = list(modules)
        self._names = {module.__name__ for module in self._modules}
        self._seen: dict[int, Any] = {id(vars(builtins)): None}
        self._values: list[tuple[Callable[[], Iterable[Any]], list[Any]]] = []
        self._sets: list[tuple[Any, Any]] = []
        self._caches: list[tuple[Callable[[], Any], Any]] = []
        self._waiting: list[Any] = list(self._modules)
        while self._waiting and len(self._seen) < MOST:
            self._look(self._waiting.pop())
        self._process = _process()
        self._random = random.getstate()

    def begin(self) -> None:
        """Undo, in a child, what Python does at its birth: it draws new random numbers."""
        random.setstate(self._random)

    def changed(self) -> str:
        """What is not as it was, in a word; nothing if all of it is."""
        for values, before in self._values:
            now = list(values())
            if len(now) != len(before) or not all(map(is_, now, before)):
                return "something in a module, a class or a container"
        if any(now != before for now, before in self._sets):
            return "a set"
        if any(info() != before for info, before in self._caches):
            return "a cache"
        return next((name for name, value in _process().items() if value != self._process[name]), "")

    def _look(self, thing: Any) -> None:
        if isinstance(thing, LEAVES) or id(thing) in self._seen:
            return
        self._seen[id(thing)] = thing
        kind = type(thing)
        if isinstance(thing, (ModuleType, type)):
            if thing in self._modules or getattr(thing, "__module__", "") in self._names:
                self._follow(vars(thing).values)
        elif kind is FunctionType:
            self._look_at_function(thing)
        elif issubclass(kind, CONTAINERS):
            self._look_at_container(thing)
        elif hasattr(kind, "cache_info") and callable(getattr(thing, "cache_info", None)):
            self._caches.append((thing.cache_info, thing.cache_info()))
            self._waiting.append(getattr(thing, "__wrapped__", None))
        else:
            self._look_at_instance(thing)

    def _look_at_container(self, thing: Any) -> None:
        if isinstance(thing, (tuple, frozenset)):
            self._waiting.extend(thing)
        elif isinstance(thing, (set, bytearray)):
            self._sets.append((thing, set(thing) if isinstance(thing, set) else bytes(thing)))
        else:
            self._follow(dict.values.__get__(thing) if isinstance(thing, dict) else type(thing).__iter__.__get__(thing))
            self._look_at_instance(thing)

    def _look_at_function(self, function: FunctionType) -> None:
        if function.__module__ not in self._names:
            return
        self._waiting += [function.__defaults__, function.__kwdefaults__, function.__dict__ or None]
        for cell in function.__closure__ or ():
            self._follow(_CellReader(cell))

    def _look_at_instance(self, thing: Any) -> None:
        if isinstance(thing, (staticmethod, classmethod, property)):
            self._waiting += [getattr(thing, name, None) for name in ("__func__", "fget", "fset", "fdel")]
        elif type(thing).__module__ in self._names or type(thing).__module__ == "builtins":
            inside = getattr(thing, "__dict__", None)
            if isinstance(inside, dict):
                self._follow(inside.values)

    def _follow(self, values: Callable[[], Iterable[Any]]) -> None:
        held = list(values())
        self._values.append((values, held))
        self._waiting += held


class _CellReader:
    """What a closure's cell holds, as a list of one or none."""

    def __init__(self, cell: Any) -> None:
        self._cell = cell

    def __call__(self) -> list[Any]:
        try:
            return [self._cell.cell_contents]
        except ValueError:  # empty
            return []


def _process() -> dict[str, Any]:
    """What belongs to the whole process."""
    try:
        folder = os.getcwd()  # noqa: PTH109
    except OSError:
        folder = ""
    return {
        "the current folder": folder,
        "the environment": dict(getattr(os.environ, "_data", os.environ)),
        "the import path": list(sys.path),
        "the recursion limit": sys.getrecursionlimit(),
        "threads": threading.active_count(),
        "random numbers": random.getstate()[1],
        "the standard streams": [id(stream) for stream in (sys.stdin, sys.stdout, sys.stderr)],
        "signal handlers": [signal.getsignal(one) for one in (signal.SIGINT, signal.SIGALRM, signal.SIGTERM)],
    }
