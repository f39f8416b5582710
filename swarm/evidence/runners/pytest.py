"""Runs a project's tests with pytest."""

from collections.abc import Mapping, Sequence
from dataclasses import field
from typing import ClassVar

from sandboxes.sandbox import Sandbox
from swarm.evidence.results import TestRun
from swarm.evidence.runner import PLAIN, Manner
from swarm.evidence.runners.python import FIRST, Program, inside, report_of, seen_from, typed
from swarm.values import Value

REACH = ("reach.py", "pytest_reach.py")


class PytestRunner(Value):
    """Pytest, run by the project's own interpreter."""

    python: str
    """The interpreter's path inside the sandbox."""
    options: tuple[str, ...] = ()
    """What the project's own test command tells pytest, beside where to look."""
    paths: tuple[str, ...] = ()
    """Where to look for tests, when all of them are run; empty: as the project's settings say."""
    environment: Mapping[str, str] = field(default_factory=dict)
    first: tuple[str, ...] = FIRST
    """Folders of the worktree whose files are imported before any installed ones."""
    folder: str = ""
    """The folder of the worktree in which it is run; empty: the worktree itself. Tests are named as seen from the worktree."""
    framework: ClassVar[str] = "pytest"

    @property
    def name(self) -> str:
        """Pytest, and what the project tells it."""
        return typed(self.environment, "pytest", *self.options, *self.paths, folder=self.folder)

    def typed(self, tests: Sequence[str], environment: Mapping[str, str]) -> str:
        """What a person types to see these tests, or all, with these variables beside the project's own."""
        words = ("python", "-m", "pytest", *self.options, *self._where(tests))
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
        return report_of(sandbox, self.program(tests, manner), timeout=timeout, silence=silence)

    def program(self, tests: Sequence[str], manner: Manner) -> Program:
        """The reporter that runs these tests, or all."""
        return Program(
            python=self.python,
            reporter="pytest_reporter.py",
            told={
                "options": self.options,
                "tests": list(tests),
                "paths": () if tests else self.paths,
                "reach": [inside(name) for name in REACH] if manner.reach else [],
            },
            first=self.first,
            manner=manner,
            tool="pytest",
            argv=(self.python, "-m", "pytest", *self.options, *self._where(tests)),
            environment=self.environment,
            folder=self.folder,
        )

    def _where(self, tests: Sequence[str]) -> Sequence[str]:
        return [seen_from(self.folder, test) for test in tests] or self.paths
