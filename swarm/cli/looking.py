"""The commands that look on."""

import os

import click

from swarm.cli.here import Here
from swarm.cli.options import plainly, run_and_thing, speaking

LS_EXAMPLES = """\b
Examples:
  swarm ls
  swarm ls --json | jq -r '.runs[0].outcome'
"""

SHOW_EXAMPLES = """\b
Examples:
  swarm show
  swarm show 3f2a f1
  swarm show c2 --json
"""

WATCH_EXAMPLES = """\b
Examples:
  swarm watch
  swarm watch 3f2a --replay --speed 10
  swarm watch --output stream-json > journal.jsonl
"""


@click.command(name="ls", epilog=LS_EXAMPLES)
@speaking
@click.pass_obj
def list_runs(here: Here) -> None:
    """List the runs of this repository, newest first."""
    from swarm.report import brief, runs_text

    with here.store() as store:
        runs = store.runs()
        here.speech.say(runs_text(runs), {"runs": [brief(run) for run in runs]})


@click.command(epilog=SHOW_EXAMPLES)
@click.argument("run", default="last")
@click.argument("thing", required=False)
@speaking
@click.pass_obj
def show(here: Here, run: str, thing: str | None) -> None:
    """Show a run, or a thing of it.

    RUN is the name of a run, or its beginning; the last one if none is given. A THING is a task (t1), a finding with its
    evidence (f1), or a candidate with its verdict (c1).
    """
    from swarm.report import thing_shown

    run, thing = run_and_thing(run, thing)
    with here.store() as store:
        here.speech.say(*thing_shown(store, store.run(run).name, thing))


@click.command(epilog=WATCH_EXAMPLES)
@click.argument("run", default="last")
@click.option("--replay", is_flag=True, help="Let it happen again, from its beginning.")
@click.option("--speed", type=click.FloatRange(min=0, min_open=True), default=1.0, help="How many times as fast. [1]")
@click.option("--web", is_flag=True, help="Serve the screen to a browser on this machine.")
@click.option("--port", type=click.IntRange(1, 65535), help="Where to serve it. [a free one]")
@click.option("--opened-by", type=int, hidden=True, help="The process that opens the screen: it ends with that one.")
@plainly
@speaking
@click.pass_obj
def watch(here: Here, run: str, replay: bool, speed: float, web: bool, port: int | None, opened_by: int | None) -> None:
    """Watch a run, on a terminal on the screen.

    RUN is the name of a run, or its beginning; the last one if none is given. Leaving with q or Ctrl-C does not stop it.
    """
    from swarm.settings.places import state_folder

    repository = here.repository()
    with here.store(repository) as store:
        found = store.run(run)
        if not (web or opened_by or here.speech.on_terminal()):
            from swarm.spectating import watched

            watched(here.speech, store, found)
            return
        from swarm.deeds import Deeds
        from swarm.showing import again_on_screen, ending_with, in_browser, on_screen

        folder, looks = state_folder(repository.identity, os.environ), here.settings(repository).settings
        if web:
            more = ["--replay", "--speed", str(speed)] if replay else []
            in_browser(found, repository.top, port or 0, more, lambda address: here.speech.say(address, {"address": address}))
            return
        with ending_with(opened_by):
            if replay:
                again_on_screen(store, found, folder, speed, looks)
            else:
                on_screen(store, found, folder, Deeds(repository, found, os.environ), looks)


COMMANDS = (list_runs, show, watch)
