"""The command `swarm`, and every command that belongs to it."""

from pathlib import Path

import click

from swarm import __version__
from swarm.cli import completing, fixing, judging, keeping, landing, looking, reporting, serving, setting_up, settings, triaging
from swarm.cli.here import Here

EXAMPLES = """\b
Examples:
  swarm demo                          see it work, without any key
  swarm fix ISSUE.md                  fix a bug of the repository that you are in
  swarm triage                        which staged hunk breaks which test
  git diff main | swarm verify -      judge a patch that anybody wrote

\b
What comes back to the shell:
  0 fixed, clean    2 usage              3 settings, trust or price    4 no verified fix, guilty
  5 a limit came    6 conflict           7 sandbox or environment      8 provider of a model
  9 inconclusive    130, 143 interrupted: `swarm resume` goes on       1 unexpected
"""


@click.group(context_settings={"help_option_names": ["-h", "--help"]}, epilog=EXAMPLES)
@click.version_option(__version__, message="swarm %(version)s")
@click.option("-C", "folder", type=click.Path(exists=True, file_okay=False, path_type=Path), help="The repository. [here]")
@click.option("--debug", is_flag=True, help="Show the traceback of an error.")
@click.pass_obj
def cli(here: Here, folder: Path | None, debug: bool) -> None:
    """Fix bugs with leaderless agents, and prove it: red, then green, then nothing else broken."""
    here.folder, here.debug = folder or here.folder, debug


for group in (fixing, triaging, judging, landing, looking, reporting, setting_up, serving, keeping, settings, completing):
    for command in group.COMMANDS:
        cli.add_command(command)
