"""Giving up root before a sandbox starts: whoever stays root outside owns the kernel's settings, whatever he is called inside."""

import hashlib
import os
import shutil
import stat
import subprocess
from collections.abc import Iterable
from pathlib import Path

from sandboxes.sandbox import NoSandbox, SandboxTrouble
from sandboxes.values import Value
from sandboxes.walk import walk

HIGH = range(1_900_000_000, 2_000_000_000)  # nobody's by the conventions of distributions and systemd
LOW = range(60_578, 61_184)  # the same, where this namespace has only 65,536 users
ORDINARY = "Run swarm as an ordinary user, or in a container that has 65,536 users."


class Outsider(Value):
    """The user as whom a sandbox runs outside, when swarm itself is root."""

    uid: int

    def command(self, argv: tuple[str, ...]) -> tuple[str, ...]:
        """Start something as this user, without any right of root."""
        who = ("--reuid", str(self.uid), "--regid", str(self.uid), "--clear-groups")
        return (tool("setpriv"), *who, "--inh-caps=-all", "--bounding-set=-all", "--no-new-privs", "--", *argv)

    def own(self, folder: Path) -> None:
        """Make a folder and all in it his; links are not followed."""
        _give(folder.lstat(), str(folder), None, self.uid)
        for parent, entry in walk(folder):
            _give(entry.stat(follow_symlinks=False), entry.name, parent, self.uid)

    def take(self, folder: Path) -> None:
        """Make a folder and all in it his that nobody but swarm has had in hand: quicker than `own`, which watches for tricks."""
        who = f"{self.uid}:{self.uid}"
        words, variables = ("chown", "-hR", who, "--", str(folder)), {"PATH": os.defpath}
        done = subprocess.run(words, capture_output=True, check=False, env=variables)
        if done.returncode != 0:
            raise SandboxTrouble(reason=done.stderr.decode("utf-8", "replace").strip())

    def reaches(self, folder: Path) -> bool:
        """Whether others may pass every folder above this one."""
        return all(place.stat().st_mode & stat.S_IXOTH for place in folder.absolute().parents)


def outsider(worktree: Path) -> Outsider | None:
    """Choose a user of its own for each worktree, so that sandboxes are strangers to each other; None when not root."""
    if os.geteuid() != 0:
        return None
    users = next((users for users in (HIGH, LOW) if _exists(users[-1])), None)
    if users is None:
        raise NoSandbox(reason="swarm is root here, and no other user is left as whom a sandbox could run", remedy=ORDINARY)
    number = int.from_bytes(hashlib.sha256(os.fsencode(worktree.resolve())).digest()[:8], "big")
    return Outsider(users[number % len(users)])


def traversable(candidates: Iterable[Path]) -> Path:
    """Find a folder for temporary things that another user can reach."""
    for place in candidates:
        if (
            place.is_dir()
            and os.access(place, os.W_OK)
            and all(up.stat().st_mode & stat.S_IXOTH for up in (place, *place.parents))
        ):
            return place
    raise NoSandbox(reason="no temporary folder can be reached by another user than root", remedy="Set TMPDIR to one that can.")


def tool(name: str) -> str:
    """Find a program of the system."""
    found = shutil.which(name)
    if found is None:
        raise NoSandbox(reason=f"`{name}`, by which swarm gives up root, is not installed", remedy="Install util-linux.")
    return found


def _exists(uid: int) -> bool:
    lines = Path("/proc/self/uid_map").read_text().splitlines()
    ranges = [(int(first), int(count)) for first, _, count in (line.split() for line in lines)]
    return any(first <= uid < first + count for first, count in ranges)


def _give(info: os.stat_result, name: str, fd: int | None, uid: int) -> None:
    if info.st_uid != uid:
        os.chown(name, uid, uid, dir_fd=fd, follow_symlinks=False)
