"""The command `swarm`, and every command that belongs to it."""

from pathlib import Path

import click

from swarm import __version__
from swarm.cli import fixing, judging, keeping, landing, looking, publishing, settings, triaging
from swarm.cli.here import Here


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, message="swarm %(version)s")
@click.option("-C", "folder", type=click.Path(exists=True, file_okay=False, path_type=Path), help="The repository. [here]")
@click.option("--debug", is_flag=True, help="Show the traceback of an error.")
@click.pass_obj
def cli(here: Here, folder: Path | None, debug: bool) -> None:
    """Fix bugs with leaderless agents, and prove it: red, then green, then nothing else broken."""
    here.folder, here.debug = folder or here.folder, debug


for group in (fixing, triaging, judging, landing, publishing, looking, keeping, settings):
    for command in group.COMMANDS:
        cli.add_command(command)
