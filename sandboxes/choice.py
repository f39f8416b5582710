"""Which kind of sandbox is used, and what to do when there is none."""

import os
import shutil
import sys
import threading
from collections.abc import Callable
from pathlib import Path

from sandboxes.bubblewrap import Bubblewrap
from sandboxes.docker.places import INSTALL, NOWHERE, anywhere
from sandboxes.environment import Environment
from sandboxes.host import Host
from sandboxes.proof import Proofs
from sandboxes.sandbox import Backend, NoSandbox, SandboxTrouble

NAMES = ("auto", "docker", "bubblewrap", "none")
INSTALLERS = {
    "apt-get": "apt-get install -y bubblewrap",
    "dnf": "dnf install -y bubblewrap",
    "yum": "yum install -y bubblewrap",
    "pacman": "pacman -S --noconfirm bubblewrap",
    "zypper": "zypper install -y bubblewrap",
    "apk": "apk add bubblewrap",
    "xbps-install": "xbps-install -y bubblewrap",
    "emerge": "emerge sys-apps/bubblewrap",
    "nix-env": "nix-env -iA nixpkgs.bubblewrap",
}
IMAGE = "Leave out `image`, or say --sandbox docker."
WITHOUT = "To run without any, on code you trust: --sandbox none"


def choose(name: str = "auto", stop: threading.Event | None = None, image: str = "", proofs: Proofs | None = None) -> Backend:
    """Give the backend of this name, proven to work; `auto` never means none. An image is a matter of containers only.

    With `proofs` a proof of the same day counts, if nothing has changed that it depends on.
    """
    stop = stop or threading.Event()
    if image and name in ("auto", "docker"):
        return _docker(stop, image)
    if image:
        raise NoSandbox(reason=f"the image {image} needs a container engine, and not {name}", remedy=IMAGE)
    match name:
        case "none":
            return Host(stop=stop)
        case "auto":
            return _best(stop, proofs)
        case "bubblewrap":
            return _bubblewrap(stop, proofs)
        case "docker":
            return _docker(stop)
        case _:
            raise NoSandbox(reason=f"there is no kind of sandbox called {name!r}", remedy=f"There are: {', '.join(NAMES)}.")


def _best(stop: threading.Event, proofs: Proofs | None) -> Backend:
    try:
        return _docker(stop)
    except NoSandbox as no_docker:
        try:
            return _bubblewrap(stop, proofs)
        except NoSandbox as error:
            both = f"{error.facts['reason']}, and {no_docker.facts['reason']}"
            raise NoSandbox(reason=both, remedy=error.facts["remedy"]) from no_docker


def _docker(stop: threading.Event, image: str = "") -> Backend:
    if not image and not anywhere():
        raise NoSandbox(reason=NOWHERE, remedy=INSTALL)
    from sandboxes.docker.backend import Docker  # noqa: PLC0415  # its SDK takes longer to load than most commands to run

    backend = Docker(image=image or None, stop=stop)
    remedy = "Try what its own command says: docker run --rm hello-world. Or say --sandbox bubblewrap."
    _prove(backend, lambda _: remedy, backend.environment())
    backend.sweep()
    return backend


def _bubblewrap(stop: threading.Event, proofs: Proofs | None) -> Bubblewrap:
    if sys.platform != "linux":
        raise NoSandbox(reason="bubblewrap needs Linux", remedy=WITHOUT)
    if shutil.which("bwrap") is None:
        raise NoSandbox(reason="bubblewrap is not installed", remedy=f"Install it: {installation()}. {WITHOUT}")
    backend = Bubblewrap(stop=stop)
    if proofs is None or not proofs.has(backend):
        _prove(backend, _remedy)
        if proofs is not None:
            proofs.add(backend)
    return backend


def _prove(backend: Backend, remedy: Callable[[str], str], environment: Environment | None = None) -> None:
    from sandboxes.probe import Leaky, prove  # noqa: PLC0415 - a triage mostly finds a proof

    try:
        prove(backend, environment)
    except (NoSandbox, Leaky):
        raise
    except SandboxTrouble as error:
        reason = str(error.facts["reason"])
        raise NoSandbox(reason=f"{backend.name} does not work here: {reason}", remedy=remedy(reason)) from error


def installation() -> str:
    """Say the command that installs bubblewrap with this machine's own package manager."""
    for manager, command in INSTALLERS.items():
        if shutil.which(manager):
            return command if os.geteuid() == 0 or manager == "nix-env" else f"sudo {command}"
    return "install the package `bubblewrap` (https://github.com/containers/bubblewrap)"


def _remedy(reason: str) -> str:
    if "Unknown option" in reason:
        return f"Bubblewrap 0.8 or newer is needed: {installation()}. {WITHOUT}"
    if any(word in reason for word in ("uid map", "namespace", "NEWUSER", "Operation not permitted", "loopback")):
        known = "kernel.apparmor_restrict_unprivileged_userns=0"
        allow = (
            known if Path("/proc/sys/kernel/apparmor_restrict_unprivileged_userns").exists() else "user.max_user_namespaces=15000"
        )
        return f"Allow user namespaces: sudo sysctl -w {allow}. {WITHOUT}"
    return WITHOUT
