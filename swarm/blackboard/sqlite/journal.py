"""The journal: appended with every change, read from any position, followed while it grows."""

import json
from collections.abc import Iterable, Iterator, Sequence

from swarm.blackboard.journal import Entry, read_event
from swarm.blackboard.sqlite.part import Part
from swarm.blackboard.sqlite.transaction import Reading, Row
from swarm.blackboard.tasks import Lease
from swarm.board import UNSEEN
from swarm.events import AFTERWARDS, Event, RunResumed, WorkerActed

BATCH = 1000
LONGEST_NAP = 0.05
"""Seconds; a follower looks at least this often whether something was written."""


class SqliteJournal(Part):
    """The journal in SQLite."""

    def record(self, run: str, *events: Event, lease: Lease | None = None) -> None:
        """Write down what happened to nothing the store keeps otherwise. A run that is resumed has not ended."""
        with self._database.changing() as change:
            change.must_have_run(run)
            if lease is not None:
                change.must_hold(lease)
            if any(isinstance(event, RunResumed) for event in events):
                change.run("reopen_run", run=run)
            change.tell(run, *events)

    def entries(self, run: str, after: int = 0, limit: int = 1000) -> Sequence[Entry]:
        """What happened after a position, in order."""
        with self._database.reading() as reading:
            reading.must_have_run(run)
            return _entries(reading, run, after, limit)

    def standing(self, run: str) -> Sequence[Entry]:
        """As much of the journal as the board of this moment is made of."""
        with self._database.reading() as reading:
            reading.must_have_run(run)
            traceless = json.dumps([kind.__name__ for kind in UNSEEN])
            return _read(run, reading.run("board_is_made_of", run=run, step=WorkerActed.__name__, traceless=traceless))

    def follow(self, run: str, after: int = 0, *, idle: float = 0.05) -> Iterator[Entry]:
        """What happened and what happens, until the run ends."""
        with self._database.reader() as reader:
            reader.must_have_run(run)
            while True:
                with self._database.moment(reader):
                    batch = _entries(reader, run, after, BATCH)
                    last = reader.first("last_position", run=run)
                    version = reader.version()
                yield from batch
                after = batch[-1].position if batch else after
                if last and last[0] <= after and last[1] in {kind.__name__ for kind in AFTERWARDS}:
                    return
                if len(batch) < BATCH:
                    self._database.wait_for_news(reader, version, min(idle, LONGEST_NAP))


def _entries(reading: Reading, run: str, after: int, limit: int) -> list[Entry]:
    return _read(run, reading.run("entries", run=run, after=after, limit=limit))


def _read(run: str, rows: Iterable[Row]) -> list[Entry]:
    return [Entry(position, run, at, read_event(event, json.loads(text), form)) for position, at, form, event, text in rows]
