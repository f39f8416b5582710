"""Stores to test the contract on. Another backend joins by another entry in BACKENDS."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import pytest

from swarm.blackboard.runs import NewRun
from swarm.blackboard.sqlite import SqliteStore
from swarm.blackboard.store import Store
from swarm.blackboard.tasks import TaskCaps

BACKENDS: dict[str, Callable[..., Store]] = {"sqlite": SqliteStore.open}


@dataclass
class Clock:
    """A clock that goes when it is told to."""

    now: float = 1_000_000.0

    def __call__(self) -> float:
        return self.now

    def passes(self, seconds: float) -> None:
        self.now += seconds


class OpenStore(Protocol):
    """Opens a store, the same one again for the same folder; all are closed after the test."""

    def __call__(self, folder: Path | None = None, *, caps: TaskCaps = ...) -> Store: ...


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(params=BACKENDS)
def open_store(request: pytest.FixtureRequest, tmp_path: Path, clock: Clock) -> Iterator[OpenStore]:
    opener = BACKENDS[request.param]
    with ExitStack() as stack:

        def opens(folder: Path | None = None, *, caps: TaskCaps = TaskCaps()) -> Store:  # noqa: B008 -- frozen
            store = opener(folder or tmp_path / "state", clock=clock, caps=caps)
            stack.callback(store.close)
            return store

        yield opens


@pytest.fixture
def store(open_store: OpenStore) -> Store:
    return open_store()


@pytest.fixture
def start(store: Store) -> Callable[[], str]:
    """Starts a run and tells its name."""

    def starts() -> str:
        new = NewRun(title="Total is wrong", issue="text", source="issue.md", base="abc", sandbox="none", workers=2)
        return store.start_run(new).name

    return starts


@pytest.fixture
def run(start: Callable[[], str]) -> str:
    return start()


@pytest.fixture
def told(store: Store, run: str) -> Callable[[], list[str]]:
    """The names of the events since the last time it was asked."""
    seen = [store.entries(run, limit=100_000)[-1].position]

    def names() -> list[str]:
        entries = store.entries(run, after=seen[0], limit=100_000)
        seen[0] = entries[-1].position if entries else seen[0]
        return [type(entry.event).__name__ for entry in entries]

    return names
