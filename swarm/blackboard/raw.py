"""Raw output: files named after the digest of what they hold, synced before anybody learns the name."""

import hashlib
import re
from pathlib import Path

from swarm.errors import StoreDamaged, Unknown
from swarm.lasting import sync_folder, write_whole


class RawFiles:
    """A folder of raw output."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._named: set[Path] = set()
        """Folders whose own names this process has made last."""

    def put(self, content: bytes) -> str:
        """Keep the content and return its digest, by which it is found again."""
        digest = hashlib.sha256(content).hexdigest()
        path = self._path(digest)
        for folder in (self._folder, path.parent):
            folder.mkdir(mode=0o700, exist_ok=True)
        if not path.exists() or path.read_bytes() != content:
            write_whole(path, content)
        # Whoever made a name may not have come to sync it, so everybody who relies on it does: of a folder, once.
        sync_folder(path.parent)
        if path.parent not in self._named:
            sync_folder(self._folder)
            sync_folder(self._folder.parent)
            self._named.add(path.parent)
        return digest

    def get(self, digest: str) -> bytes:
        """The content of this digest, checked."""
        if digest not in self:
            raise Unknown(what=f"raw output {digest[:80]!r}", remedy="The evidence names the digests of this blackboard.")
        content = self._path(digest).read_bytes()
        if hashlib.sha256(content).hexdigest() != digest:
            raise StoreDamaged(place=self._path(digest), reason="it does not hold what its name says.")
        return content

    def __contains__(self, digest: str) -> bool:
        return re.fullmatch("[0-9a-f]{64}", digest) is not None and self._path(digest).is_file()

    def _path(self, digest: str) -> Path:
        return self._folder / digest[:2] / digest
