"""Go, by the stream of events that `go test -json` prints."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import field
from typing import Any

from swarm.evidence.results import Outcome, TestResult
from swarm.evidence.runners.foreign import Reading, Told
from swarm.values import Value

OUTCOMES = {"pass": Outcome.PASSED, "fail": Outcome.FAILED, "skip": Outcome.SKIPPED}


class Go(Value):
    """`go test`. Tests are named by package and name: `example.com/shop/cart::TestTotal/empty`."""

    options: tuple[str, ...] = ()
    packages: tuple[str, ...] = ("./...",)
    catch: bool = field(default=True, init=False)
    coarse: bool = field(default=False, init=False)

    @property
    def argv(self) -> tuple[str, ...]:
        """The command as a person would type it."""
        return ("go", "test", *self.options, *self.packages)

    def command(self, tests: Sequence[str]) -> tuple[str, ...]:
        """The command; it chooses whole tests, with all that are inside them. Without `-count` Go shows old results again."""
        start = ("go", "test", "-json", "-count=1", *self.options)
        if not tests:
            return (*start, *self.packages)
        parts = [test.partition("::") for test in tests]
        names = dict.fromkeys(name.partition("/")[0] for _, _, name in parts)
        return (*start, "-run", f"^({'|'.join(names)})$", *dict.fromkeys(package for package, _, _ in parts))

    def read(self, told: Told) -> Reading:
        """The events; what is printed between them comes from the compiler."""
        events, compiler = _events(told.output)
        said: dict[str, str] = {}
        began: dict[str, None] = {}
        results: list[TestResult] = []
        for event in events:
            test = f"{event['Package']}::{event.get('Test', '')}" if "Package" in event else ""
            match event["Action"]:
                case "output":
                    said[test] = (said.get(test, "") + str(event["Output"]))[-8_000:]
                case "run":
                    began[test] = None
                case "pass" | "fail" | "skip" as action if event.get("Test"):
                    results.append(_result(test, action, said.get(test, ""), float(event.get("Elapsed") or 0)))
        ended = {result.test for result in results}
        return Reading(
            results=tuple(results),
            uncollected=dict(_broken(events, results, said, compiler)),
            unfinished=tuple(test for test in began if test not in ended),
        )


def _events(output: bytes) -> tuple[list[dict[str, Any]], str]:
    lines = output.decode("utf-8", "replace").splitlines()
    events = [json.loads(line) for line in lines if line.startswith("{")]
    return events, "\n".join(line for line in lines if not line.startswith("{"))


def _result(test: str, action: str, said: str, seconds: float) -> TestResult:
    outcome = OUTCOMES[action]
    lines = [line.strip() for line in said.splitlines() if line.strip() and not line.lstrip().startswith(("===", "---"))]
    if outcome is Outcome.PASSED:
        return TestResult(test, outcome, seconds=seconds)
    return TestResult(test, outcome, message=lines[0][:500] if lines else "", text=said, seconds=seconds)


def _broken(
    events: Sequence[dict[str, Any]], results: Sequence[TestResult], said: dict[str, str], compiler: str
) -> Iterator[tuple[str, str]]:
    """The packages that failed without a test of theirs: they could not be built, or their main function failed."""
    guilty = {result.test.partition("::")[0] for result in results if result.outcome is Outcome.FAILED}
    for event in events:
        if event["Action"] == "fail" and not event.get("Test") and "Package" in event and event["Package"] not in guilty:
            yield event["Package"], (said.get(f"{event['Package']}::", "") + compiler)[:8_000]
    for line in compiler.splitlines():  # before Go 1.24 a package that cannot be built has no event
        words = line.split()
        if words[:1] == ["FAIL"] and words[-1] == "failed]":
            yield words[1], compiler[:8_000]
