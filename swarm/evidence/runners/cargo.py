"""Rust, by what Cargo and the test harness of the standard library print."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import field
from itertools import pairwise

from swarm.evidence.results import Outcome, TestResult
from swarm.evidence.runners.foreign import Reading, Told
from swarm.values import Value

TARGET = re.compile(
    r"^\s+(?:Running (?:unittests )?(?P<path>\S+) \(.*?(?P<crate>[^/\\]+?)(?:-[0-9a-f]{16})?\)|Doc-tests (?P<docs>\S+))$"
)
ANNOUNCED = re.compile(r"^running (\d+) tests?$")
RESULT = re.compile(
    r"^test (?P<name>.+?)(?P<how> - (?:should panic|compile|compile fail))? \.\.\. (?P<word>ok|FAILED|ignored)(?:, .*)?$"
)
LINE = re.compile(r" \(line \d+\)$")
TEXT = re.compile(r"^---- (?P<name>.+?) stdout ----$")
SUMMARY = re.compile(r"^test result: \w+\. (\d+) passed; (\d+) failed; (\d+) ignored;")
OUTCOMES = {"ok": Outcome.PASSED, "FAILED": Outcome.FAILED, "ignored": Outcome.SKIPPED}


class Cargo(Value):
    """`cargo test`. Tests are named by target and name: `src/lib.rs::tests::adds`, `tests/whole.rs::adds`."""

    options: tuple[str, ...] = ()
    catch: bool = field(default=True, init=False)
    coarse: bool = field(default=False, init=False)

    @property
    def argv(self) -> tuple[str, ...]:
        """The command as a person would type it."""
        return ("cargo", "test", *self.options)

    def command(self, tests: Sequence[str]) -> tuple[str, ...]:
        """The command; it chooses by a part of the name."""
        names = dict.fromkeys(test.partition("::")[2].partition("#")[0] for test in tests)
        return ("cargo", "test", "--no-fail-fast", "--color=never", *self.options, "--", "--color=never", *names)

    def read(self, told: Told) -> Reading:
        """The lines of every target; each says how many tests it will run, and how many passed."""
        lines = told.output.decode("utf-8", "replace").splitlines()
        parts = list(_parts(lines))
        results = [result for where, part in parts for result in _results(where, part)]
        failed = any(result.outcome is Outcome.FAILED for result in results)
        broken = told.status != 0 and not failed
        return Reading(
            results=tuple(results),
            uncollected={"Cargo.toml": "\n".join(line for line in lines if not line.startswith("test "))[-8_000:]}
            if broken
            else {},
            trouble=next((trouble for where, part in parts if (trouble := _trouble(where, part))), ""),
        )


def _parts(lines: Sequence[str]) -> Iterator[tuple[str, list[str]]]:
    """What each target printed; of two targets of the same path, the second is called by its crate."""
    where, part, seen = "", list[str](), set[str]()
    for line in lines:
        if target := TARGET.match(line):
            if where:
                yield where, part
            path = target["path"] or ""
            where = path if path not in seen else f"{target['crate']}:{path}"
            where, part = where or "docs", []
            seen.add(path)
        else:
            part.append(line)
    if where:
        yield where, part


def _results(where: str, lines: Sequence[str]) -> Iterator[TestResult]:
    texts = _texts(lines)
    for line in lines:
        if found := RESULT.match(line):
            name, outcome = found["name"], OUTCOMES[found["word"]]
            # A line number would give every documented example a new name when something is written above it.
            file, _, item = LINE.sub("", name).partition(" - ")
            test = f"{file}::{item}" if where == "docs" else f"{where}::{name}"
            text = texts.get(name, "")
            yield TestResult(test, outcome, message=_message(text), text=text[:8_000], error="panic" if text else "")


def _message(text: str) -> str:
    """What a panic says, in one line."""
    lines = [line.strip() for line in text.splitlines()]
    after = [later for line, later in pairwise(lines) if " panicked at " in line]
    return (after or lines or [""])[0][:500]


def _texts(lines: Sequence[str]) -> dict[str, str]:
    """What each failed test printed."""
    texts: dict[str, list[str]] = {}
    name = ""
    for line in lines:
        if found := TEXT.match(line):
            name = found["name"]
        elif line == "failures:":
            name = ""
        elif name:
            texts.setdefault(name, []).append(line)
    return {name: "\n".join(text).strip() for name, text in texts.items()}


def _trouble(where: str, lines: Sequence[str]) -> str:
    """Why the lines of a target prove nothing: the tested code prints into them, and may end its process."""
    announced = [int(found[1]) for line in lines if (found := ANNOUNCED.match(line))]
    words = [found["word"] for line in lines if (found := RESULT.match(line))]
    sums = [tuple(map(int, found.groups())) for line in lines if (found := SUMMARY.match(line))]
    if not announced and not sums:
        return ""  # a test target with a harness of its own
    counted = tuple(words.count(word) for word in ("ok", "FAILED", "ignored"))
    if sum(announced) != len(words) or sums != [counted]:
        return f"{where} announced {sum(announced)} tests, told of {len(words)}, and summed up {sums or 'nothing'}"
    return ""
