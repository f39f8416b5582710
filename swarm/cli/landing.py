"""The commands that show the fix of a run as a patch, merge it, and take it back."""

import click

from swarm.cli.here import Here
from swarm.cli.options import consent, run_and_thing, speaking

DIFF_EXAMPLES = """\b
Examples:
  swarm diff | git apply
  swarm diff 3f2a c2 --stat
"""

MERGE_EXAMPLES = """\b
Examples:
  swarm merge
  swarm merge 3f2a c2 --yes
"""

UNDO_EXAMPLES = """\b
Examples:
  swarm undo
  swarm undo 3f2a --json
"""


@click.command(epilog=DIFF_EXAMPLES)
@click.argument("run", default="last")
@click.argument("candidate", required=False)
@click.option("--stat", is_flag=True, help="Only how many lines of which files.")
@speaking
@click.pass_obj
def diff(here: Here, run: str, candidate: str | None, stat: bool) -> None:
    """Show the fix of a run as a plain diff, which `git apply` takes.

    RUN is the name of a run, or its beginning; the last one if none is given. A CANDIDATE (c1) is another attempt of it.
    """
    from swarm.landings import opened_harbour
    from swarm.patches import candidate_named, patch_bytes, patch_object

    run, candidate = run_and_thing(run, candidate, "c")
    repository = here.repository()
    with opened_harbour(repository, here.settings(repository).settings) as place:
        found = candidate_named(place.store, place.store.run(run).name, candidate)
        patch = patch_bytes(place.mirror, found)
        shown = patch_bytes(place.mirror, found, stat=True) if stat else patch
        here.speech.give(shown, patch_object(found, patch))


@click.command(epilog=MERGE_EXAMPLES)
@click.argument("run", default="last")
@click.argument("candidate", required=False)
@click.option("-y", "--yes", is_flag=True, help="You have looked at a fix that needs a review: merge it.")
@speaking
@click.pass_obj
def merge(here: Here, run: str, candidate: str | None, yes: bool) -> None:
    """Merge the fix of a run into the branch that you have checked out.

    It is merged with the head of today and judged there again first. RUN is the name of a run, or its beginning; the last one
    if none is given. A CANDIDATE (c1) is another attempt of it. Hooks of the repository are not run.
    """
    from swarm.parts import opened_parts
    from swarm.settings.values import Settings
    from swarm.telling import merged

    run, candidate = run_and_thing(run, candidate, "c")
    repository = here.repository()
    with here.store() as store:
        found = store.run(run)
    with opened_parts(repository, Settings.from_json(found.settings)) as parts:
        merged(here.speech, parts, found.name, candidate, consent(yes=yes))


@click.command(epilog=UNDO_EXAMPLES)
@click.argument("run", default="last")
@speaking
@click.pass_obj
def undo(here: Here, run: str) -> None:
    """Take the merge of a run back, or, if there was none, the branch that it made.

    Only if nothing was built on it since. RUN is the name of a run, or its beginning; the last one if none is given.
    """
    from swarm.landed import landed_object
    from swarm.landings import opened_harbour
    from swarm.merging import undo as undone

    repository = here.repository()
    with opened_harbour(repository, here.settings(repository).settings) as place:
        found = place.store.run(run)
        landed = undone(place, found)
        here.speech.say(landed.sentence, landed_object(found.name, landed))


COMMANDS = (diff, merge, undo)
