"""The place where a blackboard lives: a private folder on a local disk whose locks hold."""

import fcntl
import os
import re
import struct
import subprocess
import sys
import tempfile
from pathlib import Path

from swarm.errors import StoreUnsafe
from swarm.lasting import sync_folder

NETWORK = frozenset(
    "9p afs autofs beegfs ceph cifs coda davfs fuse.ceph fuse.cephfs fuse.davfs fuse.gcsfuse fuse.glusterfs fuse.mfs fuse.rclone "
    "fuse.s3fs fuse.sshfs fuse.juicefs gfs2 glusterfs gpfs lustre ncpfs nfs nfs4 ocfs2 orangefs prl_fs smb2 smb3 smbfs vboxsf "
    "webdav macfuse osxfuse".split()
)
"""Kinds of file systems whose locks, or whose shared memory, do not hold between machines."""


def make_private(folder: Path) -> None:
    """Make the folder, for its owner alone, so that its name survives a power cut."""
    missing = [place for place in (folder, *folder.parents) if not place.exists()]
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if folder.stat().st_mode & 0o077:
        folder.chmod(0o700)
    for made in missing:
        sync_folder(made.parent)


def must_be_safe(folder: Path, mounts: str | None = None) -> None:
    """Refuse a place where two processes could both own one task, by the mounts of this machine."""
    kind = kind_of_mount(folder.resolve(), _mounts() if mounts is None else mounts)
    if kind in NETWORK:
        raise StoreUnsafe(place=folder, reason=f"it is on a network file system ({kind}).")
    if not _locks_hold(folder):
        raise StoreUnsafe(place=folder, reason=f"its file system ({kind}) grants one lock twice.")


def kind_of_mount(place: Path, mounts: str) -> str:
    """The kind of file system a place is on, by the text of /proc/self/mountinfo or of macOS's `mount`."""
    found = [(Path(at), kind) for at, kind in map(_mount, mounts.splitlines()) if at]
    around = [(len(at.parts), number, kind) for number, (at, kind) in enumerate(found) if place.is_relative_to(at)]
    return max(around)[2] if around else "unknown"


def _mount(line: str) -> tuple[str, str]:
    """Where the file system of this line is mounted, and of which kind it is."""
    if found := re.match(r"\d+ \d+ \d+:\d+ \S+ (\S+) .*? - (\S+) ", line):
        return re.sub(r"\\(\d{3})", lambda octal: chr(int(octal[1], 8)), found[1]), found[2]
    if found := re.match(r"\S.* on (/.*) \((\w+)[,)]", line):
        return found[1], found[2]
    return "", ""


def _mounts() -> str:
    if sys.platform == "darwin":
        return subprocess.run(["/sbin/mount"], check=True, capture_output=True, text=True).stdout
    return Path("/proc/self/mountinfo").read_text(encoding="utf-8", errors="surrogateescape")


def _locks_hold(folder: Path) -> bool:
    """Whether what is locked through one open file cannot be locked through another, by either kind of lock."""
    with tempfile.NamedTemporaryFile(dir=folder, prefix="lock-test-") as one, Path(one.name).open("r+b") as other:
        fcntl.flock(one, fcntl.LOCK_EX)
        return not _gets_flock(other.fileno()) and not _gets_range(one.fileno(), other.fileno())


def _gets_flock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _gets_range(one: int, other: int) -> bool:
    """Whether two open files can both lock the same bytes; where a process cannot ask this of itself, `flock` has to do."""
    if sys.platform != "linux":
        return False
    lock = struct.pack("hhqqi", fcntl.F_WRLCK, os.SEEK_SET, 0, 1, 0)
    fcntl.fcntl(one, fcntl.F_OFD_SETLK, lock)
    try:
        fcntl.fcntl(other, fcntl.F_OFD_SETLK, lock)
    except OSError:
        return False
    return True
