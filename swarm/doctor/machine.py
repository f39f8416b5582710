"""What this machine has: sandboxes, limits, disk, git, and a place for the state."""

import os
import re
import shutil
import sys
import threading
from pathlib import Path

from sandboxes.cgroup import group
from sandboxes.choice import choose
from sandboxes.git import version
from sandboxes.limits import GIBIBYTE, Limits
from sandboxes.sandbox import NoSandbox, SandboxTrouble
from swarm.blackboard.place import must_be_safe
from swarm.blackboard.sqlite import SAFE_LIBRARY, library
from swarm.doctor.line import Health, Line, ok, trouble, warning
from swarm.errors import shown

LEAST = GIBIBYTE // 4
"""Bytes without which no run is begun."""
LITTLE = 5 * GIBIBYTE
OLDEST = (2, 39)
MENDED_2024 = {39: 4, 40: 2, 41: 1, 42: 2, 43: 4, 44: 1, 45: 1}
"""The releases of git 2.x that mend CVE-2024-32002, -32004 and -32021: programs of a cloned repository run."""
MENDED_2025 = {43: 7, 44: 4, 45: 4, 46: 4, 47: 3, 48: 2, 49: 1, 50: 1}
"""Those that mend CVE-2025-48384: a submodule's path can write anywhere."""


def kind_of_sandbox(name: str) -> Line:
    """Whether a kind of sandbox is there and really works; the other kind may do as well."""
    try:
        choose(name, threading.Event())
    except NoSandbox as error:
        return warning(name, str(error.facts["reason"]), " ".join(str(error.facts["remedy"]).splitlines()))
    except SandboxTrouble as error:
        first, *rest = shown(error).splitlines()
        return warning(name, first, " ".join(rest))
    return ok(name, "works")


def chosen_sandbox(wanted: str, kinds: tuple[Line, ...]) -> Line:
    """Which kind of sandbox a run would get."""
    if wanted == "none":
        return warning("sandbox", "none: commands run as you, with your rights", "Leave out `--sandbox none`.")
    working = [line.name for line in kinds if line.health is Health.OK and wanted in ("auto", line.name)]
    if working:
        return ok("sandbox", f"runs use {working[0]}")
    found = [line for line in kinds if wanted in ("auto", line.name)]
    return trouble("sandbox", f"none of {', '.join(line.name for line in found)} works", found[-1].remedy)


def user_namespaces() -> Line:
    """Whether the kernel lets users make namespaces, of which bubblewrap makes its sandboxes."""
    name = "user namespaces"
    if sys.platform != "linux":
        return ok(name, "a matter of Linux")
    if _number("/proc/sys/user/max_user_namespaces") == 0:
        return warning(name, "switched off (user.max_user_namespaces is 0)", "sudo sysctl -w user.max_user_namespaces=15000")
    if _number("/proc/sys/kernel/unprivileged_userns_clone") == 0 and os.geteuid() != 0:
        return warning(name, "only root may make them", "sudo sysctl -w kernel.unprivileged_userns_clone=1")
    restricted = "kernel.apparmor_restrict_unprivileged_userns"
    if _number(f"/proc/sys/{restricted.replace('.', '/')}") == 1 and os.geteuid() != 0:
        return warning(name, "AppArmor allows them to some programs only", f"If bubblewrap fails: sudo sysctl -w {restricted}=0")
    return ok(name, "allowed")


def control_groups() -> Line:
    """Whether memory and processes of a whole sandbox can be limited."""
    name = "cgroups"
    if sys.platform != "linux":
        return ok(name, "a matter of Linux")
    kind = "version 2" if Path("/sys/fs/cgroup/cgroup.controllers").exists() else "version 1"
    with group(Limits()) as made:
        if made.counts_memory:
            return ok(name, f"{kind}: the memory of each sandbox is limited as a whole")
    text = f"{kind}, but not for swarm to write: bubblewrap limits the memory of each process, not of all together"
    return warning(name, text, "Use Docker or Podman where memory matters.")


def disk(state: Path) -> Line:
    """Whether there is room for worktrees and environments."""
    place = nearest(state)
    return room(shutil.disk_usage(place).free, place)


def room(free: int, place: Path) -> Line:
    """Whether this many bytes will do."""
    text, remedy = (
        f"{free / GIBIBYTE:.1f} GiB free at {place}",
        "Free some space; `swarm gc` tells what swarm itself could give back.",
    )
    if free < LEAST:
        return trouble("disk", text, remedy)
    return warning("disk", text, remedy) if free < LITTLE else ok("disk", text)


def git() -> Line:
    """Whether git is there, and without the holes that are known."""
    text = version()
    found = re.search(r"(\d+)\.(\d+)(?:\.(\d+))?", text)
    if found is None:
        return warning("git", f"its version cannot be read: {text}")
    major, minor, patch = (int(number or 0) for number in found.groups())
    if (major, minor) < OLDEST:
        return trouble("git", f"{found[0]} is too old", "Install git 2.39 or newer.")
    if major == 2 and (holes := _holes(minor, patch)):
        remedy = "Update git, unless your distribution has mended that release. Swarm's own calls of git do not clone submodules."
        return warning("git", f"{found[0]} has known holes ({holes})", remedy)
    return ok("git", found[0])


def _holes(minor: int, patch: int) -> str:
    if minor <= max(MENDED_2024) and patch < MENDED_2024.get(minor, sys.maxsize):
        return "CVE-2024-32002, CVE-2024-32004"
    return "CVE-2025-48384" if minor <= max(MENDED_2025) and patch < MENDED_2025.get(minor, sys.maxsize) else ""


def sqlite() -> Line:
    """Whether the library that keeps the blackboard is one that does not corrupt it."""
    found = library()
    if tuple(map(int, found.split("."))) < SAFE_LIBRARY:
        return trouble(
            "sqlite", f"{found} can corrupt a database when its log is begun anew", "Install swarm again: it needs apsw 3.51.3."
        )
    return ok("sqlite", found)


def state_folder(state: Path) -> Line:
    """Whether the state can be kept where it is to be kept."""
    place = nearest(state)
    remedy = "Set XDG_STATE_HOME to a folder that is yours."
    if not place.is_dir() or not os.access(place, os.W_OK | os.X_OK):
        return trouble("state folder", f"{place} cannot be written", remedy)
    try:
        must_be_safe(place)
    except OSError as error:
        return trouble("state folder", f"{place} cannot be written: {error.strerror}", remedy)
    return ok("state folder", str(state))


def nearest(place: Path) -> Path:
    """The place itself, or the first above it that is there."""
    return next(folder for folder in (place, *place.parents) if folder.exists())


def _number(file: str) -> int | None:
    """The number in a file of the kernel. None: this kernel has no such file."""
    try:
        return int(Path(file).read_text())
    except (OSError, ValueError):
        return None
