"""Brings an agent's files out as values. Git never opens one of them: whatever they are called, they configure nothing."""

import os
import stat
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

from sandboxes.command import MEBIBYTE
from sandboxes.git import GitTrouble
from sandboxes.listing import EXECUTABLE, LINK, PLAIN, SUBMODULE, Entry
from sandboxes.names import dropping, git_folder, stays_inside
from sandboxes.revision import Revision, blob_id
from sandboxes.seen import NOTHING, Seen
from sandboxes.values import Value

OPEN_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK
OPEN_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK


class TooMuch(GitTrouble):
    """An agent's files are more than swarm takes over: {what}
    Nothing of them was kept."""

    exit_code = 5


class Unreadable(GitTrouble):
    """An agent's files cannot be read: {what}
    Nothing of them was kept."""


class Caps(Value, kw_only=True):
    """How much of an agent's work is taken over."""

    file: int = 256 * MEBIBYTE
    changed: int = 512 * MEBIBYTE
    entries: int = 400_000
    depth: int = 200


class Importer:
    """Compares a folder with a tree, and notes in a revision what is different."""

    def __init__(self, like: Mapping[bytes, Entry], revision: Revision, caps: Caps, seen: Seen = NOTHING) -> None:
        """Prepare to compare with a tree, given as all its entries; what was `seen` and is untouched is not read."""
        self._untouched = seen
        self._like = like
        self._revision = revision
        self._caps = caps
        self._folders = folders_of(like)
        self._algorithm = "sha256" if any(len(entry.oid) == 64 for entry in like.values()) else "sha1"
        self._seen: set[bytes] = {path for path, entry in like.items() if entry.mode == SUBMODULE}
        self._submodules = frozenset(self._seen)
        self._entries = 0
        self._changed = 0

    def compare(self, worktree: Path) -> None:
        """Walk the folder; afterwards the revision holds what it adds, changes and lacks."""
        try:
            top = os.open(worktree, OPEN_FOLDER)
            try:
                self._walk(top, b"", 1, known=True)
            finally:
                os.close(top)
        except OSError as error:
            raise Unreadable(what=str(error)) from error
        for path in self._like.keys() - self._seen:
            self._revision.remove(path)

    def _walk(self, folder: int, prefix: bytes, depth: int, *, known: bool) -> None:
        if depth > self._caps.depth:
            raise TooMuch(what=f"folders more than {self._caps.depth} deep")
        written = self._untouched.written(prefix) if known else None
        with os.scandir(folder) as listed:
            for item in listed:
                self._entries += 1
                if self._entries > self._caps.entries:
                    raise TooMuch(what=f"more than {self._caps.entries} files and folders")
                name = os.fsencode(item.name)
                path = prefix + name
                if known and path in self._like and self._as_it_was(item, name, written):
                    self._seen.add(path)
                else:
                    self._take(folder, path, item, depth, known=known)

    def _as_it_was(self, item: os.DirEntry[str], name: bytes, written: Collection[bytes] | None) -> bool:
        """Whether nobody has touched a file; nearly all are so, and nothing else is asked about them."""
        if item.is_dir(follow_symlinks=False):
            return False
        if written is not None and name not in written:
            return True
        return self._untouched.untouched(item.stat(follow_symlinks=False))

    def _take(self, folder: int, path: bytes, item: os.DirEntry[str], depth: int, *, known: bool) -> None:
        name = path.rpartition(b"/")[2]
        if git_folder(name) or (dropping(name) and path not in self._like and path not in self._folders):
            return
        if item.is_dir(follow_symlinks=False):
            self._descend(folder, path, item.name, depth, known=known)
        elif self._wanted(path):
            self._keep(folder, path, item)

    def _descend(self, folder: int, path: bytes, name: str, depth: int, *, known: bool) -> None:
        if path in self._submodules:
            return
        inner = os.open(name, OPEN_FOLDER, dir_fd=folder)
        try:
            known = known and self._untouched.same_folder(path, os.fstat(inner).st_ino)
            self._walk(inner, path + b"/", depth + 1, known=known)
        finally:
            os.close(inner)

    def _wanted(self, path: bytes) -> bool:
        """Whether nothing on the way to it is a dropping, or else it was in the tree already."""
        return path in self._like or not any(dropping(part) for part in path.split(b"/"))

    def _keep(self, folder: int, path: bytes, item: os.DirEntry[str]) -> None:
        if item.is_symlink():
            target = os.fsencode(os.readlink(item.name, dir_fd=folder))
            if self._like.get(path) == Entry(LINK, blob_id(target, self._algorithm)):
                self._seen.add(path)
            elif stays_inside(path, target):
                self._note(path, LINK, target)
        elif item.is_file(follow_symlinks=False):
            mode, data = self._read(folder, item.name, path)
            self._note(path, mode, data)

    def _read(self, folder: int, name: str, path: bytes) -> tuple[str, bytes]:
        fd = os.open(name, OPEN_FILE, dir_fd=folder)
        with os.fdopen(fd, "rb", buffering=0) as file:
            info = os.fstat(fd)
            if not stat.S_ISREG(info.st_mode):
                raise Unreadable(what=f"{os.fsdecode(path)!r} changed while it was read")
            if info.st_size > self._caps.file:
                raise TooMuch(what=f"{os.fsdecode(path)!r} has {info.st_size} bytes")
            return EXECUTABLE if info.st_mode & stat.S_IXUSR else PLAIN, b"".join(_chunks(file.fileno(), info.st_size))

    def _note(self, path: bytes, mode: str, data: bytes) -> None:
        before = self._like.get(path)
        self._seen.add(path)
        if before is not None and _alike(before.mode, mode) and before.oid == blob_id(data, self._algorithm):
            return
        self._changed += len(data)
        if self._changed > self._caps.changed:
            raise TooMuch(what=f"more than {self._caps.changed} changed bytes")
        self._revision.add(path, mode, data)


def _alike(one: str, other: str) -> bool:
    """Compare kind and executable bit only: old repositories hold modes such as 100664."""
    return one[:3] == other[:3] and int(one, 8) & stat.S_IXUSR == int(other, 8) & stat.S_IXUSR


def _chunks(fd: int, size: int) -> Iterator[bytes]:
    left = size
    while left > 0 and (data := os.read(fd, min(left, MEBIBYTE))):
        left -= len(data)
        yield data


def folders_of(like: Mapping[bytes, Entry]) -> frozenset[bytes]:
    """Name every folder of a tree that is given as all its entries."""
    found: set[bytes] = set()
    for path in like:
        folder = path.rpartition(b"/")[0]
        while folder and folder not in found:
            found.add(folder)
            folder = folder.rpartition(b"/")[0]
    return frozenset(found)
