"""Runs a script, or functions of a file, with no test runner at all: nothing there tells the code that it is being tested."""

import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from sandboxes.sandbox import Sandbox
from swarm.evidence.results import TestRun
from swarm.evidence.runner import PLAIN, Manner
from swarm.evidence.runners.python import FIRST, Program, report_of, seen_from

AGAIN = " again and again"
"""What stands behind the name of a function for what became of it when it was called many times more."""


@dataclass(frozen=True)
class PlainRunner:
    """Python itself: a script passes if it ends by itself and well, a function if it returns."""

    python: str
    """The interpreter's path inside the sandbox."""
    path: str
    """The file, relative to the worktree."""
    functions: tuple[str, ...] = ()
    """The functions that are called, each without arguments; none: the file itself is the script."""
    first: tuple[str, ...] = FIRST
    folder: str = ""
    """The folder of the worktree in which it is run; empty: the worktree itself."""
    framework: ClassVar[str] = ""

    @property
    def name(self) -> str:
        """The command that a person would type."""
        return shlex.join(("python", self.path))

    def run(
        self,
        sandbox: Sandbox,
        tests: Sequence[str] = (),
        *,
        timeout: float,
        silence: float | None = None,
        manner: Manner = PLAIN,
    ) -> TestRun:
        """Run the script, or these functions, or all."""
        functions = tuple(test.partition("::")[2] for test in tests) or self.functions
        program = Program(
            python=self.python,
            reporter="plain_reporter.py",
            told={"path": self.path, "functions": functions, "again": AGAIN},
            tool="python",
            argv=(self.python, seen_from(self.folder, self.path)),
            first=self.first,
            folder=self.folder,
            manner=manner,
        )
        return report_of(sandbox, program, timeout=timeout, silence=silence)
