"""Which kind of sandbox is used, and what to do when there is none."""

import os
import shutil
import sys
import tempfile
import threading
from pathlib import Path

from sandboxes.bubblewrap import Bubblewrap
from sandboxes.command import Command
from sandboxes.host import Host
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
PROBE = 20.0  # seconds for `true`


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
    prove(backend)
    return backend


def prove(backend: Bubblewrap) -> None:
    """Run `true` in a sandbox of this kind; it is no sandbox if that does not come through."""
    with tempfile.TemporaryDirectory(prefix="swarm-probe-") as folder:
        try:
            with backend.open(Path(folder), ()) as sandbox:
                ran = sandbox.run(Command(argv=("true",), timeout=PROBE))
        except NoSandbox:
            raise
        except SandboxTrouble as error:
            reason = str(error.facts["reason"])
            raise NoSandbox(reason=f"bubblewrap does not work here: {reason}", remedy=_remedy(reason)) from error
    if not ran.ok:
        reason = f"`true` ended in it with {ran.exit_code} ({ran.ending.value}): {ran.stderr.text().strip()}"
        raise NoSandbox(reason=reason, remedy=WITHOUT)


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
