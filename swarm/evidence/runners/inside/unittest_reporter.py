"""Runs unittest inside the sandbox and tells, test by test, what happened.

Tests are named by file, class and method, as everywhere in swarm. The standard library of Python 3.8 is all that is used here.
"""

from __future__ import annotations

import os
import random
import sys
import time
import traceback
import unittest
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from types import ModuleType, TracebackType

    from swarm.evidence.runners.inside.channel import Channel
    from swarm.evidence.runners.inside.unittest_reach import Reaching

    Raised = tuple[type[BaseException], BaseException, TracebackType] | tuple[None, None, None]

UNITTEST = str(Path(unittest.__file__).parent)
FIXTURES = ("setUpClass", "setUpModule")


class Loader(unittest.TestLoader):
    """Loads tests and remembers the file in which each was found; a class may be found in several."""

    def __init__(self, files: Sequence[str]) -> None:
        """Look into these files only, or, if none is named, into all."""
        super().__init__()
        self._files = {str(Path(file).absolute()) for file in files}
        self.homes: dict[int, str] = {}

    def _match_path(self, path: str, full_path: str, pattern: str) -> bool:
        """Whether to look into a file: what the library offers for a selection of one's own."""
        inherited: bool = super()._match_path(path, full_path, pattern)  # the library's own hook for a choice
        return inherited and (not self._files or str(Path(full_path).absolute()) in self._files)

    def loadTestsFromModule(self, module: ModuleType, *args: Any, **options: Any) -> unittest.TestSuite:  # noqa: N802  # as the library
        """Load the tests of one module."""
        suite = super().loadTestsFromModule(module, *args, **options)
        for test in flat(suite):
            self.homes.setdefault(id(test), str(getattr(module, "__file__", None) or module.__name__))
        return suite


def flat(suite: unittest.TestSuite) -> Iterator[unittest.TestCase]:
    """The tests of a suite and of the suites in it, in the order of their run."""
    for test in suite:
        if isinstance(test, unittest.TestSuite):
            yield from flat(test)
        else:
            yield test


def keep_only(suite: unittest.TestSuite, wanted: set[int]) -> None:
    """Take all other tests out of a suite; the suites in it stay, since they may be of a kind of their own."""
    tests: list[Any] = suite._tests  # noqa: SLF001  # nothing else takes a test out
    tests[:] = [test for test in tests if isinstance(test, unittest.TestSuite) or id(test) in wanted]
    for test in suite:
        if isinstance(test, unittest.TestSuite):
            keep_only(test, wanted)


def named(tests: Sequence[unittest.TestCase], homes: Mapping[int, str], root: str) -> dict[int, str]:
    """A name for every test; the second one that would have the same is told apart by a number."""
    names: dict[int, str] = {}
    seen: dict[str, int] = {}
    for test in tests:
        kind, method = type(test), getattr(test, "_testMethodName", "")
        own = f"{kind.__module__}.{kind.__qualname__}.{method}"
        inner = f"{kind.__qualname__.replace('.', '::')}::{method}" if test.id() == own else test.id()
        home = homes.get(id(test)) or str(getattr(sys.modules.get(kind.__module__), "__file__", kind.__module__))
        name = f"{home[len(root) + 1 :] if home.startswith(root + os.sep) else home}::{inner}"
        seen[name] = seen.get(name, 0) + 1
        names[id(test)] = name if seen[name] == 1 else f"{name}#{seen[name]}"
    return names


def shuffle(suite: unittest.TestSuite, chance: random.Random) -> None:
    """Put what is in a suite, and in the suites in it, in another order; what belongs together stays together."""
    tests: list[Any] = suite._tests  # noqa: SLF001  # nothing else changes the order
    chance.shuffle(tests)
    for test in tests:
        if isinstance(test, unittest.TestSuite):
            shuffle(test, chance)


class Result(unittest.TestResult):
    """Tells what unittest tells it."""

    def __init__(
        self, channel: Channel, tests: Sequence[unittest.TestCase], names: Mapping[int, str], reaching: Reaching | None
    ) -> None:
        """Tell about these tests under these names; they are kept, so that no other object takes over their identity."""
        super().__init__()
        self._reaching = reaching
        self._channel, self._waiting, self._names = channel, {names[id(test)]: test for test in tests}, names
        self._open = ""
        self._answered = False
        self._since = 0.0
        self.bad = False

    def startTest(self, test: unittest.TestCase) -> None:  # noqa: N802  # as the library
        """A test begins; what was torn down after the last one is over."""
        super().startTest(test)
        self.close()
        self._begin(self._names[id(test)])
        if self._reaching is not None:
            self._reaching.began(self._names[id(test)])
        self._channel.clock.start()

    def stopTest(self, test: unittest.TestCase) -> None:  # noqa: N802  # as the library
        """A test is over, but its class and module may yet fail to be torn down."""
        self._channel.clock.stop()
        if self._reaching is not None:
            self._reaching.ended()
        super().stopTest(test)
        if not self._answered:
            self._tell("call", "failed", message="it ended without an outcome")

    def close(self) -> None:
        """Nothing more is to come about the last test."""
        if self._open:
            self._tell("teardown", "passed", seconds=round(time.perf_counter() - self._since, 6))
            self._open = ""

    def addSuccess(self, test: unittest.TestCase) -> None:  # noqa: ARG002, N802  # as the library
        """It passed."""
        self._tell("call", "passed")

    def addFailure(self, test: unittest.TestCase, err: Raised) -> None:  # noqa: N802  # as the library
        """An assertion failed."""
        self.addError(test, err)

    def addError(self, test: unittest.TestCase, err: Raised) -> None:  # noqa: N802  # as the library
        """Something was raised: by the test, before or after it, or by what a whole class or module needs."""
        if id(test) in self._names:
            self._tell("call" if in_test(err) else "setup", "failed", **self._facts(err))
            return
        for name in self._befallen(test.id()):
            self._begin(name)
            self._tell("setup", "failed", **self._facts(err))
        if not test.id().startswith(FIXTURES):
            self._tell("teardown", "failed", **self._facts(err))

    def addSkip(self, test: unittest.TestCase, reason: str) -> None:  # noqa: N802  # as the library
        """It was left out, or its whole class or module."""
        if id(getattr(test, "test_case", test)) in self._names:
            self._tell("call", "skipped", message=reason, text=reason)
            return
        for name in self._befallen(test.id()):
            self._begin(name)
            self._tell("setup", "skipped", message=reason, text=reason)

    def addExpectedFailure(self, test: unittest.TestCase, err: Raised) -> None:  # noqa: ARG002, N802  # as the library
        """It failed, as its author expects."""
        self._tell("call", "skipped", expected=True, **self._facts(err))

    def addUnexpectedSuccess(self, test: unittest.TestCase) -> None:  # noqa: ARG002, N802  # as the library
        """It passed against its author's expectation."""
        self._tell("call", "passed", expected=True)

    def addSubTest(self, test: unittest.TestCase, subtest: unittest.TestCase, err: Raised | None) -> None:  # noqa: ARG002, N802  # as the library
        """A part of a test is over; only its failure is news."""
        if err is not None:
            facts = self._facts(err)
            part = str(getattr(subtest, "_subDescription", str)())
            self._tell("call", "failed", **{**facts, "message": f"{facts['message']} {part}"})

    def _befallen(self, fixture: str) -> list[str]:
        """The tests that do not run because of `setUpClass (module.Class)` or `setUpModule (module)`."""
        what, _, where = fixture.rstrip(")").partition(" (")
        if what not in FIXTURES:
            return []
        self.close()
        kinds = {name: type(test) for name, test in self._waiting.items()}
        return [name for name, kind in kinds.items() if where in (kind.__module__, f"{kind.__module__}.{kind.__qualname__}")]

    def _begin(self, name: str) -> None:
        self.close()
        self._waiting.pop(name, None)
        self._open, self._answered, self._since = name, False, time.perf_counter()
        self._channel.tell("began", test=name)
        self._channel.tell("phase", test=name, when="setup", outcome="passed", seconds=0.0)

    def _tell(self, when: str, outcome: str, **facts: object) -> None:
        self._answered = True
        self.bad = self.bad or outcome == "failed"
        self._channel.tell("phase", **{"test": self._open, "when": when, "outcome": outcome, "seconds": 0.0, **facts})

    def _facts(self, err: Raised) -> dict[str, object]:
        error = err[1] or AssertionError("nothing was raised")
        text = "".join(traceback.format_exception(*err))
        return {**self._channel.raised(error), "text": self._channel.short(text)}


def in_test(err: Raised) -> bool:
    """Whether the test itself raised it, and not what prepares or clears away: unittest calls each from a function of its own."""
    frames = [frame.f_code for frame, _ in traceback.walk_tb(err[2])]
    callers = [code.co_name for code in frames if str(Path(code.co_filename).parent) == UNITTEST]
    return not {"_callSetUp", "_callTearDown", "_callCleanup", "doCleanups"}.intersection(callers)


def load(loader: Loader, starts: Sequence[str], pattern: str, top: str, names: Sequence[str]) -> unittest.TestSuite:
    """Everything there is to run: what these names mean, or what is found beneath these folders."""
    if names:
        return loader.loadTestsFromNames(names)
    suite = unittest.TestSuite()
    for start in starts:
        loader._top_level_dir = None  # type: ignore[attr-defined]  # noqa: SLF001  # before Python 3.13 the last folder's is kept
        suite.addTest(loader.discover(start, pattern, top or None))
    return suite


def dotted(path: str) -> str:
    """A file by the name of its module."""
    return path[: -len(".py")].replace("/", ".")


def where(module: str, starts: Sequence[str]) -> str:
    """The file that could not be imported under this name."""
    inner = module.replace(".", "/")
    places = [Path(start, inner + end) for start in (*starts, ".") for end in (".py", "/__init__.py")]
    return next((place.as_posix() for place in places if place.is_file()), module)


def tell_uncollected(channel: Channel, tests: Sequence[unittest.TestCase], starts: Sequence[str]) -> None:
    """Tell which files could not be imported."""
    for test in tests:
        module = str(getattr(test, "_testMethodName", ""))
        error = getattr(test, "_exception", None)
        text = "".join(traceback.format_exception_only(type(error), error)) if error is not None else ""
        place = os.path.join(channel.folder, where(module, starts))  # noqa: PTH118
        channel.tell("uncollected", where=place, text=channel.short(text))


def reaching_with(channel: Channel, programs: Sequence[str]) -> Reaching | None:
    """Whoever notes what tests reach, if that is asked."""
    namespace: dict[str, Any] = {"__name__": "reach"}
    for program in programs:
        exec(compile(program, "<swarm's reach>", "exec"), namespace)  # noqa: S102  # swarm's own, and no file of the tested tree
    return namespace["Reaching"](channel, namespace["Reach"](channel.root)) if programs else None


def run(
    channel: Channel,
    starts: Sequence[str],
    pattern: str,
    top: str,
    names: Sequence[str],
    tests: Sequence[str],
    reach: Sequence[str] = (),
) -> int:
    """Run these tests, or all, and tell how it went; answer 0 if nothing failed and everything could be loaded.

    `reach`: programs that tell more.
    """
    channel.tell("start", python=sys.version.split()[0])
    reaching = reaching_with(channel, reach)
    sys.argv = ["python -m unittest"]
    loader = Loader([] if names else [str(Path(channel.root, test.partition("::")[0])) for test in tests])
    suite = load(loader, starts, pattern, top, names)
    if names:
        suite.addTests(loader.loadTestsFromNames([dotted(channel.seen_from_here(path)) for path in channel.manner["also"]]))
    found = list(flat(suite))
    broken = [test for test in found if type(test).__name__ == "_FailedTest"]
    tell_uncollected(channel, broken, starts)
    whole = [test for test in found if type(test).__name__ != "_FailedTest"]
    known = named(whole, loader.homes, channel.root)
    left_out, asked = set(channel.manner["without"]), set(tests)
    names_of = {id(test): (known[id(test)], known[id(test)].partition("::")[0]) for test in whole}
    chosen = {one for one, named in names_of.items() if (not asked or asked.intersection(named)) and named[0] not in left_out}
    keep_only(suite, chosen)
    if channel.manner["shuffle"]:
        shuffle(suite, random.Random(channel.manner["shuffle"]))  # noqa: S311  # another order, not a secret
    wanted = list(flat(suite))
    channel.tell("collected", tests=[known[id(test)] for test in wanted])
    result = Result(channel, wanted, known, reaching)
    with reaching.session() if reaching is not None else nullcontext():
        result.startTestRun()
        suite.run(result)
        result.stopTestRun()
        result.close()
    status = int(result.bad or bool(broken))
    channel.tell_origins()
    channel.tell("end", status=status)
    return status
