"""Upkeep of the database file: the steps to the format of today, and a log that stays short."""

from contextlib import suppress
from pathlib import Path

import apsw

from swarm.blackboard.sqlite.statements import Statements
from swarm.errors import StoreTooNew

LONG_LOG, TOO_LONG_LOG = 1000, 3000
"""Pages of 4 KiB."""


def tidy(connection: apsw.Connection, _name: str, pages: int) -> int:
    """After a commit: move a log that has grown into the database, so that it can begin anew.

    While others go on writing that never comes to an end, so a log that is much too long keeps them waiting for once.
    Where it cannot be done now it is tried after the next commit; what was committed is as safe in the log.
    """
    if pages >= LONG_LOG:
        with suppress(apsw.Error):
            mode = apsw.SQLITE_CHECKPOINT_PASSIVE if pages < TOO_LONG_LOG else apsw.SQLITE_CHECKPOINT_FULL
            connection.wal_checkpoint(mode=mode)
    return apsw.SQLITE_OK


def migrate(connection: apsw.Connection, statements: Statements, steps: tuple[str, ...], folder: Path) -> None:
    """Bring a database to the format of today; each step is one transaction together with the number of its format."""
    found = connection.execute(statements["format"]).get
    if found > len(steps):
        raise StoreTooNew(place=folder, found=found, known=len(steps))
    for number, step in enumerate(steps[found:], start=found + 1):
        with connection:
            connection.execute(step)
            connection.pragma("user_version", number)
