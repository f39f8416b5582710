"""Tries edits in their order: by the engine where it can run the tests, and otherwise each in a run of its own."""

import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from swarm.evidence.ground import Ground
from swarm.evidence.rooms import Room
from swarm.repair.edits import Edit
from swarm.repair.engine.program import EngineFailed
from swarm.repair.engine.trying import Engine
from swarm.repair.knowledge import Knowledge
from swarm.repair.ranking import Ranked
from swarm.repair.source import NotPython, Source, compiled
from swarm.repair.trial import Trial
from swarm.repair.trials import Trials

MEMORY = 64 * 1024 * 1024
"""Bytes of edited files that are held at once."""
MOST = 2_500
"""Edits in one command: between two of them the person may stop the search."""
IMPORTED, FEW = 60, 2
"""How many edits of those are tried by importing everything anew: as long as nothing helps, and once something does."""
HELPED = 10.0
"""Seconds that a search takes at most, once somebody has found an edit that helps: it only looks for a better one."""
SLOW = 40
"""How many edits one search tries where each takes a run of its own."""
ENOUGH = 60
"""Plausible edits, after which more would not help to choose."""


@dataclass(frozen=True)
class Search:
    """An open room on base, and what is known of it."""

    ground: Ground
    room: Room
    sources: Mapping[str, bytes]
    knowledge: Knowledge
    helped: Callable[[], bool] = lambda: False
    """Whether somebody has found an edit that helps."""

    def tries(self, order: Sequence[Ranked], known: Collection[str], seconds: float) -> Iterator[list[tuple[Ranked, Trial]]]:
        """Try edits, the likeliest first, and hand over what became of them from time to time."""
        read = {path: Source.read(path, self.sources[path]) for path in dict.fromkeys(one.path for one in order)}
        until = time.monotonic() + (min(seconds, HELPED) if self.helped() else seconds)
        if self.knowledge.survey is None:
            yield from self._slowly(order, read, known, until)
            return
        try:
            yield from self._fast(order, read, known, until)
        except EngineFailed:
            yield from self._slowly(order, read, known, until)

    def _fast(
        self, order: Sequence[Ranked], read: Mapping[str, Source], known: Collection[str], until: float
    ) -> Iterator[list[tuple[Ranked, Trial]]]:
        assert self.knowledge.survey is not None
        engine = Engine(
            self.room,
            self.ground.rooms.environment,
            self.sources,
            self.knowledge.survey,
            self.ground.red,
            self.ground.baseline.passing,
            imported=lambda helps: FEW if helps or self.helped() else IMPORTED,
        )
        for batch in _batches(order, read):
            left = until - time.monotonic()
            if left <= 0:
                return
            edits = {edit: one for one in batch if (edit := _edit(one, read))}
            yield [(edits[trial.edit], trial) for trial in engine.tries(list(edits), seconds=left, enough=ENOUGH, known=known)]

    def _slowly(
        self, order: Sequence[Ranked], read: Mapping[str, Source], known: Collection[str], until: float
    ) -> Iterator[list[tuple[Ranked, Trial]]]:
        trials, tried = Trials(self.ground, self.room, self.sources), 0
        for one in order:
            edit = _edit(one, read)
            if tried >= SLOW or time.monotonic() > until:
                return
            if edit and edit.digest not in known and _compiles(edit, read[one.path]):
                tried += 1
                yield [(one, trials.of(edit))]


def _batches(order: Sequence[Ranked], read: Mapping[str, Source]) -> Iterator[list[Ranked]]:
    """So many edits at a time as there is memory for."""
    batch: list[Ranked] = []
    size = 0
    for one in order:
        batch.append(one)
        size += len(read[one.path].content)
        if size > MEMORY or len(batch) == MOST:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _edit(one: Ranked, read: Mapping[str, Source]) -> Edit | None:
    """The edit; None: the file's encoding has no room for it."""
    try:
        return one.of(read[one.path])
    except UnicodeEncodeError:
        return None


def _compiles(edit: Edit, source: Source) -> bool:
    try:
        return compiled(edit.new_source.decode(source.encoding).encode()) != compiled(source.content)
    except NotPython:
        return False
