"""Runs a project's tests with pytest, and believes only what swarm's own reporter tells over its own pipe."""

import secrets
import signal
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import resources

from sandboxes.command import Command, Ending, Ran
from sandboxes.sandbox import Sandbox
from swarm.evidence.report import Report, read_report
from swarm.evidence.results import TestRun

CRASHES = {
    128 + number for number in (signal.SIGSEGV, signal.SIGABRT, signal.SIGBUS, signal.SIGFPE, signal.SIGILL, signal.SIGTRAP)
}
"""Signals that a program brings upon itself; any other one comes from its surroundings."""
KILLED = 128 + signal.SIGKILL
"""What the end of a process looks like from inside a sandbox that outlives it, when memory ran out."""

# The folder that Python puts first on its path for a program on standard input is the tested tree: it goes before anything is
# imported, or a `json.py` there would be the reporter's.
BOOTSTRAP = """\
import sys
sys.path[:] = [folder for folder in sys.path if folder]
reporter = {{"__name__": "swarm_reporter"}}
exec(compile({source}, "<swarm's reporter>", "exec"), reporter)
sys.exit(reporter["run"]({nonce}, {tests}, {first}))
"""


@dataclass(frozen=True)
class PytestRunner:
    """Pytest, run by the project's own interpreter."""

    python: str
    """The interpreter's path inside the sandbox."""
    first: tuple[str, ...] = (".", "src")
    """Folders of the worktree whose files are imported before any installed ones."""
    name: str = "pytest"

    def run(self, sandbox: Sandbox, tests: Sequence[str] = (), *, timeout: float) -> TestRun:
        """Run these tests, or all of them, in this sandbox's worktree."""
        nonce = secrets.token_hex(16)
        ran = sandbox.run(self._command(nonce, tests, timeout))
        report = read_report(ran.report, nonce)
        why, infrastructure = _why_incomplete(ran, report)
        return TestRun(
            argv=(self.python, "-m", "pytest", *tests),
            collected=report.collected or (),
            results=report.results,
            complete=not why,
            why_incomplete=why,
            infrastructure=infrastructure,
            collection_errors=report.uncollected,
            exit_code=ran.exit_code,
            seconds=ran.seconds,
            output=(ran.stdout.text() + ran.stderr.text()).encode(),
        )

    def _command(self, nonce: str, tests: Sequence[str], timeout: float) -> Command:
        source = resources.files("swarm.evidence").joinpath("reporter.py").read_text(encoding="utf-8")
        program = BOOTSTRAP.format(
            source=ascii(source), nonce=ascii(nonce), tests=ascii(list(tests)), first=ascii(list(self.first))
        )
        # Without -B an edit within the same second and of the same size would be passed over for the last one's compiled file.
        return Command(argv=(self.python, "-B", "-"), stdin=program.encode("ascii"), timeout=timeout, report=True)


def _why_incomplete(ran: Ran, report: Report) -> tuple[str, bool]:
    """Why the run proves nothing, or nothing; and whether its surroundings are to blame."""
    if ran.exit_code == KILLED or (ran.ending is not Ending.EXITED and ran.exit_code not in CRASHES):
        return f"the run was {ran.ending.value} after {ran.seconds:.1f} s", True
    if not ran.report_complete:
        return "it reported more than swarm keeps", True
    return _why_unfinished(ran, report) or _why_contradictory(ran, report), False


def _why_unfinished(ran: Ran, report: Report) -> str:
    if ran.ending is not Ending.EXITED:
        return f"the interpreter crashed with exit code {ran.exit_code}"
    if report.damage:
        return f"its report is damaged: {report.damage}"
    if not report.started:
        return f"the reporter could not start: {_last_line(ran)}"
    if report.status is None:
        return f"it ended early, with exit code {ran.exit_code}"
    if report.collected is None:
        return f"it collected no tests: {_last_line(ran)}"
    return ""


def _why_contradictory(ran: Ran, report: Report) -> str:
    collected = report.collected or ()
    if missing := [test for test in collected if test not in report.results]:
        return f"{len(missing)} of {len(collected)} tests have no result, the first is {missing[0]}"
    if strange := report.results.keys() - set(collected):
        return f"it reported tests that were not collected, among them {min(strange)}"
    if ran.exit_code != report.status:
        return f"pytest ended with status {report.status}, but its process with {ran.exit_code}"
    if not collected:
        return "no test was collected"
    bad = bool(report.uncollected) or any(result.outcome.value in ("failed", "error") for result in report.results.values())
    if report.status != int(bad):
        return f"its status {report.status} does not fit its results"
    return ""


def _last_line(ran: Ran) -> str:
    lines = [line for line in ran.stderr.text().splitlines() or ran.stdout.text().splitlines() if line.strip()]
    return lines[-1].strip() if lines else f"exit code {ran.exit_code}"
