"""A glimpse of a repository without starting git: enough to tell whether it is as it was when an answer was remembered.

Nothing is decided by it but whether to look again. What is not as it mostly is (another format, another hash) it does not know.
It stands before every answer that is known already, so nothing is loaded here that takes time.
"""

import hashlib
import struct
from collections.abc import Mapping
from pathlib import Path

from sandboxes.identity import identity

FIXED = struct.Struct(">40x20sH")
"""What stands before the name of an entry: forty bytes about the file, the object, and how long the name is."""
MODE = struct.Struct(">24xI")
CHECKSUM = 20
EXTENDED, LONGEST = 0x4000, 0x0FFF


class Glimpse:
    """Which repository it is, what its next commit would be made of, and onto what."""

    def __init__(self, top: Path, common_dir: Path, state: str) -> None:
        """The state is a hash that is another one whenever the index, or the commit that is checked out, is another one."""
        self.top, self.identity, self.state = top, identity(common_dir), state


def glimpse(folder: Path, environ: Mapping[str, str]) -> Glimpse | None:
    """Look at the repository around a folder; None: it takes git to understand it."""
    top = next((one for one in (folder.resolve(), *folder.resolve().parents) if (one / ".git").exists()), None)
    if top is None:
        return None
    try:
        git_dir = _git_dir(top / ".git")
        pointer = git_dir / "commondir"
        common = (git_dir / pointer.read_text().strip()).resolve() if pointer.is_file() else git_dir
        index = top / environ["GIT_INDEX_FILE"] if "GIT_INDEX_FILE" in environ else git_dir / "index"
        head = _commit(git_dir, common)
        if not head or b"objectformat" in (common / "config").read_bytes().lower():
            return None
        facts = [head, str((git_dir / "MERGE_HEAD").exists()), _entries(index.read_bytes())]
    except (OSError, ValueError, struct.error, IndexError):
        return None
    state = hashlib.sha256("\n".join(facts).encode()).hexdigest()
    return Glimpse(top, common, state)


def _git_dir(place: Path) -> Path:
    if place.is_dir():
        return place
    return (place.parent / place.read_text().removeprefix("gitdir:").strip()).resolve()


def _commit(git_dir: Path, common: Path) -> str:
    """The commit that is checked out; empty: it is not found where it mostly is."""
    head = (git_dir / "HEAD").read_text().strip()
    if not head.startswith("ref: "):
        return head
    name = head.removeprefix("ref: ")
    for place in (git_dir / name, common / name):
        if place.is_file():
            return place.read_text().strip()
    packed = common / "packed-refs"
    lines = packed.read_text().splitlines() if packed.is_file() else []
    return next((line.partition(" ")[0] for line in lines if line.endswith(f" {name}")), "")


def _entries(content: bytes) -> str:
    """A hash of what is staged. When files were looked at last is left out, since git writes that anew with every look."""
    signature, version, count = struct.unpack(">4sII", content[:12])
    digest = hashlib.sha256()
    if signature != b"DIRC" or version not in (2, 3):
        return hashlib.sha256(content).hexdigest()  # names are written otherwise
    at = 12
    for _ in range(count):
        oid, flags = FIXED.unpack_from(content, at)
        (mode,) = MODE.unpack_from(content, at)
        begin = at + FIXED.size
        more = content[begin : begin + 2] if flags & EXTENDED else b""
        end = content.index(b"\0", begin + len(more))
        digest.update(b"%d %s %d " % (mode, oid, flags & ~LONGEST) + more + content[begin + len(more) : end] + b"\0")
        at += (end - at + 8) // 8 * 8
    while at < len(content) - CHECKSUM:
        name, size = struct.unpack_from(">4sI", content, at)
        if name[:1].islower():
            return hashlib.sha256(content).hexdigest()  # without this extension the entries are not all there is
        at += 8 + size
    return digest.hexdigest()
