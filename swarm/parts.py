"""What a run is made of, opened for one repository and closed again."""

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from sandboxes.choice import choose
from sandboxes.environment import Environment
from sandboxes.host import Host
from sandboxes.mirror import Mirror
from sandboxes.presence import present
from sandboxes.repository import Repository
from sandboxes.sandbox import Backend, NoSandbox
from sandboxes.workplace import own_folder
from swarm.blackboard.store import Store
from swarm.errors import shown
from swarm.evidence.grounds import environment_on
from swarm.evidence.pulse import Pulse
from swarm.opening import opened_store
from swarm.settings.places import LIVE, MIRROR, ORIGIN, WORKTREES, state_folder
from swarm.settings.values import Settings

MakeBackend = Callable[[str, threading.Event, str], Backend]
"""Gives the backend of a name, with the programs of an image if one is named; what runs in it ends when the event is set."""


@dataclass(frozen=True, kw_only=True)
class Parts:
    """What a run is made of."""

    repository: Repository
    mirror: Mirror
    store: Store
    backend: Backend
    settings: Settings
    folder: Path
    """Where the state of the repository is kept."""
    worktrees: Path
    """Where this process lays out worktrees, and no other."""
    stop: threading.Event
    """Set it, and every sandbox ends what runs in it, and every worker stops."""
    pulse: Pulse = field(default_factory=Pulse)
    """What the sandboxes are doing right now, counted as it is done."""

    def environment(self, tree: str, folder: str, tell: Callable[[str], None]) -> Environment:
        """The environment for the project in a folder of a tree; if it has to be built first, the person is told."""
        return environment_on(self, tree, folder, tell)


def lenient(note: Callable[[str], None]) -> MakeBackend:
    """A way to get a backend for code that is swarm's own: where there is no sandbox, it says so and does without."""

    def make(name: str, stop: threading.Event, image: str) -> Backend:
        try:
            return choose(name, stop, image)
        except NoSandbox as none:
            if name != "auto":
                raise
            note(f"{shown(none)}\nThis is code that swarm brought itself, so it runs without a sandbox this once.")
            return Host(stop=stop)

    return make


@contextmanager
def opened_parts(repository: Repository, settings: Settings, make_backend: MakeBackend = choose) -> Iterator[Parts]:
    """Everything a run needs; the sandbox first, since without one nothing else is worth opening."""
    stop = threading.Event()
    backend = make_backend(settings.sandbox, stop, settings.image)
    folder = state_folder(repository.identity, os.environ)
    with present(folder / LIVE), own_folder(folder / WORKTREES) as worktrees, opened_store(repository, settings) as store:
        (folder / ORIGIN).write_bytes(os.fsencode(repository.common_dir))
        yield Parts(
            repository=repository,
            mirror=Mirror.at(folder / MIRROR),
            store=store,
            backend=backend,
            settings=settings,
            folder=folder,
            worktrees=worktrees,
            stop=stop,
        )
