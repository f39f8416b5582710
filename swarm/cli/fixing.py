"""The commands that begin a run, go on with one, and end one."""

import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import click

from swarm.cli.here import Here
from swarm.cli.options import consent, plainly, quietly, running, speaking, thinking

RESUME_EXAMPLES = """\b
Examples:
  swarm resume
  swarm resume 3f2a --json
"""

STOP_EXAMPLES = """\b
Examples:
  swarm stop
  swarm stop 3f2a
"""

if TYPE_CHECKING:
    # `swarm --help` must not load what only the commands need.
    from sandboxes.repository import Repository
    from swarm.issue import Issue
    from swarm.settings.values import Settings

FIX_EXAMPLES = """\b
Examples:
  swarm fix ISSUE.md
  swarm fix "price() charges shipping twice" -n 4 --json
  swarm fix ISSUE.md -m openai/gpt-4o --max-cost 2 --dry-run
  git log -1 --format=%B | swarm fix - --quiet
"""

DEMO_EXAMPLES = """\b
Examples:
  swarm demo
  swarm demo /tmp/here --plain
"""


@click.command(epilog=FIX_EXAMPLES)
@click.argument("issue")
@click.option("--test", "tests", multiple=True, metavar="ID", help="A failing test that shows the bug; can be repeated.")
@click.option("--dry-run", is_flag=True, help="Only say what a run would do and cost at most; nothing is begun.")
@click.option("--merge", "merging", is_flag=True, help="Merge the fix into the branch that you have checked out.")
@click.option("--reproduction", type=click.File("rb"), metavar="FILE", help="A test file of yours that shows the bug.")
@thinking
@running
@click.pass_obj
def fix(
    here: Here,
    /,
    issue: str,
    tests: tuple[str, ...],
    reproduction: BinaryIO | None,
    merging: bool,
    dry_run: bool,
    **flags: object,
) -> int:
    """Fix a bug and leave the fix, with its proof, as a branch.

    ISSUE is a text, a file, or - for standard input.
    """
    from swarm.fix import begin
    from swarm.issue import read_issue
    from swarm.parts import opened_parts
    from swarm.reproductions import given_reproduction
    from swarm.settings.trust import require_trust
    from swarm.telling import told

    repository, read = here.repository(), read_issue(issue, sys.stdin.buffer)
    resolved = here.settings(repository, **flags)
    require_trust(resolved, repository.identity, os.environ)
    if dry_run:
        return foreseen(here, repository, resolved.settings, read, tests)
    with opened_parts(repository, resolved.settings) as parts:
        given = given_reproduction(parts.store, tests, reproduction, repository.top)
        return told(here.speech, parts, begin(parts, read, *given).name, consent(yes=False) if merging else None)


def foreseen(
    here: Here, repository: "Repository", settings: "Settings", issue: "Issue", tests: Sequence[str] = (), *, own: bool = False
) -> int:
    """Say what a run would do; code that is swarm's own runs without a sandbox where there is none."""
    from sandboxes.choice import choose
    from swarm.foreseeing import foresee
    from swarm.parts import lenient

    found = foresee(repository, settings, issue, tests, lenient(here.speech.note) if own else choose)
    if here.speech.form == "stream-json":
        here.speech.form = "json"  # there is no journal of what has not happened
    here.speech.say(found.text(), found.value())
    return 0


@click.command(epilog=DEMO_EXAMPLES)
@click.argument("folder", required=False, type=click.Path(path_type=Path))
@click.option("--dry-run", is_flag=True, help="Only say what the run would do; nothing is begun, and nothing stays.")
@thinking
@running
@click.pass_obj
def demo(here: Here, /, folder: Path | None, dry_run: bool, **flags: object) -> int:
    """Fix a small bundled repository.

    It is put into FOLDER, a new temporary one if none is given.
    """
    from swarm.demo import lay_out
    from swarm.fix import begin
    from swarm.issue import read_issue
    from swarm.parts import lenient, opened_parts
    from swarm.telling import told

    if dry_run:
        return _demo_foreseen(here, folder, flags)
    here.folder, issue = lay_out(folder)
    here.speech.note(f"a buggy repository is at {here.folder}; its bug report is {issue.name}")
    repository = here.repository()
    settings = here.settings(repository, **flags).settings
    with opened_parts(repository, settings, lenient(here.speech.note)) as parts:
        code = told(here.speech, parts, begin(parts, read_issue(str(issue), sys.stdin.buffer)).name)
    here.speech.note(f"these commands work in that repository: cd {here.folder}")
    return code


def _demo_foreseen(here: Here, folder: Path | None, flags: Mapping[str, object]) -> int:
    from tempfile import TemporaryDirectory

    from swarm.demo import lay_out, must_be_free
    from swarm.issue import read_issue

    must_be_free(folder)
    with TemporaryDirectory(prefix="swarm-dry-run-") as scratch:
        here.folder, issue = lay_out(Path(scratch))
        repository = here.repository()
        settings, read = here.settings(repository, **flags).settings, read_issue(str(issue), sys.stdin.buffer)
        return foreseen(here, repository, settings, read, own=True)


@click.command(epilog=RESUME_EXAMPLES)
@click.argument("run", default="last")
@plainly
@quietly
@speaking
@click.pass_obj
def resume(here: Here, run: str) -> int:
    """Go on with a run that was interrupted.

    RUN is the name of a run, or its beginning; the last one if none is given.
    """
    from swarm.holding import resumable
    from swarm.parts import opened_parts
    from swarm.settings.values import Settings
    from swarm.telling import told

    repository = here.repository()
    with here.store() as store:
        found = resumable(store, here.state(repository), run)
    with opened_parts(repository, Settings.from_json(found.settings)) as parts:
        return told(here.speech, parts, found.name)


@click.command(epilog=STOP_EXAMPLES)
@click.argument("run", default="last")
@speaking
@click.pass_obj
def stop(here: Here, run: str) -> None:
    """Ask a run to stop; it can be resumed.

    RUN is the name of a run, or its beginning; the last one if none is given.
    """
    from swarm.blackboard.requests import Wish
    from swarm.holding import stoppable

    with here.store() as store:
        request = store.request(stoppable(store, here.state(here.repository()), run).name, Wish.STOP_ALL)
        here.speech.say(f"asked run {request.run} to stop", {"run": request.run, "request": request.number})


COMMANDS = (fix, demo, resume, stop)
