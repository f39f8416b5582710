"""The command that judges a patch which anybody wrote."""

import os
import sys
from pathlib import Path

import click

from swarm.cli.here import Here
from swarm.cli.options import running
from swarm.cli.publishing import door_of

VERIFY_EXAMPLES = """\b
Examples:
  swarm verify fix.diff --reproduction test_bug.py
  git diff main | swarm verify - --json
  swarm verify my-branch --reproduction tests/test_shop.py::test_threshold --junit verdict.xml

\b
Ends with 0 if the patch is verified, or, where no reproduction was given, if nothing broke; with 4 if it is rejected or
needs a person; 7 if there is no sandbox or environment; 9 if nothing could be verified.
"""


@click.command(epilog=VERIFY_EXAMPLES)
@click.argument("patch")
@click.option("--issue", help="The bug report: as for `fix`.")
@click.option("--reproduction", "reproductions", multiple=True, help="A test file, a script, or a test of base. Repeatable.")
@click.option("--junit", type=click.Path(dir_okay=False, path_type=Path), help="Write the verdict there as JUnit XML.")
@running
@click.pass_obj
def verify(
    here: Here, /, patch: str, issue: str | None, reproductions: tuple[str, ...], junit: Path | None, **flags: object
) -> int:
    """Judge a patch on this repository, with no agents and no model.

    PATCH is a file with a diff, - for standard input, or a branch. Without a reproduction the best verdict is no-regression.
    """
    from swarm.errors import UsageError
    from swarm.parts import opened_parts
    from swarm.settings.trust import require_trust
    from swarm.verify import submission
    from swarm.verify import verify as judged

    if patch == "-" and issue == "-":
        raise UsageError(what="Patch and issue cannot both come from standard input.", remedy="Give one of them as a file.")
    if junit is not None and not junit.absolute().parent.is_dir():
        raise UsageError(what=f"There is no folder for `{junit}`.", remedy="Make it, or write the verdict somewhere else.")
    repository = here.repository()
    read = door_of(here).take(issue, sys.stdin.buffer, closed_too=True)[0] if issue is not None else None
    resolved = here.settings(repository, **flags)
    require_trust(resolved, repository.identity, os.environ)
    with opened_parts(repository, resolved.settings) as parts:
        submitted = submission(parts, patch, sys.stdin.buffer)
        ruling = judged(parts, submitted, reproductions=reproductions, issue=read, note=here.speech.note)
    if junit is not None:
        junit.write_bytes(ruling.junit())
    here.speech.say(ruling.text(), ruling.value())
    return ruling.exit_code


COMMANDS = (verify,)
