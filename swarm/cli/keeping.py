"""The commands about this machine: what it has, and what swarm keeps on it."""

import os

import click

from swarm.cli.here import Here
from swarm.cli.options import speaking

DOCTOR_EXAMPLES = """\b
Examples:
  swarm doctor
  swarm doctor --sandbox docker --json
"""

GC_EXAMPLES = """\b
Examples:
  swarm gc
  swarm gc --older-than 7 --yes
"""


@click.command(epilog=DOCTOR_EXAMPLES)
@click.option("--sandbox", help="Look at this kind of sandbox: auto, docker, bubblewrap or none.")
@click.option("--env", help="Look at this environment: auto, inherit or build.")
@speaking
@click.pass_obj
def doctor(here: Here, sandbox: str | None, env: str | None) -> int:
    """Say what this machine and this repository have, what is missing, and what to do. Ends with 7 if no run is possible."""
    from swarm.doctor.examination import examine

    examination = examine(here.folder, os.environ, {"sandbox": sandbox, "env": env})
    here.speech.say(examination.text(), examination.value())
    return examination.exit_code


@click.command(epilog=GC_EXAMPLES)
@click.option("--older-than", "days", type=click.FloatRange(min=0), default=30.0, help="Days without use. [30]")
@click.option("-y", "--yes", is_flag=True, help="Remove it; without this, only say what would go.")
@speaking
@click.pass_obj
def gc(here: Here, days: float, yes: bool) -> None:
    """Say what nobody needs any more of what swarm keeps for all repositories, and how large it is."""
    from swarm.gc import Collection

    collection = Collection.at(os.environ, days=days, remove=yes)
    here.speech.say(collection.text(), collection.value())


COMMANDS = (doctor, gc)
