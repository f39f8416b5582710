"""Where a triage works, opened before anything is known of what it is to look at."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sandboxes.repository import Repository
from swarm.settings.values import Settings
from swarm.triage.site import Site, opened_site
from swarm.triage.warmth import Warmth, early

DECIDING = ("sandbox", "image", "env", "setup", "test", "project")
"""The settings by which a site is as it is."""


@dataclass(frozen=True)
class Ready:
    """A site, and the sandboxes that were begun there."""

    site: Site
    begun: Warmth | None

    @classmethod
    @contextmanager
    def opened(cls, repository: Repository, settings: Settings, *, patient: bool = False) -> "Iterator[Ready]":
        """Open it for one triage; a patient one is answered before it is closed."""
        with opened_site(repository, settings, patient=patient) as site, early(site) as begun:
            yield cls(site, begun)

    def fits(self, repository: Repository, settings: Settings) -> bool:
        """Whether it will do for a triage of this repository with these settings."""
        alike = all(getattr(self.site.settings, name) == getattr(settings, name) for name in DECIDING)
        return alike and self.site.repository == repository

    def warmed(self) -> bool:
        """Wait until a sandbox is ready; say whether there is one."""
        return self.begun is not None and self.begun.warmed()
