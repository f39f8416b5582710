"""The command that pushes the fix of a run and opens a pull request."""

import os
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from swarm.cli.here import Here
from swarm.cli.options import consent, publishing, speaking

if TYPE_CHECKING:
    from swarm.blackboard.runs import Run
    from swarm.intake import Door
    from swarm.landings import Harbour
    from swarm.posting import Post

QUESTION = "Push and open it?"


PR_EXAMPLES = """\b
Examples:
  swarm pr
  swarm pr 3f2a --yes --json
  swarm pr --remote my-fork
"""


@click.command(name="pr", epilog=PR_EXAMPLES)
@click.argument("run", default="last")
@publishing
@speaking
@click.pass_obj
def pull_request(here: Here, run: str, comment: bool, remote: str, yes: bool) -> None:
    """Push the fix of a run, and open a draft pull request with its evidence.

    You are asked before anything is pushed; it is one new branch, without force, where the issue is. Called again, the text is
    brought up to date. RUN is the name of a run, or its beginning; the last one if none is given. With --comment, a run without a
    verified fix is told of on its issue instead.
    """
    from swarm.landings import opened_harbour
    from swarm.posting import posted
    from swarm.publishing import delivered

    repository = here.repository()
    door = door_of(here)
    with opened_harbour(repository, here.settings(repository).settings) as place:
        found = place.store.run(run)
        if not comment:
            delivered(place.store, found)
        post = posted(door, found.source, remote) if found.branch or not comment else None
        done = outward(door, place, post, comment=comment, yes=yes)(found)
    here.speech.say(
        "\n".join(one["text"] for one in done.values()), {"run": found.name, **{key: one["value"] for key, one in done.items()}}
    )


def door_of(here: Here) -> "Door":
    """Where the command was called, for whoever asks a server."""
    from swarm.intake import Door

    return Door(repository=here.repository(), environ=os.environ, tell=here.speech.note)


def outward(
    door: "Door", place: "Harbour", post: "Post | None", *, comment: bool, yes: bool
) -> "Callable[[Run], dict[str, dict[str, Any]]]":
    """What is done with a run that has ended, where others see it: a pull request for a fix, a comment for none."""
    from swarm.publishing import comment as commented
    from swarm.publishing import publish

    def done(run: "Run") -> dict[str, dict[str, Any]]:
        if post is not None and run.branch:
            published = publish(place, run, consent(yes=yes, question=QUESTION), post)
            return {"pull_request": {"text": published.text, "value": published.value}}
        if comment and not run.branch:
            said = commented(place.store, run, door)
            return {"comment": {"text": said, "value": run.source}}
        return {}

    return done


COMMANDS = (pull_request,)
