"""A journal that was kept as lines of JSON (`swarm watch --output stream-json`), read back as moments."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from swarm.events import EVENTS, Event
from tui.given import Moment

ENVELOPE = frozenset({"schema", "position", "run", "at", "event"})
"""What a line says beside the fields of its event."""


def moments(lines: Iterable[str]) -> list[Moment]:
    """What the lines tell; time counts from the first of them."""
    told = [json.loads(line) for line in lines]
    return [Moment(values["position"], values["at"] - told[0]["at"], _event(values)) for values in told]


def _event(values: Mapping[str, Any]) -> Event:
    fields = {key: tuple(value) if isinstance(value, list) else value for key, value in values.items() if key not in ENVELOPE}
    return EVENTS[values["event"]](**fields)
