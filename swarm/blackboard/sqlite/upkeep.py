"""Upkeep of the database file: the steps to the format of today, and a log that stays short."""

from contextlib import suppress
from pathlib import Path

import apsw

from swarm.blackboard.sqlite.statements import Statements
from swarm.errors import StoreTooNew

LONG_LOG, STEP, CLOSE = 1000, 256, 16
"""Pages of 4 KiB: when a log is long, how much longer it grows from one try to the next, and how near to it is near enough."""


def tidy(connection: apsw.Connection, _name: str, pages: int) -> int:
    """After a commit: move a log that has grown into the database, so that it can begin anew.

    It can begin anew only where it was moved whole, so the others are kept from writing meanwhile. That costs as much as a
    hundred changes; one process in a while does it for all of them. Where it cannot be done now it is tried some pages
    later; what was committed is as safe in the log.
    """
    if pages >= LONG_LOG and pages % STEP < CLOSE:
        with suppress(apsw.Error):
            connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_FULL)
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
