"""The command that looks at a change before it is committed."""

import os
import sys
from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING

import click

from swarm.cli.here import Here

if TYPE_CHECKING:
    # `swarm --help` must not load what only the commands need.
    from sandboxes.repository import Repository
    from swarm.settings.values import Settings
    from swarm.triage.answers import Answer, Question
    from swarm.triage.verdict import Verdict

TRIAGE_EXAMPLES = """\b
Examples:
  swarm triage
  swarm triage --worktree --time-box 30
  swarm triage --range main..HEAD --output github

\b
Ends with 0 if the change breaks nothing, 4 if it is guilty, 7 if there is no sandbox or environment, 9 if nothing can be said.
"""
FORMS = ("text", "json", "github", "sarif", "junit")


@click.command(epilog=TRIAGE_EXAMPLES)
@click.option("--base", default="", metavar="REF", help="Compare with this commit. [HEAD]")
@click.option("--range", "commits", default="", metavar="A..B", help="Compare two commits, whatever is staged.")
@click.option("--worktree", is_flag=True, help="Look at the files as they lie there, staged or not.")
@click.option("--time-box", type=float, help="Seconds for finding what breaks. [10]")
@click.option("--full", is_flag=True, help="Run all tests, however long they take.")
@click.option("--bisect", metavar="TEST", help="Find the commit since when this test fails, back to --base if that is given.")
@click.option("-t", "--test-cmd", "test", help="The command that runs the tests.")
@click.option("--project", metavar="FOLDER", help="The folder of the repository whose tests are run. [here]")
@click.option("--sandbox", help="auto, docker, bubblewrap, or none (commands run as you).")
@click.option("--env", help="auto, inherit (the environment you work in), or build (one for runs).")
@click.option("--fix", "fixing", is_flag=True, help="Look for a fix of what is broken; it is shown as a diff, and not applied.")
@click.option("--hook", "as_hook", is_flag=True, help="As a hook: say nothing if nothing is broken.")
@click.option("-q", "--quiet", is_flag=True, help="Print the result only.")
@click.option("--output", "form", type=click.Choice(FORMS), default="text", help="Another form of the result. [text]")
@click.option("--json", "as_json", is_flag=True, help="Print one object.")
@click.pass_obj
def triage(
    here: Here,
    /,
    base: str,
    commits: str,
    worktree: bool,
    as_hook: bool,
    quiet: bool,
    full: bool,
    form: str,
    as_json: bool,
    bisect: str | None,
    fixing: bool,
    **flags: object,
) -> int:
    """Say which staged hunk breaks which test, before it is committed.

    It looks at the index, in a scratch worktree; your files and your index are not touched.
    """
    from swarm.triage.answers import Answer, Question

    form = "json" if as_json else form
    here.speech.form, here.speech.quiet = ("json" if form == "json" else "text"), quiet or as_hook
    here.lenient = as_hook
    if bisect:
        return _bisect(here, bisect, base, flags)
    question = None if base or commits or worktree or fixing else Question.of(here.folder, os.environ, sys.argv[1:])
    answer = question.known() if question else None
    if answer is not None:
        _say(here, answer, form, silent=as_hook and answer.exit_code == 0)
        return answer.exit_code
    from swarm.settings.trust import require_trust
    from swarm.triage.comparing import Wish
    from swarm.triage.outputs import forms
    from swarm.triage.story import triage as looked_at

    repository = here.repository()
    resolved = here.settings(repository, **flags)
    here.lenient = as_hook and resolved.settings.hook == "open"
    require_trust(resolved, repository.identity, os.environ)
    wish = Wish(base=base, range=commits, worktree=worktree, time_box=resolved.settings.time_box, full=full)
    verdict = looked_at(repository, resolved.settings, wish, os.environ, here.speech.progress, here.ready)
    here.speech.progress("")
    answer = Answer(verdict.exit_code, forms(verdict))
    if question and verdict.final:
        question.keep(answer)
    run, patch = _proposed(here, repository, resolved.settings, verdict) if fixing else ("", b"")
    _say(here, answer, form, silent=as_hook and answer.exit_code == 0, proposal=patch.decode("utf-8", "replace"), run=run)
    if patch and form == "text":
        here.speech.note(f"a verified fix; to apply it: swarm diff {run} | git apply")
        here.speech.give(patch, {})
    if question and verdict.foreseen and (as_hook or sys.stderr.isatty()):
        _leave_a_spare(here, question, repository, resolved.settings)
    return answer.exit_code


def _leave_a_spare(here: Here, question: "Question", repository: "Repository", settings: "Settings") -> None:
    """Have the next triage begin at once, where one is likely to come: it is not on a machine that is there for one commit."""
    if not settings.spare or "CI" in os.environ:
        return
    from swarm.spares import door, leave

    place = door(question.spares, question.facts, os.environ)
    if not place.exists():
        here.last.append(partial(leave, place, repository.top, settings.as_json(), settings.spare))


def _proposed(here: Here, repository: "Repository", settings: "Settings", verdict: "Verdict") -> tuple[str, bytes]:
    """Look for a fix of the first thing that is broken; the verdict stays what it is."""
    from swarm.errors import RunEnding, shown
    from swarm.parts import opened_parts
    from swarm.proposing import fixable, proposed

    if (blame := fixable(verdict)) is None:
        here.speech.note("nothing is broken that a search for a fix could begin with")
        return "", b""
    here.speech.progress(f"looking for a fix of {blame.tests[0]}")
    try:
        with opened_parts(repository, settings) as parts:
            return proposed(parts, verdict, blame)
    except RunEnding as ending:
        here.speech.note(shown(ending))
        return "", b""
    finally:
        here.speech.progress("")


def _bisect(here: Here, test: str, oldest: str, flags: Mapping[str, object]) -> int:
    from dataclasses import asdict

    from swarm.settings.trust import require_trust
    from swarm.triage.bisection import text
    from swarm.triage.story import bisect

    repository = here.repository()
    resolved = here.settings(repository, **flags)
    require_trust(resolved, repository.identity, os.environ)
    found = bisect(repository, resolved.settings, test, oldest, here.speech.progress)
    here.speech.progress("")
    here.speech.say(text(found), asdict(found))
    return 4


def _say(here: Here, answer: "Answer", form: str, *, silent: bool, **more: str) -> None:
    if silent:
        return
    if form == "json":
        import json

        here.speech.say("", {**json.loads(answer.forms["json"]), **{name: said for name, said in more.items() if said}})
    elif form == "text":
        here.speech.say_change(answer.forms["text"])
    else:
        sys.stdout.write(answer.forms[form] + "\n")


COMMANDS = (triage,)
