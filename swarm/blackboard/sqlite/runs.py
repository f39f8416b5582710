"""The runs of a repository."""

import secrets
from collections.abc import Sequence

from swarm.blackboard.runs import NewRun, Run
from swarm.blackboard.sqlite.part import Part
from swarm.blackboard.sqlite.transaction import Reading, Row
from swarm.errors import Unknown
from swarm.events import Event, RunEnded, RunStarted


class SqliteRuns(Part):
    """Runs in SQLite."""

    def start_run(self, new: NewRun, *told: Event) -> Run:
        """Begin a run."""
        with self._database.changing() as change:
            name = secrets.token_hex(4)
            while change.run("has_run", run=name):
                name = secrets.token_hex(4)
            change.run(
                "add_run", name=name, title=new.title, issue=new.issue, source=new.source, base=new.base, sandbox=new.sandbox,
                workers=new.workers, settings=new.settings, now=change.now,
            )  # fmt: skip
            change.tell(name, RunStarted(new.title, new.source, new.base, new.sandbox, new.workers, new.dirty), *told)
            return _named(change, name)

    def end_run(self, run: str, *, outcome: str, exit_code: int, sentence: str, branch: str = "") -> None:
        """End a run. Ending it again changes nothing."""
        with self._database.changing() as change:
            change.must_have_run(run)
            if change.run("end_run", run=run, now=change.now, outcome=outcome, exit_code=exit_code, branch=branch):
                change.tell(run, RunEnded(outcome, exit_code, sentence, branch))

    def sign_of_life(self, run: str) -> None:
        """Note that the run's process is alive."""
        with self._database.changing() as change:
            change.must_have_run(run)
            change.run("sign_of_life", run=run, now=change.now)

    def run(self, name: str) -> Run:
        """The run of this name, or of this unambiguous beginning of one, or `last`."""
        with self._database.reading() as reading:
            return _named(reading, name)

    def runs(self) -> Sequence[Run]:
        """All runs, newest first."""
        with self._database.reading() as reading:
            return [_run(row) for row in reading.run("runs_beginning", beginning="", limit=-1)]


def _named(reading: Reading, name: str) -> Run:
    if name == "last":
        found = reading.run("runs_beginning", beginning="", limit=1)
    else:
        found = reading.run("runs_beginning", beginning=name, limit=2) if name else []
    if len(found) > 1:
        raise Unknown(what=f"run called just {name!r}", remedy="Several begin like that: give more of its name.")
    if not found:
        raise Unknown(what=f"run {name!r}", remedy="`swarm ls` lists the runs of this repository.")
    return _run(found[0])


def _run(row: Row) -> Run:
    name, title, issue, source, base, sandbox, workers, settings, started, alive, ended, outcome, exit_code, branch = row
    return Run(
        name=name, title=title, issue=issue, source=source, base=base, sandbox=sandbox, workers=workers, settings=settings,
        started=started, alive=alive, ended=ended, outcome=outcome, exit_code=exit_code, branch=branch,
    )  # fmt: skip
