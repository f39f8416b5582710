"""Which kind of sandbox is used, and what to do when there is none."""

import os
import shutil
import sys
import threading
from pathlib import Path

from sandboxes.bubblewrap import Bubblewrap
from sandboxes.host import Host
from sandboxes.probe import Leaky, prove
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
WITHOUT = "To run without any, on code you trust: --sandbox none"


def choose(name: str = "auto", stop: threading.Event | None = None) -> Backend:
    """Give the backend of this name, proven to work; `auto` never means none."""
    stop = stop or threading.Event()
    match name:
        case "none":
            return Host(stop=stop)
        case "auto" | "bubblewrap":
            return _bubblewrap(stop)
        case "docker":
            raise NoSandbox(reason="this version of swarm has no Docker backend yet", remedy="Say --sandbox bubblewrap, or auto.")
        case _:
            raise NoSandbox(reason=f"there is no kind of sandbox called {name!r}", remedy=f"There are: {', '.join(NAMES)}.")


def _bubblewrap(stop: threading.Event) -> Bubblewrap:
    if sys.platform != "linux":
        raise NoSandbox(reason="bubblewrap needs Linux", remedy=WITHOUT)
    if shutil.which("bwrap") is None:
        raise NoSandbox(reason="bubblewrap is not installed", remedy=f"Install it: {installation()}\n{WITHOUT}")
    backend = Bubblewrap(stop=stop)
    try:
        prove(backend)
    except (NoSandbox, Leaky):
        raise
    except SandboxTrouble as error:
        reason = str(error.facts["reason"])
        raise NoSandbox(reason=f"bubblewrap does not work here: {reason}", remedy=_remedy(reason)) from error
    return backend


def installation() -> str:
    """Say the command that installs bubblewrap with this machine's own package manager."""
    for manager, command in INSTALLERS.items():
        if shutil.which(manager):
            return command if os.geteuid() == 0 or manager == "nix-env" else f"sudo {command}"
    return "install the package `bubblewrap` (https://github.com/containers/bubblewrap)"


def _remedy(reason: str) -> str:
    if "Unknown option" in reason:
        return f"Bubblewrap 0.8 or newer is needed: {installation()}\n{WITHOUT}"
    if any(word in reason for word in ("uid map", "namespace", "NEWUSER", "Operation not permitted", "loopback")):
        known = "kernel.apparmor_restrict_unprivileged_userns=0"
        allow = (
            known if Path("/proc/sys/kernel/apparmor_restrict_unprivileged_userns").exists() else "user.max_user_namespaces=15000"
        )
        return f"Allow user namespaces: sudo sysctl -w {allow}\n{WITHOUT}"
    return WITHOUT
