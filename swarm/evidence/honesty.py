"""The report on a patch's tests: which were added, deleted, skipped, weakened, retuned; test by test, from the syntax trees."""

import builtins
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from fnmatch import fnmatchcase
from pathlib import PurePosixPath

from swarm.evidence.changes import Kind, Saw
from swarm.evidence.inventory import Inventory, Test, inventory
from swarm.evidence.patch import is_test
from swarm.evidence.weakening import compared

HARMLESS = (Kind.ADDED, Kind.RENAMED)
LONGEST = 160
"""Characters of code in a sentence."""
SCHEMA = 1
ELSEWHERE = ("*.test.*", "*.spec.*", "*_test.*", "*_spec.*", "*Test.java", "conftest.py")


@dataclass(frozen=True)
class TestChange:
    """One thing that was done to one test."""

    __test__ = False

    path: str
    test: str
    """The test's name, `path::Class::name`; the path alone where a whole file is meant."""
    saw: Saw
    affects: tuple[str, ...] = ()
    """For what tests lean on: the tests that do."""

    @property
    def sentence(self) -> str:
        """The change in a sentence for people."""
        saw = self.saw
        code = " became ".join(f"`{_short(text)}`" for text in (saw.before, saw.after) if text)
        leaning = f" ({len(self.affects)} test{'s lean' if len(self.affects) != 1 else ' leans'} on it)" if self.affects else ""
        line = f" (line {saw.line})" if saw.line else ""
        return f"{saw.kind.value}: {self.test}: {saw.detail}{leaning}{f': {code}' if code else ''}{line}"


@dataclass(frozen=True)
class Honesty:
    """What a patch does to tests."""

    changes: tuple[TestChange, ...] = ()

    @property
    def suspicious(self) -> tuple[TestChange, ...]:
        """What a person should look at: everything but new tests and new names."""
        return tuple(change for change in self.changes if change.saw.kind not in HARMLESS)

    def of(self, kind: Kind) -> tuple[TestChange, ...]:
        """The changes of one kind."""
        return tuple(change for change in self.changes if change.saw.kind is kind)

    @property
    def sentences(self) -> tuple[str, ...]:
        """A sentence for every change, the grave ones first."""
        order = (Kind.DELETED, Kind.SKIPPED, Kind.WEAKENED, Kind.RETUNED, Kind.SUPPORT, Kind.CHANGED, Kind.RENAMED, Kind.ADDED)
        return tuple(change.sentence for kind in order for change in self.of(kind))

    def as_json(self) -> dict[str, object]:
        """The report for programs."""
        changes = [
            {
                **asdict(change.saw),
                "kind": change.saw.kind.value,
                "path": change.path,
                "test": change.test,
                "affects": list(change.affects),
                "sentence": change.sentence,
            }
            for change in self.changes
        ]
        return {"schema": SCHEMA, "counts": {kind.value: len(self.of(kind)) for kind in Kind}, "changes": changes}


def compare(old: Mapping[str, bytes], new: Mapping[str, bytes]) -> Honesty:
    """Compare the tests of two trees: give it all test files of both, so that what leans on what can be told."""
    paths = sorted(path for path in {*old, *new} if is_test(path) or _is_test_elsewhere(path))
    python = [path for path in paths if path.endswith(".py") and _readable(old.get(path)) and _readable(new.get(path))]
    before = {path: inventory(old[path]) for path in python if path in old}
    after = {path: inventory(new[path]) for path in python if path in new}
    changes = [*_tests(before, after), *_leaning(before, after)]
    changes += [change for path in paths if path not in python for change in _file(path, old.get(path), new.get(path))]
    return Honesty(tuple(sorted(changes, key=lambda change: (change.path, change.saw.line, change.test))))


def _is_test_elsewhere(path: str) -> bool:
    """Whether a file is called like tests of other languages, or decides about those of Python."""
    return any(fnmatchcase(PurePosixPath(path).name, pattern) for pattern in ELSEWHERE)


def _readable(content: bytes | None) -> bool:
    try:
        inventory(content or b"")
    except (SyntaxError, ValueError, RecursionError):
        return False
    return True


def _file(path: str, old: bytes | None, new: bytes | None) -> Iterator[TestChange]:
    """A file of which only the bytes can be compared."""
    if old == new:
        return
    if old is None:
        yield TestChange(path, path, Saw(Kind.ADDED, "a file was added"))
    elif new is None:
        yield TestChange(path, path, Saw(Kind.DELETED, "a file was deleted"))
    else:
        broken = " and cannot be read as Python" if path.endswith(".py") else ""
        yield TestChange(path, path, Saw(Kind.CHANGED, f"a file was changed{broken}"))


def _tests(before: Mapping[str, Inventory], after: Mapping[str, Inventory]) -> Iterator[TestChange]:
    """What became of every test, wherever it went."""
    old = {(path, name): test for path, stock in before.items() for name, test in stock.tests.items()}
    new = {(path, name): test for path, stock in after.items() for name, test in stock.tests.items()}
    for (path, name), test in old.items():
        if (path, name) in new:
            for saw in compared(test, new[path, name]):
                yield TestChange(path, f"{path}::{name}", saw)
    gone = {key: test for key, test in old.items() if key not in new}
    come = {key: test for key, test in new.items() if key not in old}
    for (path, name), test in gone.items():
        heir = _heir(test, come)
        if heir is None:
            yield TestChange(path, f"{path}::{name}", _deleted(name, test, after.get(path)))
            continue
        there, called = heir
        yield TestChange(there, f"{path}::{name}", Saw(Kind.RENAMED, f"it is {there}::{called} now"))
        for saw in compared(test, come[heir]):
            yield TestChange(there, f"{there}::{called}", saw)
        del come[heir]
    for (path, name), test in come.items():
        yield TestChange(path, f"{path}::{name}", Saw(Kind.ADDED, "a test was added", line=test.function.lineno))


def _heir(test: Test, come: Mapping[tuple[str, str], Test]) -> tuple[str, str] | None:
    """The new test that does what this one did; if it is called the same it may do it a little differently."""
    for key, other in come.items():
        if other.body == test.body:
            return key
    simple = test.name.rpartition("::")[2]
    return next((key for key, other in come.items() if other.name.rpartition("::")[2] == simple), None)


def _deleted(name: str, test: Test, file: Inventory | None) -> Saw:
    """A test that is gone, or is there and is no test any more."""
    bodies = {text.partition("\n")[2]: helper for helper, text in (file.support if file else {}).items()}
    whole = "\n".join(f"    {line}" for line in test.body.splitlines())
    helper = name if file and name in file.support else bodies.get(whole)
    detail = f"it is no test any more but `{helper}`" if helper else "a test was deleted"
    return Saw(Kind.DELETED, detail, line=test.function.lineno)


def _leaning(before: Mapping[str, Inventory], after: Mapping[str, Inventory]) -> Iterator[TestChange]:
    """What tests lean on, where it is not the same: what they name, and what works on all of them."""
    for path in sorted({*before, *after}):
        old, new = before.get(path, Inventory()), after.get(path, Inventory())
        for name in sorted({*old.support, *new.support}):
            was, now = old.support.get(name, ""), new.support.get(name, "")
            automatic = name in old.automatic | new.automatic
            if was != now and (was or automatic or _shadows(name, path, before, after)):
                saw = Saw(Kind.SUPPORT, _became(name, was, now))
                change = TestChange(path, path, saw, _affected(path, name, after, automatic=automatic))
                if change.affects or automatic or now or name.startswith("Test"):
                    yield change
        for text in sorted({*old.statements} ^ {*new.statements}):
            saw = Saw(Kind.SUPPORT, "the file does something else when it is loaded")
            yield TestChange(path, path, replace(saw, before=text) if text in old.statements else replace(saw, after=text))


def _became(name: str, was: str, now: str) -> str:
    if name.endswith("()"):
        return f"`{name.removesuffix('()')}` has other bases: `{was}` became `{now}`"
    return f"`{name}` was {'added' if not was else 'changed' if now else 'removed'}"


def _shadows(name: str, path: str, before: Mapping[str, Inventory], after: Mapping[str, Inventory]) -> bool:
    """Whether a new name takes the place of another: one of Python's own, or a fixture of a `conftest.py` above it."""
    folder = PurePosixPath(path).parent
    above = [
        stock
        for other, stock in before.items()
        if PurePosixPath(other).name == "conftest.py" and other != path and folder.is_relative_to(PurePosixPath(other).parent)
    ]
    fixture = "fixture" in after[path].support[name].partition("def ")[0]
    return hasattr(builtins, name) or (fixture and any(name in stock.support for stock in above))


def _affected(path: str, name: str, after: Mapping[str, Inventory], *, automatic: bool) -> tuple[str, ...]:
    """The tests that lean on something."""
    pure = PurePosixPath(path)
    shared = pure.name == "conftest.py"
    scope, _, simple = name.rpartition("::")
    tests = [
        f"{other}::{test.name}"
        for other, stock in after.items()
        if other == path or (shared and PurePosixPath(other).is_relative_to(pure.parent))
        for test in stock.tests.values()
        if test.name.startswith(f"{scope}::" if scope else "") and (automatic or simple.removesuffix("()") in _leans(test))
    ]
    return tuple(sorted(tests))


def _leans(test: Test) -> frozenset[str]:
    """All names that matter to a test: those in it, and the classes around it."""
    return test.uses | frozenset(test.name.split("::")[:-1])


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= LONGEST else f"{line[: LONGEST - 1]}…"
