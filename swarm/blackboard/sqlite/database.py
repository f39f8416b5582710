"""The database file: how it is opened, and the two ways into it, reading and changing."""

import os
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import apsw

from swarm.blackboard.place import make_private, must_be_safe, sync_folder
from swarm.blackboard.sqlite.statements import Statements, load_migrations
from swarm.blackboard.sqlite.transaction import Change, Reading
from swarm.blackboard.sqlite.translate import translated
from swarm.blackboard.turnstile import ThreadQueue, Turnstile
from swarm.errors import StoreDamaged, StoreTooNew, StoreTrouble

FILE = "blackboard.sqlite3"
PATIENCE = 30.0
"""Seconds after which a write gives up, because somebody holds the database without letting go."""
CHECKED = 32 * 1024 * 1024
"""Up to this size a database is checked whole when it is opened; it takes a tenth of a second."""


class Database:
    """One writer and as many readers as there are threads that read."""

    def __init__(self, folder: Path, statements: Statements, clock: Callable[[], float]) -> None:
        """Open the database in this folder, and make it if there is none."""
        self.folder, self.statements, self.clock = folder, statements, clock
        self._process = os.getpid()
        self._threads = ThreadQueue()
        self._idle: deque[apsw.Connection] = deque()
        self._closed = False
        with translated(folder):
            make_private(folder)
            must_be_safe(folder)
            self._turnstile = Turnstile(folder / "turnstile")
            try:
                self._writer = self._opened()
            except BaseException:
                self._turnstile.close()
                raise

    @contextmanager
    def changing(self) -> Iterator[Change]:
        """A transaction that changes something: all of it is kept, durably, or nothing is."""
        with translated(self.folder), self._threads:
            self._must_be_usable()
            self._begin()
            try:
                change = Change(self._writer, self.statements, self.clock())
                yield change
                change.write_journal()
                change.run("commit")
            finally:
                if self._writer.in_transaction:
                    self._writer.execute(self.statements["rollback"])

    @contextmanager
    def reading(self) -> Iterator[Reading]:
        """A transaction that sees the blackboard as it is at one moment."""
        with self.reader() as reader:
            reader.run("begin_reading")
            try:
                yield reader
            finally:
                reader.run("rollback")

    @contextmanager
    def reader(self) -> Iterator[Reading]:
        """A connection of one's own for reading; each statement sees what is there when it is run."""
        with translated(self.folder):
            self._must_be_usable()
            connection = self._idle.pop() if self._idle else self._connect()
            try:
                connection.execute(self.statements["only_read"])
                yield Reading(connection, self.statements)
            finally:
                if self._closed:
                    connection.close()
                else:
                    self._idle.append(connection)

    def close(self) -> None:
        """Let go of the file. Closing again changes nothing."""
        with translated(self.folder), self._threads:
            if self._closed:
                return
            self._closed = True
            while self._idle:
                self._idle.pop().close()
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
                if path.stat().st_size <= CHECKED and (says := connection.execute(self.statements["quick_check"]).get) != "ok":
                    raise StoreDamaged(place=self.folder, reason=f"{says}.")
                migrate(connection, self.statements, load_migrations(), self.folder)
                connection.set_busy_timeout(0)  # it waits in the turnstile instead
            except BaseException:
                connection.close()
                raise
        return connection

    def _connect(self) -> apsw.Connection:
        connection = apsw.Connection(str(self.folder / FILE), flags=apsw.SQLITE_OPEN_READWRITE, statementcachesize=200)
        connection.set_busy_timeout(int(PATIENCE * 1000))
        # Otherwise every statement that has to do with a partial index is planned anew each time it is run.
        connection.config(apsw.SQLITE_DBCONFIG_ENABLE_QPSG, 1)
        for name in ("use_wal", "sync_every_commit", "keep_references"):
            connection.execute(self.statements[name]).fetchall()
        return connection

    def _begin(self) -> None:
        """Begin to write: at once as long as it is this process's turn, else at the head of the queue."""
        if self._turnstile.has_turn and self._begins():
            return
        with self._turnstile.head():
            gives_up, pause = time.monotonic() + PATIENCE, 0.0001
            while not self._begins():
                if time.monotonic() > gives_up:
                    raise apsw.BusyError("database is locked")
                time.sleep(pause)
                pause = min(pause * 1.5, 0.001)

    def _begins(self) -> bool:
        try:
            self._writer.execute(self.statements["begin_change"])
        except apsw.BusyError:
            return False
        return True


def migrate(connection: apsw.Connection, statements: Statements, steps: tuple[str, ...], folder: Path) -> None:
    """Bring a database to the format of today; each step is one transaction together with the number of its format."""
    found = connection.execute(statements["format"]).get
    if found > len(steps):
        raise StoreTooNew(place=folder, found=found, known=len(steps))
    for number, step in enumerate(steps[found:], start=found + 1):
        with connection:
            connection.execute(step)
            connection.pragma("user_version", number)
