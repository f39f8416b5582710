"""Where a command was called, and how it is to speak."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from swarm.speech import Speech

if TYPE_CHECKING:
    # `swarm --help` must not load what only the commands need.
    from sandboxes.repository import Repository
    from swarm.blackboard.store import Store
    from swarm.settings.resolved import Resolved
    from swarm.triage.ready import Ready


@dataclass
class Here:
    """Where a command was called, and how it is to speak."""

    speech: Speech = field(default_factory=Speech)
    folder: Path = field(default_factory=Path.cwd)
    debug: bool = False
    lenient: bool = False
    """Whether trouble of swarm's own is told, but counts as no trouble for whoever called: a hook that lets commits through."""
    ready: "Ready | None" = None
    """What this process has got ready for a triage before it was called."""
    last: "list[Callable[[], None]]" = field(default_factory=list)
    """What is done at the very end, when whoever called has his answer."""

    def repository(self) -> "Repository":
        """The user's repository."""
        from sandboxes.repository import Repository

        return Repository.at(self.folder)

    def settings(self, repository: "Repository", **flags: object) -> "Resolved":
        """The settings that hold here; what they have to say for themselves is said."""
        from swarm.errors import UsageError
        from swarm.settings.sources import load

        resolved = load(repository.top, os.environ, flags, repository.place)
        for notice in resolved.notices:
            self.speech.note(notice)
        top, project = repository.top.resolve(), resolved.settings.project
        named = (top / project).resolve()
        if not repository.bare and not (named.is_dir() and named.is_relative_to(top)):
            raise UsageError(
                what=f"There is no folder `{project}` in this repository.", remedy=f"Name it as seen from {repository.top}."
            )
        return resolved

    def state(self, repository: "Repository") -> Path:
        """Where the state of the repository is kept."""
        from swarm.settings.places import state_folder

        return state_folder(repository.identity, os.environ)

    @contextmanager
    def store(self, repository: "Repository | None" = None) -> "Iterator[Store]":
        """The blackboard of the repository; to find that again takes git some time."""
        from swarm.opening import opened_store

        repository = repository or self.repository()
        with opened_store(repository, self.settings(repository).settings) as store:
            yield store
