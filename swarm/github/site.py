"""A server: where its pages are, where its API is, and whose tokens belong to it."""

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from swarm.github.faults import NoSite

PUBLIC = "github.com"


@dataclass(frozen=True)
class Site:
    """A server, as its host is called in the address of a page."""

    host: str
    web: str
    api: str

    @property
    def of_github(self) -> bool:
        """Whether GitHub itself runs it: github.com, or a tenant of ghe.com."""
        return is_of_github((urlsplit(self.api).hostname or "").removeprefix("api."))


def is_of_github(host: str) -> bool:
    """Whether a host is github.com, or a tenant of ghe.com."""
    return host == PUBLIC or host.endswith(".ghe.com")


def site_of(host: str, environ: Mapping[str, str]) -> Site:
    """The server of this host. Only `GITHUB_API_URL`, for the host of `GITHUB_SERVER_URL`, says that its API is elsewhere."""
    named = environ.get("GITHUB_SERVER_URL", "").rstrip("/") or f"https://{PUBLIC}"
    if (api := environ.get("GITHUB_API_URL", "").rstrip("/")) and host == urlsplit(named).netloc:
        for address in (named, api):
            _refuse_open(address)
        return Site(host, named, api)
    web = f"https://{host}"
    if host == PUBLIC:
        return Site(host, web, f"https://api.{PUBLIC}")
    return Site(host, web, f"https://api.{host}" if host.endswith(".ghe.com") else f"{web}/api/v3")


def _refuse_open(address: str) -> None:
    """Whoever listens on the way could read a token; on the machine itself nobody does."""
    parts = urlsplit(address)
    if parts.scheme != "https" and not (parts.scheme == "http" and _is_loopback(parts.hostname or "")):
        raise NoSite(address=address)


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
