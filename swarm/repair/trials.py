"""Tries edits one by one, in a run of the project's own runner each: slow, and right for every way of testing."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from swarm.evidence.ground import Ground
from swarm.evidence.results import Outcome, TestRun
from swarm.evidence.rooms import Room
from swarm.evidence.runner import Manner
from swarm.repair.edits import Edit
from swarm.repair.planting import planted
from swarm.repair.trial import Fate, Trial

SHORTEST = 10.0  # seconds that a trial gets at least: a machine may be busy
CPU = 2.0
"""Seconds of CPU time that a test gets, if no other one takes nearly as long."""


@dataclass(frozen=True)
class Trials:
    """An open room on base in which edits are tried, one after another."""

    ground: Ground
    room: Room
    sources: Mapping[str, bytes]
    """What the files hold on base."""

    def of(self, edit: Edit) -> Trial:
        """Run the failing tests with the edit in place, and all tests if they pass."""
        baseline, red = self.ground.baseline, self.ground.red
        with planted(self.room.worktree, edit.path, edit.new_source, self.sources[edit.path]):
            for tests, wanted in ((red, red), ((), (*baseline.passing, *red))):
                patience = max(SHORTEST, 4 * baseline.seconds)
                run = self.ground.runner.run(self.room.sandbox, tests, timeout=patience, manner=Manner(cpu=CPU))
                if objection := _objection(run, wanted):
                    fate = Fate.TIMED_OUT if run.timed_out else Fate.FAILED
                    return Trial(edit, fate, *objection, how="run", code=edit.digest)
        return Trial(edit, Fate.PLAUSIBLE, how="run", code=edit.digest)


@contextmanager
def open_trials(ground: Ground, sources: Mapping[str, bytes]) -> Iterator[Trials]:
    """Open a room for trials on base."""
    with ground.rooms.open(ground.tree) as room:
        yield Trials(ground, room, sources)


def _objection(run: TestRun, wanted: tuple[str, ...]) -> tuple[str, str] | None:
    """The first test that does not pass, and what it says; None: all of them pass."""
    for test in wanted:
        if test in run.results and run.results[test].outcome is not Outcome.PASSED:
            return test, run.results[test].message
    missing = [test for test in wanted if test not in run.results]
    if missing or not run.complete:
        return (missing[0] if missing else ""), run.why_incomplete or "it is not there any more"
    return None
