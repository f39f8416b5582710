"""The journal as values and as lines of JSON: an entry is an event, where it stands and when it happened."""

import functools
import json
import types
import typing
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields
from typing import Any

from swarm.errors import JournalDamaged, JournalTooNew
from swarm.events import EVENTS, SCHEMA, Event

ENCODER = json.JSONEncoder(allow_nan=False)
"""Made once: to make one takes longer than to encode an event."""


@dataclass(frozen=True)
class Entry:
    """One line of the journal."""

    position: int
    """Grows by each entry of a run; a reader continues after the last one it saw."""
    run: str
    at: float
    """Seconds since the epoch."""
    event: Event

    def line(self) -> str:
        """The entry as one line of JSON, in ASCII, without its line end."""
        envelope = {"schema": SCHEMA, "position": self.position, "run": self.run, "at": self.at}
        return ENCODER.encode({**envelope, "event": type(self.event).__name__, **vars(self.event)})


def body(event: Event) -> str:
    """The fields of an event as JSON, as a store keeps them beside its name."""
    return ENCODER.encode(vars(event))


ENVELOPE = {"schema": int, "position": int, "run": str, "at": float, "event": str}


def read_line(line: str) -> Entry:
    """The entry that a line of JSON holds."""
    try:
        values = json.loads(line)
        schema, position, run, at, name = (_as(hint, values.pop(key), "entry", key) for key, hint in ENVELOPE.items())
    except (ValueError, KeyError, AttributeError, TypeError) as error:
        raise JournalDamaged(reason=repr(error), line=line[:80]) from error
    return Entry(position, run, at, read_event(name, values, schema))


def read_event(name: str, values: dict[str, object], schema: int = SCHEMA) -> Event:
    """The event of this name with these values, as some version of swarm wrote them."""
    if schema > SCHEMA:
        raise JournalTooNew(what=f"it is in format {schema}.", known=SCHEMA)
    kind = EVENTS.get(name)
    if kind is None:
        raise JournalTooNew(what=f"it tells of a `{name}`.", known=SCHEMA)
    hints, required = _shape(name)
    if values.keys() == hints.keys() and all(type(value) is hints[key] for key, value in values.items()):
        return kind(**values)  # as nearly all are: a long journal is read much faster so
    if strange := values.keys() - hints.keys():
        raise JournalTooNew(what=f"a `{name}` in it has {', '.join(sorted(strange))}.", known=SCHEMA)
    if missing := required - values.keys():
        raise JournalDamaged(reason=f"`{name}` lacks {', '.join(sorted(missing))}", line=json.dumps(values)[:80])
    return kind(
        **{key: value if type(value) is hints[key] else _as(hints[key], value, name, key) for key, value in values.items()}
    )


@functools.cache
def _shape(name: str) -> tuple[Mapping[str, object], frozenset[str]]:
    """The fields of the event of this name with their types, and those that have no default."""
    kind = EVENTS[name]
    return typing.get_type_hints(kind), frozenset(field.name for field in fields(kind) if field.default is MISSING)


def _as(hint: object, value: object, name: str, key: str) -> Any:
    """The value as the field wants it: JSON knows lists but no tuples, and anyone can write a line."""
    origin, options = typing.get_origin(hint), typing.get_args(hint)
    if origin is tuple and isinstance(value, list):
        return tuple(_as(options[0], item, name, key) for item in value)
    if origin is types.UnionType:
        return None if value is None else _as(options[0], value, name, key)
    if hint is float and type(value) is int:
        return float(value)
    if type(value) is hint:
        return value
    raise JournalDamaged(reason=f"`{key}` of `{name}` is no {getattr(hint, '__name__', hint)}", line=repr(value)[:80])
