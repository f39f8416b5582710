"""What things on a server are called: a project, and an issue of it."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Self
from urllib.parse import urlsplit

_WORD = r"[A-Za-z0-9_][\w.-]*"
SHORT = re.compile(rf"(?:({_WORD})/({_WORD}))?#(\d{{1,9}})", re.ASCII)
LINK = re.compile(
    rf"https?://([\w.-]+(?::\d+)?)/({_WORD})/({_WORD})/(issues?|pulls?)/(\d{{1,9}})(?:[/?#]\S*)?", re.ASCII | re.IGNORECASE
)
SCP = re.compile(r"(?:[\w.-]+@)?([\w.-]+):(?!/)(\S+)", re.ASCII)
PATH = re.compile(rf"/?({_WORD})/({_WORD}?)(?:\.git)?/?", re.ASCII)


@dataclass(frozen=True)
class Project:
    """A repository on a server."""

    host: str
    """With the port, where it is not the usual one."""
    owner: str
    name: str

    @classmethod
    def at(cls, address: str) -> Self | None:
        """The project to which an address of a remote belongs; None: it is a folder, or names no project."""
        if "://" in address:
            parts = urlsplit(address)
            host, path = parts.netloc.rpartition("@")[2], parts.path
            # The port of ssh says nothing about where the pages are.
            host = parts.hostname or "" if "ssh" in parts.scheme else host
            known = parts.scheme in ("https", "http", "ssh", "git+ssh", "git")
        else:
            found = SCP.fullmatch(address)
            host, path, known = (found[1], found[2], True) if found else ("", "", False)
        named = PATH.fullmatch(path)
        # A name without a dot is a nickname from the settings of ssh, and could be any host.
        if not (known and named and ("." in host or host.startswith("localhost"))):
            return None
        host = host.lower().removeprefix("www.")
        return cls("github.com" if host == "ssh.github.com" else host, named[1], named[2])

    @property
    def full_name(self) -> str:
        """As people write it."""
        return f"{self.owner}/{self.name}"

    def same(self, other: "Project") -> bool:
        """Whether both are one: names differ by more than the size of their letters, or not at all."""
        return [part.lower() for part in vars(self).values()] == [part.lower() for part in vars(other).values()]


@dataclass(frozen=True)
class IssueName:
    """An issue, or a pull request, of a project."""

    project: Project
    number: int

    @classmethod
    def parse(cls, given: str, here: Callable[[], Project], host_of: Callable[[str], str]) -> Self | None:
        """The issue that words on the command line name; None: they name none on a server.

        `here` is the project of the clone; `host_of` says on which host an `owner/repo` is.
        """
        if link := LINK.fullmatch(given):
            host = link[1].lower().removeprefix("www.")
            return cls(Project(host, link[2], link[3]), int(link[5]))
        if short := SHORT.fullmatch(given):
            project = Project(host_of(f"{short[1]}/{short[2]}"), short[1], short[2]) if short[1] else here()
            return cls(project, int(short[3]))
        return None

    def __str__(self) -> str:
        """As people write it."""
        host = "" if self.project.host == "github.com" else f"{self.project.host}/"
        return f"{host}{self.project.full_name}#{self.number}"
