"""Where tests are run from: what fixes and triages have in common when they find out with what Python a tree is run."""

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from sandboxes.build import Builder
from sandboxes.environment import Environment
from sandboxes.environments import environment_for
from sandboxes.mirror import Mirror
from sandboxes.repository import Repository
from sandboxes.sandbox import Backend
from swarm.settings.places import ENVIRONMENTS
from swarm.settings.values import Settings


class Grounds(Protocol):
    """What is open for one repository."""

    @property
    def repository(self) -> Repository:
        """The user's."""
        ...

    @property
    def mirror(self) -> Mirror:
        """Where its trees are."""
        ...

    @property
    def backend(self) -> Backend:
        """Where commands run."""
        ...

    @property
    def settings(self) -> Settings:
        """What it goes by."""
        ...

    @property
    def folder(self) -> Path:
        """Where the state of the repository is kept."""
        ...

    @property
    def stop(self) -> threading.Event:
        """Set it, and what runs is ended."""
        ...


def environment_on(grounds: Grounds, tree: str, folder: str, tell: Callable[[str], None]) -> Environment:
    """The environment for the project in a folder of a tree; if it has to be built first, the person is told."""
    builder = Builder(
        mirror=grounds.mirror,
        backend=grounds.backend,
        cache=grounds.folder / ENVIRONMENTS,
        stop=grounds.stop,
        tell=tell,
        setup=grounds.settings.setup,
    )
    return environment_for(grounds.repository.top, tree, builder, grounds.settings.env, folder)
