"""The command that teaches a shell to complete swarm's commands and options."""

import click
from click.shell_completion import get_completion_class

from swarm.cli.here import Here
from swarm.cli.options import speaking

COMPLETION_EXAMPLES = """\b
Examples:
  bash: echo 'eval "$(swarm completion bash)"' >> ~/.bashrc
  zsh:  echo 'eval "$(swarm completion zsh)"' >> ~/.zshrc, after compinit
  fish: swarm completion fish > ~/.config/fish/completions/swarm.fish
"""
ASKED = "_SWARM_COMPLETE"
"""The variable by which the shell's function asks; click answers before any command begins."""


@click.command(epilog=COMPLETION_EXAMPLES)
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@speaking
@click.pass_context
def completion(context: click.Context, shell: str) -> None:
    """Print what SHELL has to evaluate so that Tab completes swarm's commands and options."""
    kind = get_completion_class(shell)
    assert kind is not None
    script = kind(context.find_root().command, {}, "swarm", ASKED).source()
    context.ensure_object(Here).speech.say(script, {"shell": shell, "script": script})


COMMANDS = (completion,)
