"""Jest, by the JSON that it writes."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import field
from typing import Any

from swarm.evidence.results import Outcome, TestResult
from swarm.evidence.runners.foreign import Reading, Told, files_of
from swarm.values import Value

OUTCOMES = {
    "passed": Outcome.PASSED,
    "failed": Outcome.FAILED,
    "pending": Outcome.SKIPPED,
    "skipped": Outcome.SKIPPED,
    "todo": Outcome.SKIPPED,
    "disabled": Outcome.SKIPPED,
}


class Jest(Value):
    """Jest. Tests are named by file and titles: `src/a.test.js::prices > are whole`."""

    argv: tuple[str, ...] = ("npx", "--no-install", "jest")
    catch: bool = field(default=False, init=False)
    coarse: bool = field(default=False, init=False)

    def command(self, tests: Sequence[str]) -> tuple[str, ...]:
        """The command; it chooses by file."""
        report = ("--ci", "--json", "--outputFile={report}", "--coverage=false")
        return (*self.argv, *report, *(("--runTestsByPath", *files_of(tests)) if tests else ()))

    def read(self, told: Told) -> Reading:
        """What it wrote."""
        return read(told)


def read(told: Told) -> Reading:
    """A report in the format that Jest made and Vitest writes as well."""
    if "." not in told.files:
        return Reading(trouble="it wrote no report")
    files = json.loads(told.files["."])["testResults"]
    broken = [file for file in files if file["status"] == "failed" and not _has_failed(file)]
    return Reading(
        results=tuple(result for file in files for result in _results(told.relative(file["name"]), file)),
        uncollected={told.relative(file["name"]): str(file["message"]) for file in broken},
    )


def _has_failed(file: dict[str, Any]) -> bool:
    """Whether the failure of a file is that of a test in it; otherwise the file itself could not be run."""
    return any(test["status"] == "failed" for test in file["assertionResults"])


def _results(path: str, file: dict[str, Any]) -> Iterator[TestResult]:
    for test in file["assertionResults"]:
        text = "\n".join(map(str, test.get("failureMessages") or ()))
        first = text.partition("\n")[0]
        yield TestResult(
            f"{path}::{' > '.join([*map(str, test['ancestorTitles']), str(test['title'])])}",
            OUTCOMES[test["status"]],
            message=first[:500],
            text=text[:8_000],
            seconds=float(test.get("duration") or 0) / 1000,
            error=first.partition(":")[0] if first.partition(":")[0].isidentifier() else "",
        )
