"""Inputs that are a little different from given ones: the values next to them, shorter ones, empty ones, other orders."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator


def variants(given: tuple[Any, ...]) -> Iterator[tuple[Any, ...]]:
    """One argument changed at a time, in the same way every time."""
    for at, value in enumerate(given):
        for other in near(value):
            yield (*given[:at], other, *given[at + 1 :])


def near(value: Any, depth: int = 2) -> Iterator[Any]:
    """Values near a plain one; none near any other."""
    kind = type(value)
    if kind is bool:
        yield not value
    elif kind is int:
        yield from (value + 1, value - 1, value * 2 + 1, 0)
    elif kind is float:
        yield from (value + 1.0, value / 2)
    elif kind is str:
        yield from _shorter(value)
        yield from (value[::-1], value.swapcase(), value + value[:1], "")
    elif kind in (list, tuple):
        yield from _shorter(value)
        yield value[::-1]
        yield value + value[:1]
        yield kind()
        for at in range(min(len(value), 4)) if depth else ():
            for other in list(near(value[at], depth - 1))[:2]:
                changed = list(copy.copy(value))
                changed[at] = other
                yield kind(changed)
    elif kind is dict:
        for key in list(value)[:3]:
            yield {name: held for name, held in value.items() if name != key}
        for key in list(value)[:3] if depth else ():
            for other in list(near(value[key], depth - 1))[:2]:
                yield {**value, key: other}
    elif kind is set:
        yield from (set(sorted(value, key=repr)[1:]), set())


def _shorter(value: Any) -> Iterator[Any]:
    if value:
        yield from (value[1:], value[:-1])
