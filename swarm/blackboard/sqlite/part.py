"""What every part of the store has in common."""

from pathlib import Path

from swarm.blackboard.raw import RawFiles
from swarm.blackboard.sqlite.database import Database
from swarm.blackboard.sqlite.translate import translated
from swarm.blackboard.tasks import TaskCaps
from swarm.errors import Unknown


class Part:
    """A part of the store: it has the database, the raw output beside it, and how far tasks may grow."""

    def __init__(self, database: Database, raw: RawFiles, caps: TaskCaps) -> None:
        self._database = database
        self._raw = raw
        self._caps = caps

    @property
    def _folder(self) -> Path:
        return self._database.folder

    def _must_be_kept(self, digest: str) -> None:
        """Refuse to name raw output that is not on disk."""
        with translated(self._folder):
            if digest and digest not in self._raw:
                raise Unknown(what=f"raw output {digest[:80]!r}", remedy="Keep it first (`put_raw`); then name it.")
