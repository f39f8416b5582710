"""Finds the smallest set of hunks that breaks a test, by trying parts of the change.

First as if a single hunk were guilty: two thirds of the change are tried side by side, which takes log3(n) rounds. If that finds
nothing, hunks break the test only together: then halves are tried, each with what is known to be needed beside it.
"""

import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from swarm.triage.hunks import Change
from swarm.triage.sight import Fault, Sight
from swarm.triage.trials import Ask, Trials

ALONE = 2
"""How often it must have failed with just the guilty hunks."""
CONVINCED = (3, 3, 7)
"""How often it must have failed with the guilty hunks, not failed without them, and both together: chance hardly ever does."""
BEFORE = (2, 1)
"""How often it has failed, and not failed, in the first run and the sifting."""
CULPRITS = 4
"""How many sets of hunks that break the same test, each by itself, are looked for."""

Tell = Callable[[str], None]


@dataclass(frozen=True)
class Guilt:
    """Who breaks a test."""

    sets: tuple[frozenset[int], ...]
    """Each of these sets of hunks breaks it, whether or not the others are there."""
    needed: tuple[frozenset[int], ...]
    """The same with what else of the change it takes to run the test with them."""
    cured: bool
    """Whether the rest of the change, without all of them, was seen not to break it."""
    minimal: bool
    """Whether there was time to make every set as small as it can be."""


@dataclass
class Court:
    """Tries parts of one change on all tests that it breaks."""

    trials: Trials
    change: Change
    broken: Mapping[str, Fault]
    ask: Ask
    timeout: float
    """Seconds for a single run."""
    until: float
    """When there is no more time to make sets smaller."""
    tell: Tell
    seen: list[tuple[frozenset[int], Sight]] = field(default_factory=list)
    """All that was run here, by the hunks that were there."""
    alone: dict[str, list[tuple[frozenset[int], Sight]]] = field(default_factory=dict)
    """What was run of a test without the others."""
    doubts: dict[str, int] = field(default_factory=dict)
    """Tests that have said something else without the others, and how much had been run by then, of which nothing counts."""

    def guilty(self, name: str, ranks: Mapping[int, int]) -> Guilt | None:
        """The smallest sets of hunks that break this, the suspicious ones (of low rank) tried first; None: it is flaky."""
        items = sorted(range(len(self.change.hunks)), key=lambda number: (ranks[number], number))
        sets: list[frozenset[int]] = []
        needed: list[frozenset[int]] = []
        minimal = True
        while len(sets) < CULPRITS:
            found, whole = self._smallest(name, items, ranks)
            minimal = minimal and whole
            left = [number for number in items if number not in found and not self.change.hunks[number].needs & set(found)]
            alone, rest = self._look([found, left])
            while self._breaks(name, alone) and not self._breaks(name, rest) and not self._convinced(name, found):
                alone, rest = self._look_again(name, [found, left], (alone, rest))
            if self._wavers(name, found) or self._wavers(name, left):
                return None
            if not self._breaks(name, alone):
                return (
                    None
                    if minimal and not alone.cut
                    else Guilt((*sets, frozenset(items)), (*needed, frozenset(items)), cured=False, minimal=False)
                )
            needed.append(frozenset(found))
            sets.append(frozenset(self._to_blame(name, found)))
            items = left
            if not items or not self._breaks(name, rest):
                cured = name not in rest.faults and not rest.cut
                return None if self._varies(name, needed, sets) else Guilt(tuple(sets), tuple(needed), cured, minimal)
        return Guilt(tuple(sets), tuple(needed), cured=False, minimal=False)

    def also(self, name: str, guilt: Guilt) -> bool:
        """Whether the same hunks break this as well, and nothing else does; what was run already tells."""
        rest = [number for number in range(len(self.change.hunks)) if not any(number in found for found in guilt.needed)]
        each = all(self._breaks(name, self._see(found)) for found in guilt.needed)
        return each and not self._breaks(name, self._see(rest))

    def _convinced(self, name: str, found: Collection[int]) -> bool:
        """Whether chance can be ruled out, after all that was run so far and still counts."""
        doubted = self.doubts.get(name, 0)
        seen = self.seen[doubted:] if doubted else self._seen(name)
        if sum(part == self.change.closed(found) and self._breaks(name, sight) for part, sight in seen) < ALONE:
            return False
        failed, held = (0, 0) if doubted else BEFORE
        fails = failed + sum(self._breaks(name, sight) for _, sight in seen)
        holds = held + sum(not self._breaks(name, sight) for _, sight in seen)
        return fails >= CONVINCED[0] and holds >= CONVINCED[1] and fails + holds >= CONVINCED[2]

    def _wavers(self, name: str, found: Collection[int]) -> bool:
        """Whether it was seen to fail and not to fail with the very same hunks."""
        sights = [sight for part, sight in self._seen(name) if part == self.change.closed(found)]
        return any(sight.holds(name) for sight in sights) and any(self._breaks(name, sight) for sight in sights)

    def _varies(self, name: str, needed: Sequence[Collection[int]], sets: Sequence[Collection[int]]) -> bool:
        """Whether what was seen does not fit the guilt, and is otherwise when it is looked at again: then it is chance."""
        for part, sight in self._seen(name):
            guilty = any(set(one) <= part for one in needed)
            innocent = not any(set(one) <= part for one in sets)
            breaks = self._breaks(name, sight)
            strange = (guilty and sight.holds(name)) or (innocent and breaks)
            if strange and self._breaks(name, self._look([part], again=True)[0]) != breaks:
                return True
        return False

    def _to_blame(self, name: str, found: Sequence[int]) -> list[int]:
        """Of a smallest set those without which the test passes. The others are only needed: without them it cannot be run."""
        whole = sorted(self.change.closed(found))  # taking an edit away must not take the renaming of its file away as well
        blamed = [number for number in found if len(whole) > 1 and self._see(_without(whole, number)).holds(name)]
        return blamed or list(found)

    def _smallest(self, name: str, items: Sequence[int], ranks: Mapping[int, int]) -> tuple[list[int], bool]:
        """A smallest part of these hunks that breaks it, and whether time sufficed."""
        likely, others = parted(items, ranks)
        if others:
            alone = len(likely) == 1 and self.ask == self.ask.about({name})
            sights = self._look([likely, others], times=ALONE if alone else 1)  # if it is this one, that will be asked anyway
            parts = zip((likely, others), sights, strict=True)
            items = next((part for part, sight in parts if self._breaks(name, sight)), items)
        found = self._hunted(name, list(items))
        if not self._breaks(name, self._see(found)):
            found = self._divide(name, list(items), [])
        return self._without_needless(name, found) if len(found) > 1 else (found, True)

    def _hunted(self, name: str, items: list[int]) -> list[int]:
        """The guilty hunk, if it is a single one: where it is not in two thirds, it has to be in the last."""
        while len(items) > 1 and not self._late():
            size = -(-len(items) // 3)
            parts = [part for part in (items[:size], items[size : 2 * size], items[2 * size :]) if part]
            sights = self._look(parts[:-1])
            items = next((part for part, sight in zip(parts, sights, strict=False) if self._breaks(name, sight)), parts[-1])
        return items

    def _divide(self, name: str, items: list[int], beside: list[int]) -> list[int]:
        """What of the items it takes to break it, if the others are there as well."""
        if len(items) < 2 or self._late():
            return items
        middle = len(items) // 2
        halves = (items[:middle], items[middle:])
        sights = self._look([[*half, *beside] for half in halves])
        for half, sight in zip(halves, sights, strict=True):
            if self._breaks(name, sight):
                return self._divide(name, half, beside)
        first = self._divide(name, halves[0], [*halves[1], *beside])
        return [*first, *self._divide(name, halves[1], [*first, *beside])]

    def _without_needless(self, name: str, items: list[int]) -> tuple[list[int], bool]:
        """Leave out, one after another, whatever it breaks without."""
        for number in list(items):
            if self._late():
                return items, False
            fewer = _without(items, number)
            if fewer and self._breaks(name, self._see(fewer)):
                items = fewer
        return items, not self._late()

    def _see(self, numbers: Collection[int], *, again: bool = False) -> Sight:
        return self._look([numbers], again=again)[0]

    def _seen(self, name: str) -> list[tuple[frozenset[int], Sight]]:
        return [*self.seen, *self.alone.get(name, ())]

    def _look_again(self, name: str, parts: Sequence[Collection[int]], before: Sequence[Sight]) -> Sequence[Sight]:
        """The same once more, of this test alone, which is sooner done, unless the others make a difference to it."""
        only = self.ask.about({name}) if name else self.ask
        if only != self.ask and name not in self.doubts:
            trees = [self.change.with_only(part) for part in parts]
            sights = self.trials.look(trees, only, timeout=self.timeout, again=True)
            if [self._breaks(name, sight) for sight in sights] == [self._breaks(name, sight) for sight in before]:
                closed = [self.change.closed(part) for part in parts]
                self.alone.setdefault(name, []).extend(zip(closed, sights, strict=True))
                return sights
            self.doubts[name] = len(self.seen)
        return self._look(parts, again=True)

    def _look(self, parts: Sequence[Collection[int]], *, again: bool = False, times: int = 1) -> list[Sight]:
        """What the tests say with each of these parts; if more than once, the first time counts and the others are kept."""
        trees = [self.change.with_only(part) for part in parts]
        sizes = " and ".join(str(len(part)) for part in parts)
        self.tell(f"{len(self.broken)} broken; trying {sizes} of {len(self.change.hunks)} hunks")
        looks = self.trials.looks(trees, self.ask, timeout=self.timeout, again=again, times=times)
        for part, sights in zip(parts, looks, strict=True):
            new = [sight for sight in sights if all(sight is not known for _, known in self.seen)]
            self.seen += [(self.change.closed(part), sight) for sight in new]
        return [sights[0] for sights in looks]

    def _breaks(self, name: str, sight: Sight) -> bool:
        """Whether it fails there for the same reason; a part that fails otherwise is no proof of anything."""
        fault = sight.faults.get(name)
        return fault is not None and fault.kind == self.broken[name].kind

    def _late(self) -> bool:
        return time.monotonic() > self.until


def parted(items: Iterable[int], ranks: Mapping[int, int]) -> tuple[list[int], list[int]]:
    """The hunks of the lowest rank, which are looked at first, and the others."""
    known = list(items)
    best = min(ranks[number] for number in known)
    return [number for number in known if ranks[number] == best], [number for number in known if ranks[number] != best]


def _without(numbers: Sequence[int], number: int) -> list[int]:
    return [other for other in numbers if other != number]
