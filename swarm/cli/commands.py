"""The command `swarm`, and every command that belongs to it."""

from importlib import import_module
from pathlib import Path

import click

from swarm import __version__
from swarm.cli.here import Here

PLACES = {
    "fixing": ("fix", "demo", "resume", "stop"),
    "triaging": ("triage",),
    "judging": ("verify",),
    "landing": ("diff", "merge", "undo"),
    "publishing": ("pr",),
    "looking": ("ls", "show", "watch"),
    "reporting": ("report",),
    "setting_up": ("init",),
    "serving": ("mcp",),
    "keeping": ("doctor", "gc"),
    "settings": ("config",),
    "completing": ("completion",),
}
"""In which module which commands are."""

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


class Commands(click.Group):
    """The commands by their names; each is loaded when it is wanted, so that none waits for the others."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click calls it so
        """The names of all."""
        return sorted(name for names in PLACES.values() for name in names)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of this name, if there is one; to say which one might have been meant, click has to know all."""
        for place in [place for place, names in PLACES.items() if cmd_name in names] or PLACES:
            for command in import_module(f"swarm.cli.{place}").COMMANDS:
                self.add_command(command)
        return super().get_command(ctx, cmd_name)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]}, epilog=EXAMPLES)
@click.version_option(__version__, message="swarm %(version)s")
@click.option("-C", "folder", type=click.Path(exists=True, file_okay=False, path_type=Path), help="The repository. [here]")
@click.option("--debug", is_flag=True, help="Show the traceback of an error.")
@click.pass_obj
def cli(here: Here, folder: Path | None, debug: bool) -> None:
    """Fix bugs with leaderless agents, and prove it: red, then green, then nothing else broken."""
    here.folder, here.debug = folder or here.folder, debug
