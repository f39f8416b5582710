"""Tools that run things in the agent's own sandbox."""

from sandboxes.command import Ending
from swarm.agents.bench import Unusable
from swarm.agents.texts import clipped, harmless
from swarm.agents.tools.tool import Outcome, Shift, Tool

SHORTEST, LONGEST = 1, 600
"""Seconds that a command may ask for."""
FAILURES = 10
TEXT = 1500
"""Characters of what a failing test said."""


def run(shift: Shift, command: str, seconds: int = 60) -> Outcome:
    """Run a script."""
    ran = shift.bench.run(command, min(max(seconds, SHORTEST), LONGEST))
    shift.desk.ran(ran)
    said = ran.stdout.text() + ran.stderr.text()
    end = f"exit code {ran.exit_code}" if ran.ending is Ending.EXITED else f"it was {ran.ending.value}"
    return Outcome(f"[{end}]\n{clipped(harmless(said))}".rstrip(), changes=True)


def run_tests(shift: Shift, tests: list[str] | None = None) -> Outcome:
    """Run tests as the judge runs them, and tell a result for each."""
    ground = shift.desk.ground
    names = tuple(tests or ground.red)
    baseline = ground.baseline
    done = ground.runner.run(shift.bench.sandbox, names, timeout=baseline.patience, silence=baseline.silence)
    if not done.results:
        raise Unusable(
            why=clipped(harmless(f"No test was run: {done.why_incomplete}.\n{done.output.decode('utf-8', 'replace')}"), 4000)
        )
    lines = [f"{len(done.passed)} passed, {len(done.failed)} failed, {len(done.results)} run"]
    lines += [f"passed {name}" for name in done.passed[:FAILURES]]
    for name in done.failed[:FAILURES]:
        lines += [f"FAILED {name}: {done.results[name].message}", clipped(done.results[name].text, TEXT)]
    if not done.complete:
        lines.append(f"The run proves nothing: {done.why_incomplete}.")
    return Outcome(clipped(harmless("\n".join(lines))), changes=True)


RUNNING = (Tool("run", run, {"command": "text", "seconds": "number?"}), Tool("test", run_tests, {"tests": "texts?"}))
