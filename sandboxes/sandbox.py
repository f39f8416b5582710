"""The seam between those who want a command run and the rooms in which it is safe."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol, runtime_checkable

from sandboxes.command import Command, Ran
from sandboxes.trouble import Trouble


class SandboxTrouble(Trouble):
    """The sandbox failed: {reason}
    Nothing was run outside it.
    `swarm doctor` tells what this machine has."""

    exit_code = 7


class NoSandbox(SandboxTrouble):
    """No sandbox is to be had on this machine: {reason}
    Swarm runs nobody's code without one unless told to.
    {remedy}"""


class Sandbox(Protocol):
    """A closed room around one worktree. Everything in it ends when it closes."""

    def run(self, command: Command) -> Ran:
        """Run one command to its end; afterwards no process of it is left."""
        ...


class Backend(Protocol):
    """A way of making sandboxes."""

    @property
    def name(self) -> str:
        """`docker`, `bubblewrap` or `none`: what the screen, the reports and the evidence say."""
        ...

    def open(self, worktree: Path, toolchain: Sequence[Path]) -> AbstractContextManager[Sandbox]:
        """Open a sandbox in which `worktree` is writable, `toolchain` is readable at the same paths, and nothing else is."""
        ...

    def path_of(self, worktree: Path) -> str:
        """Where the worktree is seen from inside."""
        ...


@runtime_checkable
class Networked(Protocol):
    """A backend that can also lend the network: to set up an environment, and for nothing else."""

    def open_networked(self, folder: Path, toolchain: Sequence[Path]) -> AbstractContextManager[Sandbox]:
        """Open a sandbox with the network, in which `folder` is writable and seen at its own path.

        Everything else is as in any other sandbox: no keys, no home, not the user's repository.
        """
        ...
