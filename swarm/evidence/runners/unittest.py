"""Runs a project's tests with unittest."""

from collections.abc import Mapping, Sequence
from dataclasses import field
from typing import ClassVar

from sandboxes.sandbox import Sandbox
from swarm.evidence.results import TestRun
from swarm.evidence.runner import PLAIN, Manner
from swarm.evidence.runners.python import FIRST, Program, inside, report_of, seen_from, typed
from swarm.values import Value

REACH = ("reach.py", "unittest_reach.py")


class UnittestRunner(Value):
    """Unittest, run by the project's own interpreter. Tests are named `tests/test_shop.py::TestPrices::test_discount`."""

    python: str
    """The interpreter's path inside the sandbox."""
    starts: tuple[str, ...] = (".",)
    """The folders beneath which tests are looked for."""
    pattern: str = "test*.py"
    top: str = ""
    """The folder from which modules are named; empty: each start itself."""
    names: tuple[str, ...] = ()
    """Modules, classes or tests by their dotted names, in the place of a search."""
    environment: Mapping[str, str] = field(default_factory=dict)
    first: tuple[str, ...] = FIRST
    """Folders of the worktree whose files are imported before any installed ones."""
    folder: str = ""
    """The folder of the worktree in which it is run; empty: the worktree itself. Tests are named as seen from the worktree."""
    framework: ClassVar[str] = "unittest"

    @property
    def name(self) -> str:
        """Unittest, and where the project has its tests."""
        return typed(self.environment, "unittest", *self._words(), folder=self.folder)

    def typed(self, tests: Sequence[str], environment: Mapping[str, str]) -> str:
        """What a person types to see these tests, or all, with these variables beside the project's own."""
        words = ("python", "-m", "unittest", *self._words(tests))
        return typed({**environment, **self.environment}, *words, folder=self.folder)

    def run(
        self,
        sandbox: Sandbox,
        tests: Sequence[str] = (),
        *,
        timeout: float,
        silence: float | None = None,
        manner: Manner = PLAIN,
    ) -> TestRun:
        """Run these tests, or all of them, in this sandbox's worktree."""
        told = {
            "starts": self.starts,
            "pattern": self.pattern,
            "top": self.top,
            "names": self.names,
            "tests": list(tests),
            "reach": [inside(name) for name in REACH] if manner.reach else [],
        }
        program = Program(
            python=self.python,
            reporter="unittest_reporter.py",
            told=told,
            first=self.first,
            manner=manner,
            tool="unittest",
            argv=(self.python, "-m", "unittest", *self._words(tests)),
            environment=self.environment,
            folder=self.folder,
        )
        return report_of(sandbox, program, timeout=timeout, silence=silence)

    def _words(self, tests: Sequence[str] = ()) -> tuple[str, ...]:
        """What a person would type."""
        if tests:
            return tuple(_dotted(seen_from(self.folder, test)) for test in tests)
        if self.names:
            return self.names
        top = ("-t", self.top) if self.top else ()
        return (
            "discover",
            *(word for start in self.starts for word in ("-s", start)),
            *(() if self.pattern == "test*.py" else ("-p", self.pattern)),
            *top,
        )


def _dotted(test: str) -> str:
    path, _, inner = test.partition("::")
    return ".".join([path.removesuffix(".py").replace("/", "."), *inner.partition("#")[0].split("::")])
