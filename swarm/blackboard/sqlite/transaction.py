"""A transaction: named statements, and the events that are written together with what they report."""

from typing import Any

import apsw

from swarm.blackboard.journal import body
from swarm.blackboard.sqlite.statements import Statements
from swarm.blackboard.tasks import Lease
from swarm.errors import StaleLease, Unknown
from swarm.events import SCHEMA, Event

Row = tuple[Any, ...]


class Reading:
    """A look at the blackboard."""

    def __init__(self, connection: apsw.Connection, statements: Statements) -> None:
        self._connection = connection
        self._statements = statements

    def run(self, statement: str, /, **values: object) -> list[Row]:
        """The rows that a statement gives, by its name."""
        return self._connection.execute(self._statements[statement], values).fetchall()

    def first(self, statement: str, /, **values: object) -> Row | None:
        """The first of these rows, if there is one."""
        rows = self.run(statement, **values)
        return rows[0] if rows else None

    def value(self, statement: str, /, **values: object) -> Any:
        """The only value of the only row."""
        ((value,),) = self.run(statement, **values)
        return value

    def must_have_run(self, run: str) -> None:
        """Refuse what is asked of a run that does not exist."""
        if not self.run("has_run", run=run):
            raise Unknown(what=f"run {run!r}", remedy="`swarm ls` lists the runs of this repository.")


class Reader(Reading):
    """A connection that only reads. It knows up to which version what it sees is durable."""

    durable: int | None = None

    def version(self) -> int:
        """Differs whenever somebody has committed something."""
        return int(self.value("data_version"))

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()


class Change(Reading):
    """A transaction that changes something, at one moment."""

    def __init__(self, connection: apsw.Connection, statements: Statements, now: float) -> None:
        super().__init__(connection, statements)
        self.now = now
        self._changes = connection.total_changes()
        self._told: list[tuple[str, Event]] = []

    def tell(self, run: str, *events: Event) -> None:
        """Report what happened; it is committed with the change or not at all."""
        self._told.extend((run, event) for event in events)

    def must_hold(self, lease: Lease, statement: str = "hold", **values: object) -> Row:
        """Run a statement that carries the lease; the row that it gives, or an error if the lease is another's by now."""
        row = self.first(statement, run=lease.run, task=lease.task, worker=lease.worker, token=lease.token, **values)
        if row is None:
            raise StaleLease(worker=lease.worker, task=lease.task, token=lease.token)
        return row

    def commit(self) -> int:
        """Commit what changed, with the journal of it.

        Returns the version that is there now: what others have committed by now, or -1 where this changed something itself.
        """
        for run, event in self._told:
            self.run("append", run=run, at=self.now, format=SCHEMA, event=type(event).__name__, body=body(event))
        version = -1 if self._connection.total_changes() != self._changes else int(self.value("data_version"))
        self.run("commit")
        return version
