"""What a run is made of, opened for one repository and closed again."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from sandboxes.choice import choose
from sandboxes.environment import Environment, inherited
from sandboxes.mirror import Mirror
from sandboxes.repository import Repository
from sandboxes.sandbox import Backend
from swarm.blackboard.sqlite.store import SqliteStore
from swarm.blackboard.store import Store
from swarm.blackboard.tasks import TaskCaps
from swarm.settings.places import state_folder
from swarm.settings.values import Settings


@dataclass(frozen=True, kw_only=True)
class Parts:
    """What a run is made of."""

    repository: Repository
    mirror: Mirror
    store: Store
    backend: Backend
    environment: Environment
    settings: Settings

    def with_settings(self, settings: Settings) -> "Parts":
        """The same parts under other settings, such as those that a resumed run began with."""
        return replace(self, settings=settings, backend=choose(settings.sandbox))


@contextmanager
def opened_store(repository: Repository, settings: Settings) -> Iterator[Store]:
    """The blackboard of this repository."""
    caps = TaskCaps(tasks=settings.max_tasks, depth=settings.max_depth)
    store = SqliteStore.open(state_folder(repository.identity, os.environ), caps=caps)
    try:
        yield store
    finally:
        store.close()


@contextmanager
def opened_parts(repository: Repository, settings: Settings, backend: Backend | None = None) -> Iterator[Parts]:
    """Everything a run needs; the sandbox first, since without one nothing else is worth opening."""
    backend = backend or choose(settings.sandbox)
    environment = inherited(repository.top)
    mirror = Mirror.at(state_folder(repository.identity, os.environ) / "mirror.git")
    with opened_store(repository, settings) as store:
        yield Parts(
            repository=repository, mirror=mirror, store=store, backend=backend, environment=environment, settings=settings
        )
