"""Node's own test runner, told what to report by a reporter of swarm's."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import field
from typing import Any
from urllib.parse import quote

from swarm.evidence.results import Outcome, TestResult
from swarm.evidence.runners.foreign import Reading, Told, files_of
from swarm.evidence.runners.python import inside
from swarm.values import Value

CONSEQUENCE = "subtestsFailed"
"""A failure that only says that there are failures inside."""


class Node(Value):
    """`node --test`, with Node 20 or newer. Tests are named by file and titles: `test/a.test.js::prices > are whole`."""

    options: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()
    catch: bool = field(default=False, init=False)
    coarse: bool = field(default=False, init=False)

    @property
    def argv(self) -> tuple[str, ...]:
        """The command as a person would type it."""
        return ("node", "--test", *self.options, *self.paths)

    def command(self, tests: Sequence[str]) -> tuple[str, ...]:
        """The command; it chooses by file."""
        reporter = f"data:text/javascript,{quote(inside('node_reporter.mjs'))}"
        reporting = ("--test-reporter", reporter, "--test-reporter-destination", "{report}")
        return ("node", "--test", *reporting, *self.options, *(files_of(tests) or self.paths))

    def read(self, told: Told) -> Reading:
        """The events, in their order."""
        if "." not in told.files:
            return Reading(trouble="it wrote no report")
        events = [json.loads(line) for line in told.files["."].splitlines()]
        uncollected, results = {}, []
        for path, event in _ended(events):
            file = told.relative(str(event.get("file") or ""))
            if path == [str(event.get("file"))] or told.relative(path[0]) == file:
                if event["type"] == "test:fail":
                    uncollected[file] = _said(events, event)
                else:
                    results.append(TestResult(file, Outcome.PASSED, seconds=float(event.get("ms") or 0) / 1000))
            else:
                results.append(_result(f"{file}::{' > '.join(path)}", event))
        return Reading(results=tuple(results), uncollected=uncollected)


def _ended(events: Sequence[dict[str, Any]]) -> Iterator[tuple[list[str], dict[str, Any]]]:
    """Every test that ended, with the titles around it; groups of tests are none, unless they fail by themselves."""
    around: dict[str, list[str]] = {}
    for event in events:
        path = around.setdefault(str(event.get("file")), [])
        if event["type"] == "test:start":
            path[int(event["nesting"]) :] = [str(event["name"])]
        elif event["type"] in ("test:pass", "test:fail"):
            path[int(event["nesting"]) :] = [str(event["name"])]
            if event.get("kind") != "suite" or event.get("failure") not in (None, CONSEQUENCE):
                yield list(path), event


def _result(test: str, event: dict[str, Any]) -> TestResult:
    return TestResult(
        test,
        _outcome(event),
        message=str(event.get("message") or "").strip().partition("\n")[0][:500],
        text=str(event.get("stack") or event.get("message") or ""),
        seconds=float(event.get("ms") or 0) / 1000,
        error=str(event.get("error") or ""),
    )


def _outcome(event: dict[str, Any]) -> Outcome:
    failed = event["type"] == "test:fail"
    if event.get("skip") not in (None, False):
        return Outcome.SKIPPED
    if event.get("todo") not in (None, False):
        return Outcome.XFAILED if failed else Outcome.XPASSED
    return Outcome.FAILED if failed else Outcome.PASSED


def _said(events: Sequence[dict[str, Any]], event: dict[str, Any]) -> str:
    """Why a file could not be run: what it printed."""
    said = "".join(
        str(one.get("said")) for one in events if one["type"] == "test:stderr" and one.get("file") == event.get("file")
    )
    return (said or str(event.get("message")))[:8_000]
