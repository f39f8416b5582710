"""The blackboard of a repository, opened: all that is needed to look on, and no more than that."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

from sandboxes.repository import Repository
from swarm.blackboard.sqlite.store import SqliteStore
from swarm.blackboard.store import Store
from swarm.blackboard.tasks import TaskCaps
from swarm.settings.places import state_folder
from swarm.settings.values import Settings


@contextmanager
def opened_store(repository: Repository, settings: Settings) -> Iterator[Store]:
    """The blackboard of this repository."""
    caps = TaskCaps(tasks=settings.max_tasks, depth=settings.max_depth)
    store = SqliteStore.open(state_folder(repository.identity, os.environ), caps=caps)
    try:
        yield store
    finally:
        store.close()
