"""Runs any test tool that can write down what it did, and reads that after everything in the sandbox has ended.

To teach swarm another tool, write a `Dialect` in a file of its own: the command, and how its report is read. `cargo.py` and
`jest.py` are short examples; `swarm/evidence/detection.py` is where a project is recognised.
"""

import base64
import binascii
import secrets
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field, replace
from typing import Any, ClassVar, Protocol

from sandboxes.command import Ending, Ran
from sandboxes.sandbox import Sandbox
from swarm.evidence.results import Outcome, TestResult, TestRun
from swarm.evidence.runner import PLAIN, Manner
from swarm.evidence.runners.python import CRASHES, FIRST, KILLED, Program, beneath, command_of, last_line, typed
from swarm.evidence.runners.report import Damage, records_of
from swarm.values import Value

PLACE = "{report}"
"""What stands in a command for the file or folder of the report."""
NOT_STARTED = (126, 127)
"""The exit codes of shells for a command that cannot be started or is not there."""


class Told(Value, kw_only=True):
    """What a tool left behind when it ended."""

    status: int
    root: str = ""
    """Where the worktree was, inside."""
    files: Mapping[str, bytes] = field(default_factory=dict)
    """Its report: a file of the name `.`, or those in the report's folder."""
    output: bytes = b""
    """What it printed, if that is its report."""

    def relative(self, path: str) -> str:
        """A path as seen from the worktree."""
        path = path.removeprefix("file://")
        return path.removeprefix(f"{self.root}/") if self.root else path


class Reading(Value, kw_only=True):
    """What a report says."""

    results: tuple[TestResult, ...] = ()
    uncollected: Mapping[str, str] = field(default_factory=dict)
    """What could not be loaded or built, with the reason."""
    unfinished: tuple[str, ...] = ()
    """Tests that began and did not end."""
    trouble: str = ""
    """Why the report proves nothing, if it does not."""


class Dialect(Protocol):
    """How one test tool is called, and how its report is read."""

    @property
    def argv(self) -> tuple[str, ...]:
        """The command as the project has it, as a person would type it."""
        ...

    @property
    def catch(self) -> bool:
        """Whether what it prints is its report."""
        ...

    @property
    def coarse(self) -> bool:
        """Whether its exit code is all that is known."""
        ...

    def command(self, tests: Sequence[str]) -> tuple[str, ...]:
        """The command that runs these tests or all, with `{report}` in the place of the file or folder for the report.

        A tool that cannot choose so finely may run more.
        """
        ...

    def read(self, told: Told) -> Reading:
        """What its report says; a report that does not fit raises what reading it raises (ValueError, KeyError, TypeError)."""
        ...


class ForeignRunner(Value):
    """A test tool of any kind, run beneath a wrapper of swarm's own."""

    python: str
    """The interpreter that runs the wrapper; the path inside the sandbox."""
    dialect: Dialect
    environment: Mapping[str, str] = field(default_factory=dict)
    first: tuple[str, ...] = FIRST
    """Folders of the worktree whose files are imported before any installed ones, should the tool run Python."""
    folder: str = ""
    """The folder of the worktree in which it is run; empty: the worktree itself."""
    framework: ClassVar[str] = ""

    @property
    def name(self) -> str:
        """The project's test command."""
        return typed(self.environment, *self.dialect.argv, folder=self.folder)

    def run(
        self,
        sandbox: Sandbox,
        tests: Sequence[str] = (),
        *,
        timeout: float,
        silence: float | None = None,  # noqa: ARG002  # a compiler may be silent for long
        manner: Manner = PLAIN,
    ) -> TestRun:
        """Run these tests, or all of them, in this sandbox's worktree."""
        nonce = secrets.token_hex(16)
        argv = self.dialect.command([test.removeprefix(f"{self.folder}/") for test in tests] if self.folder else tests)
        program = Program(
            python=self.python,
            reporter="wrapper.py",
            told={"argv": argv, "catch": self.dialect.catch, "place": PLACE},
            tool=self.dialect.argv[0],
            argv=argv,
            environment=self.environment,
            first=self.first,
            manner=manner,
            folder=self.folder,
        )
        ran = sandbox.run(command_of(program, nonce, timeout, None))
        reading = _reading(ran, nonce, self.dialect)
        results = _told_apart(result for result in reading.results if not tests or _is_news(result, tests))
        why, infrastructure = _why_incomplete(ran, reading, results)
        return TestRun(
            argv=beneath(self.folder, self.dialect.argv),
            collected=(*results, *reading.unfinished),
            results=results,
            complete=not why,
            why_incomplete=why,
            infrastructure=infrastructure,
            collection_errors=reading.uncollected,
            coarse=self.dialect.coarse,
            exit_code=ran.exit_code,
            seconds=ran.seconds,
            output=(ran.stdout.text() + ran.stderr.text()).encode(),
        )


def files_of(tests: Sequence[str]) -> tuple[str, ...]:
    """The files that hold these tests."""
    return tuple(dict.fromkeys(test.partition("::")[0] for test in tests))


def _reading(ran: Ran, nonce: str, dialect: Dialect) -> Reading:
    """What came through the pipe, read in the tool's own dialect."""
    try:
        records = list(records_of(ran.report, nonce))
        kinds = [record["kind"] for record in records]
        if kinds[:1] != ["start"]:
            return Reading(trouble=f"the wrapper could not start: {last_line(ran)}")
        if absent := [record["text"] for record in records if record["kind"] == "absent"]:
            return Reading(trouble=f"the test command could not be started: {absent[0]}")
        if kinds[-1] != "end":
            return Reading(trouble=f"it ended early, with exit code {ran.exit_code}")
        if records[-1]["status"] != ran.exit_code:
            return Reading(trouble=f"it ended with status {records[-1]['status']}, but its wrapper with {ran.exit_code}")
        return dialect.read(_told(records))
    except (Damage, ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError) as error:
        return Reading(trouble=f"its report cannot be read: {error}")


def _told(records: Sequence[Mapping[str, Any]]) -> Told:
    files: dict[str, bytes] = {}
    for record in records:
        if record["kind"] == "file":
            if not record["whole"]:
                raise Damage(what="it is larger than swarm reads")
            files[str(record["name"])] = _decoded(record["content"])
    output = files.pop("output", b"")
    return Told(status=int(records[-1]["status"]), root=str(records[0]["root"]), files=files, output=output)


def _decoded(content: str) -> bytes:
    try:
        return base64.b64decode(content, validate=True)
    except binascii.Error as error:
        raise Damage(what="it was not written by the wrapper") from error


def _is_news(result: TestResult, tests: Sequence[str]) -> bool:
    """Whether a result belongs to a run of selected tests: those it was asked for, and what failed beside them."""
    return result.test in tests or result.outcome in (Outcome.FAILED, Outcome.ERROR)


def _told_apart(results: Iterable[TestResult]) -> dict[str, TestResult]:
    """The results by name; the second test of the same name is told apart by a number."""
    seen: Counter[str] = Counter()
    named: dict[str, TestResult] = {}
    for result in results:
        seen[result.test] += 1
        name = result.test if seen[result.test] == 1 else f"{result.test}#{seen[result.test]}"
        named[name] = replace(result, test=name)
    return named


def _why_incomplete(ran: Ran, reading: Reading, results: Mapping[str, TestResult]) -> tuple[str, bool]:
    """Why the run proves nothing, or nothing; and whether its surroundings are to blame."""
    if ran.exit_code == KILLED or (ran.ending is not Ending.EXITED and ran.exit_code not in CRASHES):
        return f"the run was {ran.ending.value} after {ran.seconds:.1f} s", True
    if not ran.report_complete:
        return "it reported more than swarm keeps", True
    if ran.exit_code in CRASHES:
        return f"it crashed with exit code {ran.exit_code}", False
    return reading.trouble or _why_contradictory(ran, reading, results), False


def _why_contradictory(ran: Ran, reading: Reading, results: Mapping[str, TestResult]) -> str:
    if reading.unfinished:
        return f"{len(reading.unfinished)} tests began and have no result, the first is {reading.unfinished[0]}"
    if not results:
        return f"no test was run: {last_line(ran)}"
    bad = bool(reading.uncollected) or any(one.outcome in (Outcome.FAILED, Outcome.ERROR) for one in results.values())
    if bool(ran.exit_code) != bad:
        return f"its exit code {ran.exit_code} does not fit its results"
    return ""
