"""The command by which other agents use swarm."""

import sys

import click

from swarm.cli.here import Here
from swarm.cli.options import thinking

MCP_EXAMPLES = """\b
Examples:
  swarm mcp
  swarm -C ~/project mcp -m anthropic/claude-sonnet-4-5 --max-cost 2

\b
For a client that takes a table of servers:
  {"mcpServers": {"swarm": {"command": "swarm", "args": ["-C", "/path/of/the/project", "mcp"]}}}
"""


@click.command(epilog=MCP_EXAMPLES)
@thinking
@click.option("-n", "--agents", type=int, help="How many workers work at once.")
@click.option("--sandbox", help="auto, docker, bubblewrap, or none (commands run as you).")
@click.option("--env", help="auto, inherit (the environment you work in), or build (one for runs).")
@click.option("-t", "--test-cmd", "test", help="The command that runs the tests.")
@click.option("--timeout", type=float, help="Seconds after which a run stops.")
@click.option("--max-cost", type=float, help="Dollars that each run may spend.")
@click.option("--max-tokens", type=int, help="Tokens that each run may use.")
@click.pass_obj
def mcp(here: Here, /, **flags: str | float | None) -> None:
    """Serve other agents over the Model Context Protocol, on standard input and output.

    They can begin a fix, follow it, triage a change and verify a patch, all in this repository and with the settings given
    here; they cannot merge, and cannot raise what may be spent. A run that was begun goes on when its client has gone.
    """
    from importlib.util import find_spec

    from swarm.errors import EnvironmentTrouble

    if find_spec("mcp") is None:
        raise EnvironmentTrouble(reason="the package `mcp` is not installed.", remedy="Install it: pip install 'swarm-fix[mcp]'")
    from swarm.serving.clerk import Clerk
    from swarm.serving.server import serve

    repository = here.repository()
    clerk = Clerk(repository, here.settings(repository, **flags))
    if sys.stdin.isatty():
        here.speech.note("serving the Model Context Protocol, which a program has to speak here; Ctrl-C ends it")
    shared = {"--sandbox": flags["sandbox"], "--env": flags["env"], "--test-cmd": flags["test"]}
    serve(clerk, [f"{name}={value}" for name, value in shared.items() if value is not None])


COMMANDS = (mcp,)
