"""The token for a server, and for no other: from the environment, from `gh`, from the file of keys, or from the keyring."""

import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from swarm.agents.keys import Keys
from swarm.github.site import Site, is_of_github

OF_GITHUB = ("GH_TOKEN", "GITHUB_TOKEN")
"""Tokens for github.com and ghe.com, as `gh` reads them."""
OF_ENTERPRISE = ("GH_ENTERPRISE_TOKEN", "GITHUB_ENTERPRISE_TOKEN")
"""Tokens for the one server that `GH_HOST` or `GITHUB_SERVER_URL` names."""
PATIENCE = 10.0
"""Seconds that `gh` may take."""


@dataclass(frozen=True)
class Token:
    """A token and where it is from; its value shows in no text of it."""

    value: str = field(repr=False)
    origin: str

    def __str__(self) -> str:
        """Where it is from."""
        return f"the token of {self.origin}" if self.value else "a call without a token"


def token_for(site: Site, environ: Mapping[str, str]) -> Token:
    """The token for this server; an empty one: there is none."""
    if is_of_github(site.host) and not site.of_github:
        return Token("", "")  # its API was said to be elsewhere, where its tokens do not belong
    names = OF_GITHUB if site.of_github else OF_ENTERPRISE if _is_named(site, environ) else ()
    for name in names:
        if value := environ.get(name, "").strip():
            return Token(value, name)
    if value := _of_gh(site.host, environ):
        return Token(value, "gh")
    for name in names:
        if value := Keys(environ).get(name):
            return Token(value, f"{name} as swarm keeps it")
    return Token("", "")


def _is_named(site: Site, environ: Mapping[str, str]) -> bool:
    """Whether the person said that this is their server: a token without a host would go to whichever server asks for it."""
    named = {environ.get("GH_HOST", "").lower(), urlsplit(environ.get("GITHUB_SERVER_URL", "")).netloc.lower()}
    return site.host in named - {""}


def _of_gh(host: str, environ: Mapping[str, str]) -> str:
    """What `gh` keeps for this host, where `gh` is installed."""
    found = shutil.which("gh", path=environ.get("PATH", ""))
    if found is None:
        return ""
    # It would hand on a token of the environment for any host that is not github.com.
    clean = {name: value for name, value in environ.items() if name not in OF_ENTERPRISE}
    command = [found, "auth", "token", "--hostname", host]
    try:
        done = subprocess.run(
            command, env=clean, capture_output=True, text=True, timeout=PATIENCE, check=False, stdin=subprocess.DEVNULL
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""  # a `gh` that does not answer has no token for us
    return done.stdout.strip() if done.returncode == 0 else ""
