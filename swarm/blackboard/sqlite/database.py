"""The database file: how it is opened, and the two ways into it, reading and changing.

Durability is what synchronous=FULL promises, had for less. SQLite would sync its log while it holds the only write lock, so
that everybody waits for everybody's disk. Here a change is committed without (synchronous=NORMAL, which keeps the database
whole through a power cut), the lock is let go, and the log is synced before the call returns: writers share the wait.
As others can see the change in between, a reader syncs the log as well before it tells what it saw.
"""

import os
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import apsw

from swarm.blackboard.place import make_private, must_be_safe
from swarm.blackboard.sqlite.statements import Statements, load_migrations
from swarm.blackboard.sqlite.transaction import Change, Reader, Reading
from swarm.blackboard.sqlite.translate import BELOW, translated, translation
from swarm.blackboard.sqlite.upkeep import migrate, tidy
from swarm.blackboard.turnstile import ThreadQueue, Turnstile
from swarm.errors import StoreDamaged, StoreReadOnly, StoreTrouble
from swarm.lasting import sync_content, sync_folder

FILE = "blackboard.sqlite3"
CHECKED = 32 * 1024 * 1024
"""Up to this size a database is checked whole when it is opened; it takes a tenth of a second."""


SHORTLY = 0.00002
"""Seconds between two tries to get the lock; a change holds it for about five times as long."""

SAFE_LIBRARY = (3, 51, 3)
"""The first release whose WAL does not lose what was acknowledged."""


def library() -> str:
    """The version of SQLite that keeps the blackboard."""
    return apsw.sqlite_lib_version()


class Database:
    """One writer and as many readers as there are threads that read."""

    def __init__(self, folder: Path, statements: Statements, clock: Callable[[], float], patience: float) -> None:
        """Open the database in this folder, and make it if there is none; wait so many seconds for one that is held."""
        self.folder, self.statements, self.clock, self._patience = folder, statements, clock, patience
        self._process = os.getpid()
        self._threads = ThreadQueue()
        self._idle: deque[Reader] = deque()
        self._closed = False
        self._durable = 0
        with translated(folder):
            make_private(folder)
            must_be_safe(folder)
            self._turnstile = Turnstile(folder / "turnstile")
            try:
                self._writer = self._opened()
                # SQLite locks nothing in the log itself, so a second descriptor for it can be opened and closed.
                self._log = os.open(folder / f"{FILE}-wal", os.O_RDONLY | os.O_CLOEXEC)
            except BaseException:
                self._turnstile.close()
                raise

    @contextmanager
    def changing(self) -> Iterator[Change]:
        """A transaction that changes something: all of it is kept, durably, or nothing is."""
        try:
            with self._threads:
                self._must_be_usable()
                self._begin()
                try:
                    change = Change(self._writer, self.statements, self.clock())
                    yield change
                    version = change.commit()
                    self._turnstile.used()
                finally:
                    if self._writer.in_transaction:
                        self._writer.execute(self.statements["rollback"])
            if version != self._durable:
                sync_content(self._log)
                self._durable = max(version, self._durable)
        except BELOW as error:
            raise translation(self.folder, error) from error

    @contextmanager
    def reading(self) -> Iterator[Reading]:
        """A look at the blackboard as it is at one moment."""
        with self.reader() as reader, self.moment(reader):
            yield reader

    @contextmanager
    def reader(self) -> Iterator[Reader]:
        """A connection of one's own for reading, one moment after the other."""
        with translated(self.folder):
            self._must_be_usable()
            reader = self._idle.pop() if self._idle else Reader(self._connect("only_read"), self.statements)
            try:
                yield reader
            finally:
                if self._closed:
                    reader.close()
                else:
                    self._idle.append(reader)

    @contextmanager
    def moment(self, reader: Reader) -> Iterator[None]:
        """All that is read in it is as it was at one moment, and nobody learns of what a power cut could still undo."""
        self._must_be_usable()
        reader.run("begin_reading")
        try:
            yield
            version = reader.version()
        finally:
            reader.run("rollback")
        if version != reader.durable:
            sync_content(self._log)
            reader.durable = version

    def wait_for_news(self, reader: Reader, version: int, nap: float) -> None:
        """Sleep, a nap at a time, until somebody has committed something after this version."""
        while reader.version() == version:
            time.sleep(nap)
            self._must_be_usable()

    def close(self) -> None:
        """Let go of the file. Closing again changes nothing."""
        with translated(self.folder), self._threads:
            if self._closed:
                return
            self._closed = True
            while self._idle:
                self._idle.pop().close()
            os.close(self._log)
            self._writer.close()
            self._turnstile.close()

    def _must_be_usable(self) -> None:
        if os.getpid() != self._process:
            # Locks belong to the process that took them: through a copied connection two processes would hold the same ones.
            raise StoreTrouble(place=self.folder, reason="it was opened before this process was forked; open it anew here.")
        if self._closed:
            raise StoreTrouble(place=self.folder, reason="it was closed.")

    def _opened(self) -> apsw.Connection:
        """The writing connection; only one process at a time makes or migrates a database."""
        path = self.folder / FILE
        with self._turnstile.head():
            if not path.exists():
                os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
                sync_folder(self.folder)
            connection = self._connect()
            try:
                self._must_be_whole(connection)
                migrate(connection, self.statements, load_migrations(), self.folder)
                connection.set_busy_timeout(0)  # it waits in the turnstile instead
                connection.set_wal_hook(tidy)
            except BaseException:
                connection.close()
                raise
        return connection

    def _must_be_whole(self, connection: apsw.Connection) -> None:
        """Refuse a file that cannot be written or is damaged. Large ones are not read whole just to be opened."""
        if connection.readonly("main"):
            raise StoreReadOnly(place=self.folder, reason=f"{FILE} is read-only.")
        if (self.folder / FILE).stat().st_size <= CHECKED:
            says = connection.execute(self.statements["quick_check"]).get
            if says != "ok":
                raise StoreDamaged(place=self.folder, reason=f"{says}.")

    def _connect(self, *more: str) -> apsw.Connection:
        connection = apsw.Connection(str(self.folder / FILE), flags=apsw.SQLITE_OPEN_READWRITE, statementcachesize=200)
        connection.set_busy_timeout(int(self._patience * 1000))
        # Otherwise every statement that has to do with a partial index is planned anew each time it is run.
        connection.config(apsw.SQLITE_DBCONFIG_ENABLE_QPSG, 1)
        for name in ("use_wal", "sync_checkpoints", "keep_references", *more):
            connection.execute(self.statements[name]).fetchall()
        return connection

    def _begin(self) -> None:
        """Begin to write: without queueing as long as it is this process's turn, else at the head of the queue."""
        while self._turnstile.has_turn:
            if self._begins():
                return
            time.sleep(SHORTLY)
        with self._turnstile.head():
            gives_up = time.monotonic() + self._patience
            while not self._begins():
                if time.monotonic() > gives_up:
                    raise apsw.BusyError("database is locked")
                time.sleep(SHORTLY)

    def _begins(self) -> bool:
        try:
            self._writer.execute(self.statements["begin_change"])
        except apsw.BusyError:
            return False
        return True
