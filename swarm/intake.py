"""The issue that was named on the command line, wherever it is."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import BinaryIO
from urllib.parse import urlsplit

from sandboxes.remotes import Remote, remotes
from sandboxes.repository import Repository
from swarm.events import Event
from swarm.github.client import Client
from swarm.github.faults import NoProject
from swarm.github.names import IssueName, Project
from swarm.github.reading import read
from swarm.github.site import PUBLIC, site_of
from swarm.github.tokens import token_for
from swarm.github.wire import Wire
from swarm.issue import Issue, read_issue

FIRST = ("upstream", "origin")
"""Where a clone has several remotes, issues are at the first of these that it has."""


@dataclass(frozen=True, kw_only=True)
class Door:
    """Where swarm was called: what it needs to find an issue, and the server that has it."""

    repository: Repository
    environ: Mapping[str, str]
    tell: Callable[[str], None]

    def take(self, given: str, stdin: BinaryIO, *, closed_too: bool = False) -> tuple[Issue, tuple[Event, ...]]:
        """The issue, and what there is to tell of how it was read."""
        name = self.named(given)
        if name is None:
            return read_issue(given, stdin), ()
        issue, told = read(self.client(name.project.host), name, closed_too=closed_too)
        return issue, (told,)

    def named(self, given: str) -> IssueName | None:
        """The issue on a server that is meant; None: it is a file, a text, or standard input."""
        return IssueName.parse(given, self.project, self._host_of)

    def client(self, host: str) -> Client:
        """The server of this host."""
        site = site_of(host, self.environ)
        return Client(Wire(site, token_for(site, self.environ), self.tell))

    def project(self) -> Project:
        """The project that this clone is of."""
        known = {remote.name: project for remote in remotes(self.repository) if (project := project_of(remote))}
        if found := next((known[name] for name in FIRST if name in known), None):
            return found
        if len(known) == 1:
            return next(iter(known.values()))
        reason = f"it has the remotes {', '.join(known)}." if known else "none of its remotes is on a server."
        raise NoProject(what="this clone", reason=reason, remedy="Give the issue as OWNER/REPOSITORY#NUMBER, or its address.")

    def _host_of(self, full_name: str) -> str:
        """Where a project of this name is: where a remote has it, or on the server of the person."""
        for remote in remotes(self.repository):
            project = project_of(remote)
            if project and project.full_name.lower() == full_name.lower():
                return project.host
        server = urlsplit(self.environ.get("GITHUB_SERVER_URL", "")).netloc
        return (self.environ.get("GH_HOST") or server or PUBLIC).lower()


def project_of(remote: Remote) -> Project | None:
    """The project that a remote is of, by the address that the person gave it, or by where that leads."""
    return Project.at(remote.written) or Project.at(remote.target)
