"""The options that commands share."""

import sys
from collections.abc import Callable
from typing import Any

import click

from swarm.cli.here import Here

Command = Callable[..., Any]


class CountOrAuto(click.ParamType):  # type: ignore[type-arg]  # older click knows no type of it
    """A whole number, or the word by which it is left to swarm."""

    name = "integer or auto"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Leave the word; whatever else is given has to be a number."""
        return value if value == "auto" else click.INT.convert(value, param, ctx)


def speaking(command: Command) -> Command:
    """Give a command the options that say how it is to speak."""

    def form(context: click.Context, parameter: click.Parameter, value: Any) -> None:
        if value:
            context.ensure_object(Here).speech.form = "json" if parameter.name == "as_json" else value

    command = click.option("--json", "as_json", is_flag=True, expose_value=False, callback=form, help="Print one object.")(
        command
    )
    forms = click.Choice(["text", "json", "stream-json"])
    return click.option("--output", type=forms, expose_value=False, callback=form, help="stream-json: the journal.")(command)


def plainly(command: Command) -> Command:
    """Give a command the option to do without the screen."""

    def flatten(context: click.Context, _: click.Parameter, value: Any) -> None:
        context.ensure_object(Here).speech.plain = bool(value)

    return click.option("--plain", is_flag=True, expose_value=False, callback=flatten, help="Lines instead of the screen.")(
        command
    )


def thinking(command: Command) -> Command:
    """Give a command the options that say which language models take part."""

    def joined(_: click.Context, __: click.Parameter, value: tuple[str, ...]) -> str | None:
        return ",".join(value) or None

    options: list[Callable[[Command], Command]] = [
        click.option(
            "-m",
            "--model",
            multiple=True,
            callback=joined,
            metavar="NAME",
            help="A language model, like openai/gpt-4o; several make a mixed team.",
        ),
        click.option("--api-base", metavar="URL", help="Where the models are served, if not by their own provider."),
        click.option("--tool-form", help="How models call tools: auto, native or text."),
        click.option("--critic/--no-critic", default=None, help="Have a critic look at what is verified, or not."),
        click.option("--compact-model", metavar="NAME", help="A cheap model that sums up conversations grown too long."),
    ]
    for option in reversed(options):
        command = option(command)
    return command


def publishing(command: Command) -> Command:
    """Give a command the options that say what is done where others see it."""
    options: list[Callable[[Command], Command]] = [
        click.option("--comment", is_flag=True, help="Say on the issue, too, when no fix was verified."),
        click.option("--remote", default="", metavar="NAME", help="Push there: your fork, for example. [where the issue is]"),
        click.option("-y", "--yes", is_flag=True, help="Yes to every question; a closed issue is taken, too."),
    ]
    for option in reversed(options):
        command = option(command)
    return command


def quietly(command: Command) -> Command:
    """Give a command the option to print the result and errors only."""

    def hush(context: click.Context, _: click.Parameter, value: Any) -> None:
        context.ensure_object(Here).speech.quiet = bool(value)

    return click.option("-q", "--quiet", is_flag=True, expose_value=False, callback=hush, help="Print the result only.")(command)


def running(command: Command) -> Command:
    """Give a command the options that a run goes by. What is not given is left to the other sources of settings."""
    options: list[Callable[[Command], Command]] = [
        click.option("-n", "--agents", type=CountOrAuto(), help="How many workers work at once; auto: few, and more if needed."),
        click.option("--sandbox", help="auto, docker, bubblewrap, or none (commands run as you)."),
        click.option("--env", help="auto, inherit (the environment you work in), or build (one for runs)."),
        click.option("--image", help="A container image whose programs commands find: with Python and pytest."),
        click.option("--setup", help="A shell line that completes an environment when it is built."),
        click.option("-t", "--test-cmd", "test", help="The command that runs the tests."),
        click.option("--project", metavar="FOLDER", help="The folder of the repository whose tests are run. [here]"),
        click.option("--base", help="The commit to start from."),
        click.option("--exhaustive", is_flag=True, default=None, help="Do every task, even when a fix is verified."),
        click.option("--timeout", type=float, help="Seconds after which the run stops."),
        click.option("--max-cost", type=float, help="Dollars that the run may spend."),
        click.option("--max-tokens", type=int, help="Tokens that the run may use."),
        plainly,
        quietly,
    ]
    for option in reversed(options):
        command = option(command)
    return speaking(command)


def consent(*, yes: bool, question: str = "Merge it all the same?") -> Callable[[str], bool]:
    """Ask the person, if there is one at a terminal; otherwise only `--yes` is a yes."""

    def ask(reason: str) -> bool:
        from swarm.visible import visible

        return yes or (sys.stdin.isatty() and click.confirm(f"{visible(reason, keep=chr(10))}\n{question}", err=True))

    return ask


def run_and_thing(run: str, thing: str | None, kinds: str = "tfc") -> tuple[str, str | None]:
    """The run may be left out before a thing of it; who means a run by such a beginning gives more of it."""
    lone = thing is None and run[:1] in tuple(kinds) and run[1:].isdecimal() and len(run) < 5
    return ("last", run) if lone else (run, thing)


def agreed(question: str, *, yes: bool) -> bool:
    """Whether the person wants it: said beforehand, or asked now if there is one at a terminal."""
    from swarm.visible import visible

    return yes or (sys.stdin.isatty() and click.confirm(visible(question, keep="\n"), err=True))
