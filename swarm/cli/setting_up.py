"""The command that sets a repository up: its settings, or the hook that looks at every commit."""

import os

import click

from swarm.cli.here import Here
from swarm.cli.options import agreed, quietly, speaking

INIT_EXAMPLES = """\b
Examples:
  swarm init
  swarm init --test-cmd "pytest -q tests/unit" --yes
  swarm init --dry-run
  swarm init --hook

\b
Ends with 7 if there is no sandbox or environment, 9 if the tests cannot be run or none passes; then nothing is written.
"""


@click.command(epilog=INIT_EXAMPLES)
@click.option("--hook", is_flag=True, help="Only have every commit looked at by `swarm triage` first.")
@click.option("--undo", is_flag=True, help="With --hook: take it away again, and put back what was there.")
@click.option("-t", "--test-cmd", "test", help="The command that runs the tests, if the one that is found is not yours.")
@click.option("--project", metavar="FOLDER", help="The folder of the repository whose tests are run. [here]")
@click.option("--env", help="auto, inherit (the environment you work in), or build (one for runs).")
@click.option("--sandbox", help="auto, docker, bubblewrap, or none (commands run as you); it is not written down.")
@click.option("--dry-run", is_flag=True, help="Only say what would be written; nothing is run.")
@click.option("-y", "--yes", is_flag=True, help="Write it without asking; where nobody can be asked, only this writes.")
@quietly
@speaking
@click.pass_obj
def init(here: Here, /, hook: bool, undo: bool, dry_run: bool, yes: bool, **flags: str | None) -> None:
    """Write the settings of this repository down, once they are proven.

    How it is tested is found out and the tests are run on base, as a run would run them. Only if that works, a table
    [tool.swarm] is added to pyproject.toml (or .swarm.toml is made), with every setting explained. Nothing else is changed.
    """
    from swarm.errors import UsageError

    if undo and not hook:
        raise UsageError(what="--undo takes a hook away.", remedy="Say `swarm init --hook --undo`; settings are yours to delete.")
    if hook and (dry_run or any(flags.values())):
        raise UsageError(what="--hook goes with --undo only.", remedy="Say `swarm init --hook`, and the rest apart from it.")
    if hook:
        _hook(here, undo=undo)
    else:
        _settings(here, dry_run=dry_run, yes=yes, **flags)


def _hook(here: Here, *, undo: bool) -> None:
    from swarm.hook import install, remove

    repository = here.repository()
    done = remove(repository, os.environ) if undo else install(repository, os.environ)
    here.speech.say(done.sentence, {"hook": str(done.place), "before": str(done.before or "")})


def _settings(here: Here, *, dry_run: bool, yes: bool, **flags: str | None) -> None:
    from dataclasses import replace

    from swarm.introducing import foretold, proven, written

    repository = here.repository()
    resolved = here.settings(repository, **flags)
    if resolved.repository is not None:
        place = resolved.repository.place
        text = f"{place} has settings for swarm already, and is left as it is; `swarm config` shows them"
        here.speech.say(text, {"file": str(repository.top / place), "written": False, "there": True})
        return
    found = foretold(repository, resolved.settings)
    if not dry_run:
        found = replace(found, baseline=proven(repository, resolved.settings, found, here.speech.note))
    here.speech.note(found.text())
    name = found.proposal.place.name
    if dry_run or not agreed(f"{found.proposal.text}\nAdd this to {name}?", yes=yes):
        here.speech.note(f"nothing was written; {'`swarm init` writes' if dry_run else '--yes writes'} this into {name}:")
        here.speech.say(found.proposal.text.strip(), found.value(written=False))
        return
    guarded = ", ".join(key.name for key in written(repository, found).guarded())
    trusted = f"; `{guarded}` in it is trusted here, and others say `swarm config trust` once" if guarded else ""
    sentence = f"written into {name}{trusted}"
    here.speech.say(sentence, found.value(written=True))


COMMANDS = (init,)
