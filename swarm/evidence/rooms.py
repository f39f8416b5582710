"""Fresh sandboxes on any tree of the mirror: where the baseline, the judge and the repairer run what they run."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import field
from pathlib import Path

from sandboxes.environment import Environment
from sandboxes.mirror import Mirror
from sandboxes.removal import remove
from sandboxes.sandbox import Backend, Sandbox
from swarm.evidence.pulse import Overheard, Pulse
from swarm.values import Value


class Room(Value):
    """An open sandbox and the worktree in it, which nobody else sees."""

    sandbox: Sandbox
    worktree: Path
    """Where the worktree lies outside. What runs inside writes there as well, so it is never read or written without care."""
    inside: str
    """Where the worktree is seen from inside."""


class Rooms(Value):
    """Opens sandboxes of one kind, with one environment, on trees of one mirror."""

    backend: Backend
    mirror: Mirror
    environment: Environment
    folder: Path
    """Where the worktrees are laid out, each in a folder of its own; outside the user's repository."""
    pulse: Pulse = field(default_factory=Pulse, compare=False)
    """Counts what is done in all of them, as it is done."""

    @property
    def mountable(self) -> bool:
        """Whether a worktree may be a mount: an engine that runs elsewhere would find an empty folder in its place."""
        return self.backend.name != "docker"

    @contextmanager
    def open(self, tree: str) -> Iterator[Room]:
        """Lay the tree out and open a sandbox around it; afterwards neither is there any more."""
        with (
            self.mirror.worktree(tree, self.folder / secrets.token_hex(8), shared=self.mountable) as worktree,
            self.backend.open(worktree, self.environment.toolchain) as sandbox,
        ):
            yield Room(Overheard(sandbox, self.pulse), worktree, self.backend.path_of(worktree))

    @contextmanager
    def open_empty(self) -> Iterator[Room]:
        """Open a sandbox around a folder in which nothing lies, for whoever does not know yet what is to lie there."""
        worktree = self.folder / secrets.token_hex(8)
        worktree.mkdir(parents=True)
        try:
            with self.backend.open(worktree, self.environment.toolchain) as sandbox:
                yield Room(Overheard(sandbox, self.pulse), worktree, self.backend.path_of(worktree))
        finally:
            remove(worktree)
