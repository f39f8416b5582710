"""What a run's journal has told so far, without waiting for more."""

from collections.abc import Iterator

from swarm.blackboard.journal import Entry
from swarm.blackboard.store import Store
from swarm.events import (
    BranchCreated,
    BranchDeleted,
    BranchMerged,
    CandidateChosen,
    Event,
    LandingBegun,
    LandingDropped,
    MergeUndone,
    PatchWanted,
)

LANDINGS = (BranchCreated, LandingBegun, LandingDropped, BranchMerged, MergeUndone, BranchDeleted)


def all_entries(store: Store, run: str) -> Iterator[Entry]:
    """Every entry of a run's journal, oldest first."""
    position = 0
    while entries := store.entries(run, position):
        yield from entries
        position = entries[-1].position


def told(store: Store, run: str) -> Iterator[Event]:
    """Every event of a run, oldest first."""
    return (entry.event for entry in all_entries(store, run))


def landings(store: Store, run: str) -> list[Event]:
    """What became of the branch with the fix, and of the person's: oldest first."""
    return [event for event in told(store, run) if isinstance(event, LANDINGS)]


def last_landing(store: Store, run: str) -> Event | None:
    """The last of it that was not dropped; None: there is no branch."""
    return next((event for event in reversed(landings(store, run)) if not isinstance(event, LandingDropped)), None)


def doubts_in(store: Store, run: str) -> tuple[str, ...]:
    """What a person should look at before the outcome of a run is merged."""
    return next((event.doubts for event in reversed(list(told(store, run))) if isinstance(event, CandidateChosen)), ())


def wants_patch(store: Store, run: str) -> bool:
    """Whether the fix of this run is to stay a patch."""
    return any(isinstance(event, PatchWanted) for event in told(store, run))
