"""Finding a container engine that answers, and telling in plain words why none does."""

import os
import socket
import sys
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import cached_property
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from typing import Any

import docker
from docker.context import ContextAPI
from docker.errors import APIError, DockerException, ImageNotFound

from sandboxes.docker.places import INSTALL, NOWHERE, sockets
from sandboxes.sandbox import NoSandbox, SandboxTrouble

UNIX = "unix://"
ANSWER = 2  # seconds within which an engine says that it is there
PATIENCE = 120  # seconds for anything else that it is asked
START = "Start it: sudo systemctl start docker. Or say --sandbox bubblewrap."
ALLOW = "Let your user speak to it: sudo usermod -aG docker $USER, and log in again. Or say --sandbox bubblewrap."
LOCAL = "Set DOCKER_HOST to the socket of an engine on this machine, or say --sandbox bubblewrap."
ROOTLESS = "Use Docker as installed by your distribution, rootless Podman, or say --sandbox bubblewrap."


@dataclass(frozen=True)
class Engine:
    """A container engine of this machine that has answered."""

    address: str
    client: docker.DockerClient

    @property
    def api(self) -> Any:
        """Its calls, as its own documentation names them."""
        return self.client.api

    @cached_property
    def facts(self) -> Mapping[str, Any]:
        """What it says about itself."""
        with explained("the engine does not tell about itself"):
            info = self.client.info()
        assert isinstance(info, dict)
        return info

    @property
    def options(self) -> str:
        """Its security options, as one text."""
        return " ".join(self.facts.get("SecurityOptions") or ())

    @cached_property
    def is_podman(self) -> bool:
        """Whether it is Podman that answers as if it were Docker."""
        components = self.client.version().get("Components") or ()
        return any("podman" in str(component.get("Name", "")).lower() for component in components)


@contextmanager
def connected() -> Iterator[Engine]:
    """Lend the first engine of this machine that answers."""
    refusals: list[tuple[str, Exception]] = []
    for address in addresses():
        if not address.startswith(UNIX) or sys.platform != "linux":
            raise NoSandbox(reason=f"the engine at {address} does not share this machine's files", remedy=LOCAL)
        try:
            version = _version(address)
        except (OSError, HTTPException) as error:
            refusals.append((address, error))
            continue
        with explained(f"the engine at {address} does not understand swarm"):
            client = docker.DockerClient(address, version=version, timeout=PATIENCE)
        with closing(client):
            yield Engine(address, client)
            return
    raise _refused(refusals)


def addresses() -> Iterator[str]:
    """Name the places where an engine may listen: the one that the user chose, or else all usual ones that exist."""
    if chosen := os.environ.get("DOCKER_HOST") or _context():
        yield chosen
        return
    yield from (f"unix://{place}" for place in sockets())


@contextmanager
def explained(what: str) -> Iterator[None]:
    """Turn whatever the SDK raises into trouble of ours."""
    try:
        yield
    except APIError as error:
        raise SandboxTrouble(reason=f"{what}: {error.explanation or error}") from error
    except (DockerException, OSError) as error:
        raise SandboxTrouble(reason=f"{what}: {error}") from error


@contextmanager
def already_gone() -> Iterator[None]:
    """Let pass that something which is to be removed is not there, or is being removed by the engine itself."""
    try:
        yield
    except APIError as error:
        if error.status_code not in (404, 409):
            raise


def has_image(engine: Engine, name: str) -> bool:
    """Whether the engine has an image of this name."""
    with explained(f"the engine cannot be asked for {name}"):
        try:
            engine.client.images.get(name)
        except ImageNotFound:
            return False
    return True


def check(engine: Engine) -> None:
    """Refuse an engine in whose containers nobody but their root is who swarm is outside."""
    if "rootless" in engine.options and not engine.is_podman:
        raise NoSandbox(
            reason="in rootless Docker only its root could write your files, and nobody inside is root", remedy=ROOTLESS
        )


def _context() -> str | None:
    """Say where the engine listens that `docker context use` chose, if that was ever said."""
    context: Any = ContextAPI.get_current_context()  # None, in spite of its types, when the named one is not there
    return str(context.Host) if context and context.name != "default" else None


def _version(address: str) -> str:
    """Ask an engine, without its SDK, which leaks a socket for each engine that is not there; it must answer at once."""
    with socket.socket(socket.AF_UNIX) as line, closing(HTTPConnection("localhost")) as connection:
        line.settimeout(ANSWER)
        line.connect(address.removeprefix(UNIX))
        connection.sock = line
        connection.request("GET", "/_ping")
        with connection.getresponse() as response:
            version = response.headers["Api-Version"]
    if response.status != HTTPStatus.OK or version is None:
        raise ConnectionError(f"it answers with status {response.status}, as no engine does")
    return version


def _refused(refusals: list[tuple[str, Exception]]) -> NoSandbox:
    if not refusals:
        return NoSandbox(reason=NOWHERE, remedy=INSTALL)
    for address, error in refusals:
        if isinstance(error, PermissionError):
            return NoSandbox(reason=f"you may not speak to the engine at {address}", remedy=ALLOW)
    address, error = refusals[0]
    return NoSandbox(reason=f"the engine at {address} does not answer ({error})", remedy=START)


def outward(engine: Engine) -> str:
    """Name the network by which containers reach the world: the engine's own, or this machine's where it has none."""
    with explained("the engine does not name its networks"):
        names = {str(network["Name"]) for network in engine.api.networks()}
    return next((name for name in ("bridge", "podman") if name in names), "host")
