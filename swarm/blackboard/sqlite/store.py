"""The blackboard on SQLite, for one machine: the embedded default."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Self

from swarm.blackboard.raw import RawFiles
from swarm.blackboard.sqlite.candidates import SqliteCandidates
from swarm.blackboard.sqlite.database import Database
from swarm.blackboard.sqlite.findings import SqliteFindings
from swarm.blackboard.sqlite.journal import SqliteJournal
from swarm.blackboard.sqlite.ledger import SqliteLedger
from swarm.blackboard.sqlite.requests import SqliteRequests
from swarm.blackboard.sqlite.runs import SqliteRuns
from swarm.blackboard.sqlite.statements import Statements, load_statements
from swarm.blackboard.sqlite.tasks import SqliteTasks
from swarm.blackboard.sqlite.translate import translated
from swarm.blackboard.tasks import TaskCaps


class SqliteStore(SqliteRuns, SqliteTasks, SqliteFindings, SqliteCandidates, SqliteLedger, SqliteRequests, SqliteJournal):
    """The blackboard of one repository, in one folder. Threads may share it; a forked process opens its own."""

    @classmethod
    def open(
        cls,
        folder: Path,
        *,
        clock: Callable[[], float] = time.time,
        caps: TaskCaps = TaskCaps(),  # noqa: B008 -- frozen, so that one for all calls is fine
        patience: float = 30.0,
        statements: Statements | None = None,
    ) -> Self:
        """Open the blackboard in this folder, and make it if there is none; wait so many seconds for one that is held."""
        database = Database(folder, statements or load_statements(), clock, patience)
        return cls(database, RawFiles(folder / "raw"), caps)

    def put_raw(self, content: bytes) -> str:
        """Keep raw output, synced before this returns; its digest is its name."""
        with translated(self._folder):
            return self._raw.put(content)

    def raw(self, digest: str) -> bytes:
        """The raw output of this digest."""
        with translated(self._folder):
            return self._raw.get(digest)

    def close(self) -> None:
        """Let go of the files."""
        self._database.close()
