"""Runs one of swarm's own reporters in the project's interpreter, and believes only what it tells over its own pipe."""

import json
import posixpath
import secrets
import shlex
import signal
from collections.abc import Mapping, Sequence
from dataclasses import asdict, field
from pathlib import Path

from sandboxes.command import Command, Ending, Ran
from sandboxes.sandbox import Sandbox
from swarm.evidence.results import NOTHING_FOUND, Outcome, TestResult, TestRun
from swarm.evidence.runner import PLAIN, Manner
from swarm.evidence.runners.report import Report, read_report
from swarm.values import Value

CRASHES = {
    128 + number for number in (signal.SIGSEGV, signal.SIGABRT, signal.SIGBUS, signal.SIGFPE, signal.SIGILL, signal.SIGTRAP)
}
"""Signals that a program brings upon itself; any other one comes from its surroundings."""
KILLED = 128 + signal.SIGKILL
"""What the end of a process looks like from inside a sandbox that outlives it, when memory ran out."""

FIRST = (".", "src")
"""Where most projects have what they import."""

# The folder that Python puts first on its path for a program on standard input is the tested tree: it goes before anything is
# imported, or a `json.py` there would be the reporter's. In the end nothing is left in `__main__`, where anybody looks first.
BOOTSTRAP = """\
import sys
sys.path[:] = [folder for folder in sys.path if folder]
import json
def begin():
    def load(source, name):
        namespace = {{"__name__": name}}
        exec(compile(source, "<swarm's " + name + ">", "exec"), namespace)
        return namespace
    channel = load({channel}, "channel")["Channel"]({nonce})
    reporter = load({reporter}, "reporter")
    channel.arrange(*json.loads({arranged}))
    told = json.loads({told})
    for name in ("sys", "json", "begin"):
        del globals()[name]
    return lambda: reporter["run"](channel, **told)
sys.exit(begin()())
"""


class Program(Value, kw_only=True):
    """A reporter and what it is told."""

    python: str
    """The interpreter's path inside the sandbox."""
    reporter: str
    """Its file in `inside`."""
    told: Mapping[str, object]
    tool: str
    """How people call what it runs."""
    argv: Sequence[str]
    """The command that a person would type instead."""
    environment: Mapping[str, str] = field(default_factory=dict)
    first: tuple[str, ...] = FIRST
    manner: Manner = PLAIN
    folder: str = ""
    """Where in the worktree it runs; empty: the worktree itself."""


def inside(name: str) -> str:
    """The text of a program that runs inside the sandbox."""
    return Path(__file__).with_name("inside").joinpath(name).read_text(encoding="utf-8")


def report_of(sandbox: Sandbox, program: Program, *, timeout: float, silence: float | None) -> TestRun:
    """Run it to its end, and make of its report what can be believed."""
    nonce = secrets.token_hex(16)
    return told_by(program, sandbox.run(command_of(program, nonce, timeout, silence)), nonce, silence)


def told_by(program: Program, ran: Ran, nonce: str, silence: float | None) -> TestRun:
    """What can be believed of a reporter that has ended."""
    report = read_report(ran.report, nonce)
    hung = _hung(ran, report, silence)
    why, infrastructure = _why_incomplete(ran, report, program.tool)
    return TestRun(
        argv=beneath(program.folder, program.argv),
        collected=report.collected or (),
        results={**report.results, **{result.test: result for result in hung}},
        complete=not why,
        why_incomplete=f"{hung[0].test} hangs" if hung else why,
        infrastructure=infrastructure and not hung,
        timed_out=ran.ending is Ending.TIMED_OUT,
        collection_errors=report.uncollected,
        hung=hung[0].test if hung else "",
        unfinished=report.unfinished,
        longest_silence=report.longest_silence,
        origins=report.origins,
        reached=report.reached,
        exit_code=ran.exit_code,
        seconds=ran.seconds,
        output=(ran.stdout.text() + ran.stderr.text()).encode(),
    )


def command_of(program: Program, nonce: str, timeout: float, silence: float | None) -> Command:
    """The command that runs a reporter in a sandbox."""
    text = BOOTSTRAP.format(
        channel=ascii(inside("channel.py")),
        reporter=ascii(inside(program.reporter)),
        nonce=ascii(nonce),
        arranged=ascii(json.dumps(arranged(program))),
        told=ascii(json.dumps(program.told)),
    )
    return Command(
        # Without -B an edit within the same second and of the same size would be passed over for the last one's compiled file.
        argv=(program.python, "-B", "-"),
        stdin=text.encode("ascii"),
        environment=hashing(program),
        timeout=timeout,
        idle_timeout=silence,
        report=True,
    )


def arranged(program: Program) -> list[object]:
    """What the reporter's channel is arranged with."""
    return [program.first, asdict(program.manner), dict(program.environment), program.folder]


def hashing(program: Program) -> dict[str, str]:
    """What an interpreter has to know before it starts; everything else comes later, or it could hide the reporter's modules."""
    if program.manner.hash_seed is not None:
        return {"PYTHONHASHSEED": str(program.manner.hash_seed)}
    return {name: value for name, value in program.environment.items() if name == "PYTHONHASHSEED"}


def _hung(ran: Ran, report: Report, silence: float | None) -> tuple[TestResult, ...]:
    """The test that was running when patience ended, if it had been given enough time for a single test."""
    waited = ran.seconds - report.times[-1] if report.times else 0.0
    if ran.ending is not Ending.TIMED_OUT or not report.unfinished or silence is None or waited < silence:
        return ()
    message = f"it hangs: no sign of life for {waited:.0f} s"
    return (TestResult(report.unfinished, Outcome.FAILED, message=message, seconds=waited),)


def _why_incomplete(ran: Ran, report: Report, tool: str) -> tuple[str, bool]:
    """Why the run proves nothing, or nothing; and whether its surroundings are to blame."""
    if ran.exit_code == KILLED or (ran.ending is not Ending.EXITED and ran.exit_code not in CRASHES):
        return f"the run was {ran.ending.value} after {ran.seconds:.1f} s", True
    if not ran.report_complete:
        return "it reported more than swarm keeps", True
    return _why_unfinished(ran, report) or _why_contradictory(ran, report, tool), False


def _why_unfinished(ran: Ran, report: Report) -> str:
    if ran.ending is not Ending.EXITED:
        return f"the interpreter crashed with exit code {ran.exit_code}"
    if report.damage:
        return f"its report is damaged: {report.damage}"
    if not report.started:
        return f"the reporter could not start: {last_line(ran)}"
    if report.status is None:
        return f"it ended early, with exit code {ran.exit_code}"
    if report.collected is None:
        return f"it collected no tests: {last_line(ran)}"
    return ""


def _why_contradictory(ran: Ran, report: Report, tool: str) -> str:
    collected = report.collected or ()
    if missing := [test for test in collected if test not in report.results]:
        return f"{len(missing)} of {len(collected)} tests have no result, the first is {missing[0]}"
    if strange := report.results.keys() - set(collected):
        return f"it reported tests that were not collected, among them {min(strange)}"
    if ran.exit_code != report.status:
        return f"{tool} ended with status {report.status}, but its process with {ran.exit_code}"
    if not collected:
        return f"{NOTHING_FOUND}{_why_uncollected(report)}"
    bad = bool(report.uncollected) or any(result.outcome.value in ("failed", "error") for result in report.results.values())
    if report.status != int(bad):
        return f"its status {report.status} does not fit its results"
    return ""


def _why_uncollected(report: Report) -> str:
    """Which file cannot be loaded, and what Python says of it; empty: there is none."""
    for path, text in report.uncollected.items():
        lines = [line.strip() for line in text.splitlines() if line.strip()]
        said = [line.removeprefix("E ").strip() for line in lines if line.startswith("E ")] or lines
        more = f" (and {len(report.uncollected) - 1} more files)" if len(report.uncollected) > 1 else ""
        return f". {path} cannot be loaded: {said[-1] if said else 'nobody says why'}{more}"
    return ""


def last_line(ran: Ran) -> str:
    """The last thing that it said, for people who wonder why it did not work."""
    lines = [line for line in ran.stderr.text().splitlines() or ran.stdout.text().splitlines() if line.strip()]
    return lines[-1].strip() if lines else f"exit code {ran.exit_code}"


def typed(environment: Mapping[str, str], *words: str, folder: str = "") -> str:
    """A command as a person would type it at the top of the repository."""
    command = " ".join([*(f"{name}={shlex.quote(value)}" for name, value in environment.items()), shlex.join(words)])
    return f"cd {shlex.quote(folder)} && {command}" if folder else command


def beneath(folder: str, words: Sequence[str]) -> tuple[str, ...]:
    """The words of a command as a person would type it at the top of the repository."""
    return ("cd", folder, "&&", *words) if folder else tuple(words)


def seen_from(folder: str, test: str) -> str:
    """A test of the worktree as a tool calls it that is run in a folder of it."""
    path, colons, inner = test.partition("::")
    return f"{posixpath.relpath(path, folder)}{colons}{inner}" if folder else test
