"""Vitest, by the JSON that it writes in Jest's format."""

from collections.abc import Sequence
from dataclasses import field

from swarm.evidence.runners.foreign import Reading, Told, files_of
from swarm.evidence.runners.jest import read
from swarm.values import Value


class Vitest(Value):
    """Vitest. Tests are named by file and titles: `src/a.test.ts::prices > are whole`."""

    argv: tuple[str, ...] = ("npx", "--no-install", "vitest", "run")
    catch: bool = field(default=False, init=False)
    coarse: bool = field(default=False, init=False)

    def command(self, tests: Sequence[str]) -> tuple[str, ...]:
        """The command; it chooses by file."""
        return (*self.argv, "--reporter=json", "--outputFile={report}", "--coverage.enabled=false", *files_of(tests))

    def read(self, told: Told) -> Reading:
        """What it wrote."""
        return read(told)
