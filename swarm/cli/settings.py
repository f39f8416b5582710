"""The commands about settings, and whose are trusted."""

import os

import click

from swarm.cli.here import Here
from swarm.cli.options import speaking

CONFIG_EXAMPLES = """\b
Examples:
  swarm config
  swarm config --json | jq '.settings[] | select(.key == "agents")'
  swarm config trust
"""

TRUST_EXAMPLES = """\b
Examples:
  swarm config trust
"""

DISTRUST_EXAMPLES = """\b
Examples:
  swarm config distrust
"""


@click.group(invoke_without_command=True, epilog=CONFIG_EXAMPLES)
@speaking
@click.pass_context
def config(context: click.Context) -> None:
    """Show every setting and its origin."""
    from swarm.visible import visible

    if context.invoked_subcommand is None:
        here = context.ensure_object(Here)
        rows = here.settings(here.repository()).table()
        text = "\n".join(f"{row.key:<18} {visible(str(row.value)):<10} {row.origin}\n{'':18} {row.meaning}" for row in rows)
        here.speech.say(text, {"settings": [vars(row) for row in rows]})


@config.command(epilog=TRUST_EXAMPLES)
@speaking
@click.pass_obj
def trust(here: Here) -> None:
    """Trust the commands in this repository's own settings, as they are now."""
    from swarm.settings.trust import trust as remember

    repository = here.repository()
    resolved = here.settings(repository)
    remember(resolved, repository.identity, os.environ)
    named = ", ".join(f"{key.name} = {resolved.value(key)!r}" for key in resolved.guarded())
    text = f"trusted, as they are now: {named}" if named else "the repository's settings name nothing that needs trust"
    here.speech.say(text, {"trusted": {key.name: resolved.value(key) for key in resolved.guarded()}})


@config.command(epilog=DISTRUST_EXAMPLES)
@speaking
@click.pass_obj
def distrust(here: Here) -> None:
    """Forget that this repository's settings were trusted."""
    from swarm.settings.trust import revoke

    forgotten = revoke(here.repository().identity, os.environ)
    here.speech.say(f"forgot {forgotten} trusted contents", {"forgotten": forgotten})


COMMANDS = (config,)
