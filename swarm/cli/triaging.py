"""The command that looks at a change before it is committed."""

import os

import click

from swarm.cli.here import Here

TRIAGE_EXAMPLES = """\b
Examples:
  swarm triage
  swarm triage --worktree --time-box 30
  swarm triage --range main..HEAD --output github

\b
Ends with 0 if the change breaks nothing, 4 if it is guilty, 7 if there is no sandbox or environment, 9 if nothing can be said.
"""


@click.command(epilog=TRIAGE_EXAMPLES)
@click.option("--base", default="", metavar="REF", help="Compare with this commit. [HEAD]")
@click.option("--range", "commits", default="", metavar="A..B", help="Compare two commits, whatever is staged.")
@click.option("--worktree", is_flag=True, help="Look at the files as they lie there, staged or not.")
@click.option("--time-box", type=click.FloatRange(min=0.1), help="Seconds for finding what breaks. [10]")
@click.option("--full", is_flag=True, help="Run all tests, however long they take.")
@click.option("-t", "--test-cmd", "test", help="The command that runs the tests.")
@click.option("--sandbox", help="auto, docker, bubblewrap, or none (commands run as you).")
@click.option("--env", help="auto, inherit (the environment you work in), or build (one for runs).")
@click.option("-q", "--quiet", is_flag=True, help="Say nothing if nothing is broken.")
@click.option("--json", "as_json", is_flag=True, help="Print one object.")
@click.pass_obj
def triage(
    here: Here,
    /,
    base: str,
    commits: str,
    worktree: bool,
    time_box: float | None,
    full: bool,
    quiet: bool,
    as_json: bool,
    **flags: str | None,
) -> int:
    """Say which staged hunk breaks which test, before it is committed. Your files and your index are not touched."""
    from swarm.settings.trust import require_trust
    from swarm.triage.comparing import Wish
    from swarm.triage.story import triage as looked_at
    from swarm.triage.telling import text

    here.speech.form, here.speech.quiet = "json" if as_json else "text", quiet
    repository = here.repository()
    resolved = here.settings(repository, **flags)
    require_trust(resolved, repository.identity, os.environ)
    wish = Wish(base=base, range=commits, worktree=worktree, time_box=time_box or 10.0, full=full)
    verdict = looked_at(repository, resolved.settings, wish, os.environ, here.speech.note)
    here.speech.say(text(verdict), {})
    return verdict.exit_code


COMMANDS = (triage,)
