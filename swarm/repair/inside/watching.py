"""Sees whether a trial left something behind: module globals, class attributes, containers, random state, threads."""

from __future__ import annotations

import builtins
import collections
import os
import random
import signal
import sys
import threading
from operator import ne
from types import FunctionType, ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

MOST = 20_000  # objects that are looked at; what lies deeper goes unseen
LEAVES = (str, bytes, int, float, complex, bool, type(None))
MUTABLE = (dict, list, set, collections.deque, bytearray)


class Watch:
    """What the modules of the tree held at one moment."""

    def __init__(self, modules: Iterable[ModuleType]) -> None:
        """Look at everything that can be reached from these modules and belongs to them."""
        self._modules = list(modules)
        self._names = {module.__name__ for module in self._modules}
        self._seen: dict[int, Any] = {id(vars(builtins)): None}
        self._now: list[Any] = []
        self._before: list[Any] = []
        self._cells: list[tuple[Any, Any]] = []
        self._caches: list[tuple[Any, Any]] = []
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
        try:
            # What is still the same object is never asked whether it equals itself, so this runs no code of the project.
            if any(map(ne, self._now, self._before)):
                return "something in a module, a class or a container"
        except Exception:  # noqa: BLE001  # comparing what took its place may raise anything
            return "something in a module, a class or a container"
        if any(_content(cell) is not held for cell, held in self._cells):
            return "a variable of a function"
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
                self._keep(vars(thing), dict(vars(thing)))
        elif kind is FunctionType:
            self._look_at_function(thing)
        elif isinstance(thing, (tuple, frozenset)):
            self._waiting.extend(thing)
        elif isinstance(thing, MUTABLE):
            plain: Any = next(one for one in MUTABLE if isinstance(thing, one))
            self._keep(thing, plain(thing))
            self._look_at_instance(thing)
        elif hasattr(kind, "cache_info") and callable(getattr(thing, "cache_info", None)):
            self._caches.append((thing.cache_info, thing.cache_info()))
            self._waiting.append(getattr(thing, "__wrapped__", None))
        else:
            self._look_at_instance(thing)

    def _look_at_function(self, function: FunctionType) -> None:
        if function.__module__ not in self._names:
            return
        self._waiting += [function.__defaults__, function.__kwdefaults__, function.__dict__ or None]
        for cell in function.__closure__ or ():
            self._cells.append((cell, _content(cell)))
            self._waiting.append(_content(cell))

    def _look_at_instance(self, thing: Any) -> None:
        if isinstance(thing, (staticmethod, classmethod, property)):
            self._waiting += [getattr(thing, name, None) for name in ("__func__", "fget", "fset", "fdel")]
        elif type(thing).__module__ in self._names:
            inside = getattr(thing, "__dict__", None)
            if isinstance(inside, dict):
                self._keep(inside, dict(inside))

    def _keep(self, thing: Any, copy: Any) -> None:
        self._now.append(thing)
        self._before.append(copy)
        self._waiting += copy.values() if isinstance(copy, dict) else copy


def _content(cell: Any) -> Any:
    """What a variable of a function holds; for one that holds nothing yet, the type of its holder."""
    try:
        return cell.cell_contents
    except ValueError:
        return type(cell)


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
