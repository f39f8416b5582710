"""Executed findings: swarm runs the command that a finding names, in a clean sandbox, and writes down what it showed."""

import base64
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import TypeVar

from sandboxes.command import Command, Ending, Ran
from swarm.blackboard.findings import Evidence
from swarm.evidence.ground import Ground
from swarm.evidence.results import Outcome, TestRun
from swarm.evidence.runner import Manner

T = TypeVar("T")

TIMEOUT = 120.0
"""Seconds that a claimed command may take."""
TRIES = 3
SHOWN = 300
"""Characters of what was printed that a refused author is shown."""


@dataclass(frozen=True, kw_only=True)
class Claim:
    """What an agent says that a run shows: a command with its exit code and words, or tests with their outcomes."""

    argv: tuple[str, ...] = ()
    exit_code: int | None = None
    """What the command ends with; None: it does not matter."""
    says: str = ""
    """Words that the command prints."""
    tests: Mapping[str, Outcome] = field(default_factory=dict)
    """What becomes of which test, in the place of a command."""
    files: Mapping[str, bytes] = field(default_factory=dict)
    """Files that the command needs and the tree does not have."""

    @classmethod
    def of(cls, command: str, *, exit_code: int | None = None, says: str = "") -> "Claim":
        """A claim about a command as one types it into a shell; if nothing is said of how it ends, it must end well."""
        ends = 0 if exit_code is None and not says else exit_code
        return cls(argv=("sh", "-c", command) if command.strip() else (), exit_code=ends, says=says)

    def written(self) -> str:
        """The claim as it is kept, so that it can be heard again."""
        tests = {test: outcome.value for test, outcome in self.tests.items()}
        files = {path: base64.b64encode(content).decode() for path, content in self.files.items()}
        return json.dumps({"argv": self.argv, "exit_code": self.exit_code, "says": self.says, "tests": tests, "files": files})

    @classmethod
    def read(cls, text: str) -> "Claim":
        """A claim that was kept."""
        kept = json.loads(text)
        tests = {test: Outcome(value) for test, value in kept["tests"].items()}
        files = {path: base64.b64decode(content) for path, content in kept["files"].items()}
        return cls(argv=tuple(kept["argv"]), exit_code=kept["exit_code"], says=kept["says"], tests=tests, files=files)


@dataclass(frozen=True, kw_only=True)
class Heard:
    """What became of a claim: the evidence that swarm wrote, and whether the claim is borne out by it."""

    accepted: bool
    reason: str
    """For the author: what was shown, or why that is not what was claimed."""
    evidence: Evidence
    undecided: bool = False
    """The surroundings ended every run, so nothing was shown at all."""
    ended: bool = True
    """Whether the run came to an end of its own; one that did not speaks neither for the claim nor against it."""


def hear(claim: Claim, ground: Ground, tree: str, *, keep: Callable[[bytes], str]) -> Heard:
    """Run what a claim names on this tree, in a fresh sandbox, and compare. `keep` stores raw output and gives its digest."""
    if claim.tests:
        return _hear_tests(claim, ground, _with_files(claim, ground, tree), keep)
    if not claim.argv or (claim.exit_code is None and not claim.says):
        what = "it names no command" if not claim.argv else "it names neither an exit code nor words that the command prints"
        return Heard(
            accepted=False, reason=f"The claim cannot be refuted: {what}.", evidence=Evidence(argv=claim.argv, exit_code=0)
        )
    ran = run_on(claim.argv, ground, _with_files(claim, ground, tree))
    output = (ran.stdout.text() + ran.stderr.text()).encode()
    evidence = Evidence(
        argv=claim.argv, exit_code=ran.exit_code, tree=tree, environment=_surroundings(ground), output=keep(output)
    )
    if ran.ending is not Ending.EXITED:
        reason = f"The command was {ran.ending.value} after {ran.seconds:.1f} s, so it shows nothing."
        undecided = ran.ending is not Ending.TIMED_OUT
        return Heard(accepted=False, reason=reason, evidence=evidence, undecided=undecided, ended=False)
    return _compared(claim, ran, output.decode("utf-8", "replace"), evidence)


def _compared(claim: Claim, ran: Ran, said: str, evidence: Evidence) -> Heard:
    command = " ".join(claim.argv)[:SHOWN]
    if claim.exit_code is not None and ran.exit_code != claim.exit_code:
        reason = f"`{command}` ended with code {ran.exit_code}, not {claim.exit_code}. It said: {_end(said)}"
        return Heard(accepted=False, reason=reason, evidence=evidence)
    if claim.says and claim.says not in said:
        reason = f"`{command}` did not print {claim.says[:SHOWN]!r}. It said: {_end(said)}"
        return Heard(accepted=False, reason=reason, evidence=evidence)
    shown = f" and printed {claim.says[:SHOWN]!r}" if claim.says else ""
    return Heard(accepted=True, reason=f"`{command}` ended with code {ran.exit_code}{shown}.", evidence=evidence)


def _hear_tests(claim: Claim, ground: Ground, tree: str, keep: Callable[[bytes], str]) -> Heard:
    run = _tested(claim, ground, tree)
    evidence = Evidence(
        argv=run.argv,
        exit_code=run.exit_code,
        passed=len(run.passed),
        failed=len(run.failed),
        tree=tree,
        environment=_surroundings(ground),
        output=keep(run.output),
    )
    for test, outcome in claim.tests.items():
        result = run.results.get(test)
        if result is None:
            reason = f"{test} was not run: {run.why_incomplete or 'there is no such test'}."
            return Heard(accepted=False, reason=reason, evidence=evidence, undecided=run.infrastructure, ended=run.complete)
        if result.outcome is not outcome:
            reason = (
                f"{test} was expected to be {outcome.value}, but it is {result.outcome.value}: {result.message or 'it passed'}"
            )
            return Heard(accepted=False, reason=reason, evidence=evidence, ended=run.complete)
    if not run.complete:
        reason = f"The run proves nothing: {run.why_incomplete}."
        return Heard(accepted=False, reason=reason, evidence=evidence, undecided=run.infrastructure, ended=False)
    outcomes = ", ".join(f"{test} {outcome.value}" for test, outcome in claim.tests.items())
    return Heard(accepted=True, reason=outcomes[:SHOWN], evidence=evidence)


def _with_files(claim: Claim, ground: Ground, tree: str) -> str:
    return ground.rooms.mirror.put(tree, claim.files) if claim.files else tree


def run_on(argv: Sequence[str], ground: Ground, tree: str) -> Ran:
    """Run a command on a tree, in a fresh sandbox; again if a signal ended it that was not its own doing."""
    environment = ground.rooms.environment
    search = f"{PurePosixPath(environment.python).parent}:/usr/local/bin:/usr/bin:/bin"

    def run() -> Ran:
        with ground.rooms.open(tree) as room:
            folders = ":".join(str(PurePosixPath(room.inside, folder)) for folder in environment.first)
            variables = {"PATH": search, "PYTHONPATH": folders}
            return room.sandbox.run(Command(argv=tuple(argv), timeout=TIMEOUT, environment=variables))

    return _settled(run, lambda ran: ran.ending in (Ending.KILLED, Ending.STOPPED))


def _tested(claim: Claim, ground: Ground, tree: str) -> TestRun:
    baseline = ground.baseline
    also = tuple(path for path in claim.files if any(test.startswith(f"{path}::") for test in claim.tests))
    manner = Manner(also=also, without=tuple(set(baseline.hanging) - claim.tests.keys()))

    def run() -> TestRun:
        with ground.rooms.open(tree) as room:
            patience, silence = baseline.patience, baseline.silence
            return ground.runner.run(room.sandbox, tuple(claim.tests), timeout=patience, silence=silence, manner=manner)

    return _settled(run, lambda run: run.infrastructure)


def _settled(run: Callable[[], T], is_unsettled: Callable[[T], bool]) -> T:
    """The result of a run that its surroundings did not end, or of the last of a few."""
    result = run()
    for _ in range(TRIES - 1):
        if not is_unsettled(result):
            break
        result = run()
    return result


def _surroundings(ground: Ground) -> str:
    return f"{ground.rooms.environment.identity} in {ground.rooms.backend.name}"


def _end(said: str) -> str:
    return " ".join(said.split())[-SHOWN:] or "nothing"
