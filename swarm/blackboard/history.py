"""What a run's journal has told so far, without waiting for more."""

from collections.abc import Iterator

from swarm.blackboard.store import Store
from swarm.events import Event


def told(store: Store, run: str) -> Iterator[Event]:
    """Every event of a run, oldest first."""
    position = 0
    while entries := store.entries(run, position):
        yield from (entry.event for entry in entries)
        position = entries[-1].position
