"""Inputs that are a little different from given ones: the values next to them, shorter ones, empty ones, other orders."""

from __future__ import annotations

import copy
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

DAYS = (1, -1, 30, 366)
"""From one day to others near it; months and years of other lengths are among them."""


def variants(given: tuple[Any, ...]) -> Iterator[tuple[Any, ...]]:
    """One argument changed at a time, in the same way every time."""
    for at, value in enumerate(given):
        for other in near(value):
            yield (*given[:at], other, *given[at + 1 :])


def near(value: Any, depth: int = 2) -> Iterator[Any]:
    """Values near a plain one; none near any other."""
    kind = type(value)
    found = KINDS.get((kind.__module__, kind.__name__), _other_members)
    return found(value, depth)


def _switched(value: bool, _: int) -> Iterator[Any]:
    yield not value


def _next_numbers(value: int, _: int) -> Iterator[Any]:
    yield from (value + 1, value - 1, value * 2 + 1, 0)


def _next_fractions(value: float, _: int) -> Iterator[Any]:
    yield from (value + 1, value / 2, -value)


def _other_days(value: Any, _: int) -> Iterator[Any]:
    for days in DAYS:
        try:
            yield value + sys.modules["datetime"].timedelta(days)
        except OverflowError:  # there is no such day
            continue


def _other_texts(value: str, _: int) -> Iterator[Any]:
    yield from _shorter(value)
    yield from (value[::-1], value.swapcase(), value + value[:1], "")


def _other_rows(value: Any, depth: int) -> Iterator[Any]:
    kind = type(value)
    yield from _shorter(value)
    yield value[::-1]
    yield value + value[:1]
    yield kind()
    for at in range(min(len(value), 4)) if depth else ():
        for other in list(near(value[at], depth - 1))[:2]:
            changed = list(copy.copy(value))
            changed[at] = other
            yield kind(changed)


def _other_tables(value: dict[Any, Any], depth: int) -> Iterator[Any]:
    for key in list(value)[:3]:
        yield {name: held for name, held in value.items() if name != key}
    for key in list(value)[:3] if depth else ():
        for other in list(near(value[key], depth - 1))[:2]:
            yield {**value, key: other}


def _fewer(value: set[Any], _: int) -> Iterator[Any]:
    yield from (set(sorted(value, key=repr)[1:]), set())


def _other_members(value: Any, _: int) -> Iterator[Any]:
    """Of an enumeration; of anything else, none."""
    kind: Any = type(value)
    if "__members__" in dir(kind):
        yield from [other for other in list(kind)[:4] if other is not value]


def _shorter(value: Any) -> Iterator[Any]:
    if value:
        yield from (value[1:], value[:-1])


KINDS: dict[tuple[str, str], Callable[[Any, int], Iterator[Any]]] = {
    ("builtins", "bool"): _switched,
    ("builtins", "int"): _next_numbers,
    ("builtins", "float"): _next_fractions,
    ("decimal", "Decimal"): _next_fractions,
    ("fractions", "Fraction"): _next_fractions,
    ("datetime", "date"): _other_days,
    ("datetime", "datetime"): _other_days,
    ("datetime", "timedelta"): _other_days,
    ("builtins", "str"): _other_texts,
    ("builtins", "list"): _other_rows,
    ("builtins", "tuple"): _other_rows,
    ("builtins", "dict"): _other_tables,
    ("builtins", "set"): _fewer,
}
"""By their names: whoever has a value of a kind has imported its module, and nobody else need."""
