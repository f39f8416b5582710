"""A new tree made from an old one, written in one piece by git's own importer of streams."""

import hashlib
import tempfile
from typing import BinaryIO, Self

from sandboxes.git import Git, GitTrouble, decoded
from sandboxes.listing import Entry
from sandboxes.names import git_folder

CHUNK = 1024 * 1024
BEGIN = b"commit refs/swarm/revision\ncommitter swarm <swarm@localhost> 0 +0000\ndata 0\n"
FORGET = b"\nreset refs/swarm/revision\n\ndone\n"  # the commit was only the way to the tree; no reference stays


class NoSuchPlace(GitTrouble):
    """No tree can hold a file at {path!r}.
    Paths are relative to the top of the repository, and lead neither out of it nor into its git folder."""

    exit_code = 2


class Revision:
    """Collects what is to be different; `write` gives the tree. All removals come first, so a file may become a folder."""

    def __init__(self, git: Git, tree: str) -> None:
        """Begin with all that is in a tree."""
        self._git = git
        self._tree = tree
        self._marks = 0
        self._blobs: BinaryIO = tempfile.TemporaryFile()  # noqa: SIM115  # closed by __exit__
        self._removals = bytearray()
        self._edits = bytearray()
        self._blobs.write(b"feature done\n")

    def __enter__(self) -> Self:
        """Use it as a context: its spool lies on disk until the end."""
        return self

    def __exit__(self, *_: object) -> None:
        self._blobs.close()

    @property
    def empty(self) -> bool:
        """Whether nothing is different so far."""
        return not self._edits and not self._removals

    def remove(self, path: bytes) -> None:
        """Leave out a path and whatever lies below it."""
        self._removals += b"D %s\n" % _quoted(path)

    def place(self, path: bytes, entry: Entry) -> None:
        """Put something there that is stored already."""
        self._edits += b"M %s %s %s\n" % (entry.mode.encode(), entry.oid.encode(), _quoted(path))

    def add(self, path: bytes, mode: str, data: bytes) -> None:
        """Put new content there."""
        self._marks += 1
        self._blobs.write(b"blob\nmark :%d\ndata %d\n" % (self._marks, len(data)))
        self._blobs.write(data)
        self._blobs.write(b"\n")
        self._edits += b"M %s :%d %s\n" % (mode.encode(), self._marks, _quoted(path))

    def write(self) -> str:
        """Store it all, synced, and give the id of the new tree."""
        if self.empty:
            return self._tree
        root = b'M 040000 %s ""\n' % self._tree.encode()
        self._blobs.write(BEGIN + root + self._removals + self._edits + b'ls ""\n' + FORGET)
        self._blobs.seek(0)
        said = self._git.run("fast-import", "--quiet", "--date-format=raw", stdin=self._blobs).decode()
        if said.startswith("missing "):
            return self._git.text("mktree")
        return said.split("\t")[0].split(" ")[2]


def blob_id(data: bytes, algorithm: str) -> str:
    """The name git gives to this content."""
    return hashlib.new(algorithm, b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()


def _quoted(path: bytes) -> bytes:
    if any(part in (b"", b".", b"..") or git_folder(part) for part in path.split(b"/")) or b"\0" in path:
        raise NoSuchPlace(path=decoded(path))
    escaped = path.replace(b"\\", b"\\\\").replace(b'"', b'\\"').replace(b"\n", b"\\n")
    return b'"' + escaped + b'"'
