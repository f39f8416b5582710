"""The branches of the person that swarm moves: each move is announced in the journal before it begins."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sandboxes.landing import Landing
from sandboxes.lock import locked
from sandboxes.mirror import Mirror
from sandboxes.presence import present
from sandboxes.repository import Repository
from sandboxes.trouble import Trouble
from swarm.blackboard.history import landings, last_landing
from swarm.blackboard.runs import Run
from swarm.blackboard.store import Store
from swarm.errors import Conflict, shown
from swarm.events import BranchCreated, BranchDeleted, BranchMerged, Event, LandingBegun, LandingDropped, MergeUndone
from swarm.opening import opened_store
from swarm.settings.places import LIVE, MIRROR, state_folder
from swarm.settings.values import Settings

LOCK = "landing.lock"


@contextmanager
def opened_harbour(repository: Repository, settings: Settings) -> Iterator["Harbour"]:
    """Where branches of this repository are moved, without all that a run needs beside."""
    folder = state_folder(repository.identity, os.environ)
    with present(folder / LIVE), opened_store(repository, settings) as store:
        yield Harbour(repository=repository, mirror=Mirror.at(folder / MIRROR), store=store, folder=folder)


@dataclass(frozen=True, kw_only=True)
class Harbour:
    """Where branches of one repository are moved, one at a time."""

    repository: Repository
    mirror: Mirror
    store: Store
    folder: Path
    """The repository's state folder: its lock keeps two landings apart."""

    def last(self, run: Run) -> Event | None:
        """What last became of the run's result; None: it has none."""
        return last_landing(self.store, run.name)

    def merge(self, run: Run, branch: str, before: str, after: str, reason: str) -> BranchMerged:
        """Move a branch of the person to the commit with the fix, and the checkout with it."""
        self.repository.receive(self.mirror.folder, after, f"refs/swarm/{run.name}/merge")
        self.repository.keep(f"refs/swarm/{run.name}/undo", before)
        merged = BranchMerged(branch, before, after, reason)
        self._move(run, LandingBegun(branch, before, after), merged)
        return merged

    def undo(self, run: Run, merged: BranchMerged) -> MergeUndone:
        """Move the branch back to where it was before the merge."""
        undone = MergeUndone(merged.branch, merged.after, merged.before)
        self._move(run, LandingBegun(merged.branch, merged.after, merged.before, undoing=True), undone)
        return undone

    def examine(self, branch: str, before: str, after: str) -> None:
        """Find out whether a move would be possible; commits or trees, of which the mirror has both."""
        self._landing(branch, before, after).examine()

    def settle(self, run: Run) -> None:
        """End a landing that was cut off: as it was meant if the branch has moved, otherwise it never was."""
        with locked(self.folder / LOCK):
            events = landings(self.store, run.name)
            if not events or not isinstance(events[-1], LandingBegun):
                return
            begun = events[-1]
            landing, at = (
                self._landing(begun.branch, begun.before, begun.after),
                self.repository.at_ref(f"refs/heads/{begun.branch}"),
            )
            if at != begun.after:
                landing.tidy()
                why = (
                    "the landing was cut off before"
                    if at == begun.before
                    else "the landing was cut off, and somebody moved it since"
                )
                self.store.record(run.name, LandingDropped(begun.branch, why))
                return
            landing.land()
            ended = BranchMerged(begun.branch, begun.before, begun.after, "a landing that was cut off was brought to its end")
            undone = MergeUndone(begun.branch, begun.before, begun.after)
            self.store.record(run.name, undone if begun.undoing else ended)

    def delete(self, run: Run, created: BranchCreated) -> BranchDeleted:
        """Take the branch that swarm made away, if it is as swarm made it and nobody has it checked out."""
        ref = f"refs/heads/{created.branch}"
        if not self.repository.at_ref(ref):
            raise Conflict(what=f"There is no branch {created.branch} any more.", remedy="There is nothing to undo.")
        if places := [place for place, shown_ref in self.repository.checkouts() if shown_ref == ref]:
            raise Conflict(
                what=f"The branch {created.branch} is checked out in {places[0]}.", remedy="Check out another one first."
            )
        self.repository.delete_ref(ref, created.commit)
        deleted = BranchDeleted(created.branch, created.commit)
        self.store.record(run.name, deleted)
        return deleted

    def _move(self, run: Run, begun: LandingBegun, ended: Event) -> None:
        with locked(self.folder / LOCK):
            self.store.record(run.name, begun)
            try:
                self._landing(begun.branch, begun.before, begun.after).land()
            except Trouble as trouble:
                self.store.record(run.name, LandingDropped(begun.branch, shown(trouble).splitlines()[0]))
                raise
            self.store.record(run.name, ended)

    def _landing(self, branch: str, before: str, after: str) -> Landing:
        return Landing(repository=self.repository, mirror=self.mirror.git, branch=branch, before=before, after=after)
