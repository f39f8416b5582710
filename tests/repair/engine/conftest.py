"""Small projects in real sandboxes, with everything that is needed to try edits in them."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pytest

from sandboxes.environment import inherited
from sandboxes.host import Host
from sandboxes.mirror import Mirror
from sandboxes.sandbox import Backend
from swarm.code.survey import Survey
from swarm.evidence.results import TestRun
from swarm.evidence.rooms import Room, Rooms
from swarm.evidence.runners.pytest import PytestRunner
from swarm.repair.edits import Edit
from swarm.repair.engine.survey import survey
from swarm.repair.engine.trying import Engine
from swarm.repair.trial import Trial

Files = Mapping[str, str | bytes]
Change = tuple[str, str, str]
"""A file, a text that stands in it once, and what comes into its place."""
HOST = Host()
QUICK = "[pytest]\naddopts = -p no:hypothesispytest -p no:anyio -p no:timeout\n"
"""What the projects do not need takes longer to import than they themselves."""


def as_bytes(text: str | bytes) -> bytes:
    return text if isinstance(text, bytes) else text.encode()


@dataclass(frozen=True)
class Bench:
    """A project on the bench: its open room, and what pytest itself says of it."""

    files: Files
    rooms: Rooms
    tree: str
    room: Room
    truth: TestRun

    @cached_property
    def survey(self) -> Survey:
        return survey(self.room, self.rooms.environment, self.truth.collected, self.truth.failed)

    @property
    def sources(self) -> dict[str, bytes]:
        return {path: as_bytes(text) for path, text in self.files.items() if path.endswith(".py")}

    def edit(self, path: str, old: str, new: str) -> Edit:
        text = as_bytes(self.files[path]).decode()
        assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {path}"
        line = text[: text.index(old)].count("\n") + 1
        return Edit(path, line, "hand", f"{old} becomes {new}", text.replace(old, new).encode())

    def tries(
        self, *changes: Change, failing: Sequence[str] = (), passing: Sequence[str] | None = None, **more: float
    ) -> list[Trial]:
        """Try these changes, and answer in their order; by default all tests take part."""
        return self.tries_edits([self.edit(*change) for change in changes], failing=failing, passing=passing, **more)

    def tries_edits(
        self, edits: Sequence[Edit], *, failing: Sequence[str] = (), passing: Sequence[str] | None = None, **more: float
    ) -> list[Trial]:
        engine = Engine(
            self.room,
            self.rooms.environment,
            self.sources,
            self.survey,
            failing or self.truth.failed,
            self.truth.passed if passing is None else passing,
        )
        trials = {trial.edit: trial for trial in engine.tries(edits, **more)}
        return [trials[edit] for edit in edits if edit in trials]

    def tree_with(self, edit: Edit) -> str:
        return self.rooms.mirror.put(self.tree, {edit.path: edit.new_source})


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[Files], Bench]]:
    """Put a project on the bench, by default in a room without a wall, for speed."""
    folder: Path = tmp_path_factory.mktemp("bench")
    mirror = Mirror.at(folder / "mirror.git")
    with ExitStack() as opened:

        def put(files: Files, *, measured: bool = True, backend: Backend = HOST) -> Bench:
            rooms = Rooms(backend, mirror, inherited(folder), folder / "worktrees")
            files = {"pytest.ini": QUICK, **files}
            empty = mirror.git.text("mktree")
            tree = mirror.put(empty, {path: as_bytes(text) for path, text in files.items()})
            room = opened.enter_context(rooms.open(tree))
            truth = PytestRunner(rooms.environment.python).run(room.sandbox, () if measured else ["nowhere"], timeout=60)
            assert truth.complete or not measured, truth.why_incomplete + truth.output.decode()
            return Bench(files, rooms, tree, room, truth)

        yield put
