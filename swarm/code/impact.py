"""Which tests a change can reach, told by what each of them reached when it last ran, and for the rest by what files import.

A test needs parts of the project: the functions that it entered, all that its file imports, the files that it read. As long as
every part is as it was, the test says what it said, whatever else was edited. That holds against any later state of the project,
so what is known of a test stays known until one of its parts changes.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from enum import IntEnum
from pathlib import PurePosixPath
from typing import NamedTuple

from swarm.code.snapshot import FILE, FOLDER, IMPORTS, MODULE, SETTINGS, Snapshot
from swarm.values import Value

CONFIGURED_BY = ("pytest.ini", ".pytest.ini", "pytest.toml", ".pytest.toml", "tox.ini", "setup.cfg")


class Need(NamedTuple):
    """A part of the project, and how it was."""

    path: str
    what: str
    value: str


class Trace(Value):
    """What one test reached in the tree, or the import of a file."""

    functions: Mapping[str, tuple[int, ...]]
    """The first lines of the functions that were entered, by file; 0: the file itself."""
    files: tuple[str, ...] = ()
    folders: tuple[str, ...] = ()
    opaque: bool = False


class Footprint(Value):
    """What is known of one test from its last run."""

    passed: bool
    seconds: float
    needs: frozenset[Need]
    opaque: str = ""
    """The tree it ran on, if nobody knows what it reached there; empty: its needs say it."""
    passed_before: "Footprint | None" = None
    """How it was when it last passed, if it has failed since."""

    def at(self, now: Snapshot, gone: Collection[Need]) -> "Footprint":
        """What tells of this state: the pass before the failure, if the failure belongs to another state."""
        earlier = self.passed_before
        return earlier if earlier is not None and earlier.holds(now, gone) and not self.holds(now, gone) else self

    def holds(self, now: Snapshot, gone: Collection[Need]) -> bool:
        """Whether it would do now what it did then, as these needs are not as they were."""
        return self.opaque in ("", now.tree) and self.needs.isdisjoint(gone)


class Reason(IntEnum):
    """How a test relates to the change, the most pressing first."""

    REACHES = 0
    """Something that it needs is not as it was."""
    IMPORTS = 1
    """It has not been run yet; its imports lead to what was changed, or its file names it."""
    UNKNOWN = 2
    """It has not been run yet, and nothing tells that it has to do with the change."""


class Choice(Value):
    """Tests, or whole files of them, that a change may reach."""

    files: Mapping[str, Reason]
    """Whole files."""
    tests: tuple[str, ...]
    """Single tests of other files, all of which reach the change."""
    spared: int
    """Tests that would do what they did: they need not be run."""


def footprint(test: str, then: Snapshot, traces: Mapping[str, Trace], *, passed: bool, seconds: float) -> Footprint:
    """What is to be remembered of a test that ran on a tree."""
    own, home = traces[test], test.partition("::")[0]
    roots = [home, *then.conftests(home), *(path for path, lines in own.functions.items() if path.endswith(".py") and lines)]
    needs: set[Need] = set()
    reached: set[str] = set()
    waiting = then.closure(roots)
    while waiting:
        reached |= waiting
        imported = [traces[path] for path in waiting if path in traces]
        waiting = then.closure(path for one in imported for path, lines in one.functions.items() if 0 in lines) - reached
    for path in reached:
        needs |= {Need(path, what, then.value(path, what)) for what in ((MODULE, IMPORTS) if path.endswith(".py") else (FILE,))}
    for trace in (own, *(traces[path] for path in ("", *reached) if path in traces)):
        needs |= set(_needs(trace, then))
    for path in (*then.conftests(home), *_configured_by(then)):
        needs.add(Need(path, FILE if path not in reached else MODULE, then.value(path, FILE if path not in reached else MODULE)))
    needs |= {Need(path, SETTINGS, then.value(path, SETTINGS)) for path in then.upwards("pyproject.toml")}
    return Footprint(passed, seconds, frozenset(needs), then.tree if own.opaque else "")


def _needs(trace: Trace, then: Snapshot) -> Iterator[Need]:
    for path, lines in trace.functions.items():
        if path in then.files:
            known = then.blocks_of(path)
            for name in {known.at(line) for line in lines if line} - {MODULE}:
                yield Need(path, name, then.value(path, name))
    for path in trace.files:
        yield Need(path, FILE, then.value(path, FILE))
    for path in trace.folders:
        yield Need(path, FOLDER, then.value(path, FOLDER))


def chosen(known: Mapping[str, Footprint], tests_in: Iterable[str], before: Snapshot, now: Snapshot) -> Choice:
    """The tests that differ, or may differ, in the state `now`; `tests_in` are the files of that state that may hold tests."""
    gone = lost(known.values(), now)
    known = {test: print_.at(now, gone) for test, print_ in known.items()}
    stale = {test for test, print_ in known.items() if not (print_.passed and print_.holds(now, gone))}
    homes = {test.partition("::")[0] for test in known}
    again = {test.partition("::")[0] for test in stale}
    whole = {home for home in again if home in now.files and _rewritten(home, known, now)}
    files = dict.fromkeys(whole, Reason.REACHES)
    changed = {path for path in {*before.files, *now.files} if before.files.get(path) != now.files.get(path)}
    names = _names(changed)
    for home in sorted({path for path in tests_in if path in now.files} - homes):
        files[home] = Reason.IMPORTS if _leads_to(home, changed, names, before, now) else Reason.UNKNOWN
    tests = tuple(sorted(test for test in stale if (home := test.partition("::")[0]) in now.files and home not in whole))
    return Choice(files, tests, len(known) - len(stale))


def lost(known: Iterable[Footprint], now: Snapshot) -> set[Need]:
    """What any of them needs and is not as it was: tests share most of what they need, so each is looked at once."""
    prints = [print_ for one in known for print_ in (one, one.passed_before) if print_ is not None]
    needs: set[Need] = set().union(*(print_.needs for print_ in prints))
    return {need for need in needs if now.value(need.path, need.what) != need.value}


def _rewritten(home: str, known: Mapping[str, Footprint], now: Snapshot) -> bool:
    """Whether a test file may hold other tests than it did: then it is run as a whole."""
    settings = _configured_by(now)
    for test, print_ in known.items():
        if test.partition("::")[0] == home:
            return not all(now.value(*need[:2]) == need.value for need in print_.needs if _decides_what_is_found(need, settings))
    return True


def _configured_by(state: Snapshot) -> set[str]:
    return {path for name in CONFIGURED_BY for path in state.upwards(name)}


def _decides_what_is_found(need: Need, settings: Collection[str]) -> bool:
    """Whether other tests may be found in a file if this is otherwise."""
    name = PurePosixPath(need.path).name
    return need.what in (MODULE, IMPORTS, SETTINGS) or name == "conftest.py" or need.path in settings


def _leads_to(home: str, changed: Collection[str], names: Collection[str], before: Snapshot, now: Snapshot) -> bool:
    closure: set[str] = set()
    for state in (before, now):
        closure |= state.closure([home, *state.conftests(home)])
    if home in changed or closure & set(changed):
        return True
    conftests = set(now.conftests(home))
    if conftests & set(changed) or not {*_configured_by(now), *now.upwards("pyproject.toml")}.isdisjoint(changed):
        return True
    return any(name in now.read(path).decode("utf-8", "replace") for path in closure & now.files.keys() for name in names)


def _names(changed: Iterable[str]) -> set[str]:
    """How a source would name a changed file that is not imported: by its name, or by that of its folder."""
    found: set[str] = set()
    for path in map(PurePosixPath, changed):
        if path.suffix != ".py":
            found |= {path.name, path.stem, path.parent.name}
    return {name for name in found if len(name) > 2}
