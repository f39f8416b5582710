"""What every command says of itself."""

import subprocess
import sys
from collections.abc import Iterator

import click
import pytest

from swarm.cli.commands import PLACES, cli


def commands(group: click.Group, path: tuple[str, ...] = ()) -> Iterator[tuple[str, click.Command]]:
    yield " ".join(("swarm", *path)), group
    for name in group.list_commands(click.Context(group)):
        command = group.get_command(click.Context(group), name)
        assert command is not None
        if isinstance(command, click.Group):
            yield from commands(command, (*path, name))
        else:
            yield " ".join(("swarm", *path, name)), command


EVERY = dict(commands(cli))


@pytest.mark.parametrize("name", EVERY)
def test_every_command_has_examples_that_it_would_take(name: str) -> None:
    epilog = EVERY[name].epilog or ""
    examples = [line.strip() for line in epilog.splitlines() if line.startswith("  ") and "swarm" in line]

    assert "Examples:" in epilog
    assert any(name in example for example in examples)


@pytest.mark.parametrize("name", EVERY)
def test_every_option_and_command_says_what_it_does(name: str) -> None:
    command = EVERY[name]

    assert command.help
    assert [option.name for option in command.params if isinstance(option, click.Option) and not option.help] == []


@pytest.mark.parametrize("name", sorted(EVERY.keys() - {"swarm", "swarm mcp"}))
def test_every_command_can_answer_a_program(name: str) -> None:
    assert "--json" in {flag for option in EVERY[name].params for flag in option.opts}


def test_a_command_loads_no_other() -> None:
    program = "import sys; from swarm.cli.door import main; sys.argv = ['swarm', 'ls', '--help']; main()"
    ended = "import atexit, sys; atexit.register(lambda: print(*sorted(sys.modules)))"
    said = subprocess.run([sys.executable, "-c", f"{ended}; {program}"], check=True, capture_output=True, text=True).stdout

    assert {name for name in said.split() if name.removeprefix("swarm.cli.") in PLACES} == {"swarm.cli.looking"}


def test_showing_a_run_loads_neither_judge_nor_agents() -> None:
    program = "import sys; from swarm import report, opening; from swarm.cli import looking; print(*sorted(sys.modules))"
    loaded = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True).stdout.split()

    assert "swarm.report" in loaded
    assert [name for name in loaded if name.startswith(("swarm.evidence.hearing", "swarm.agents", "jinja2", "asyncio"))] == []


def test_nobody_looks_for_garbage_while_a_command_is_loaded() -> None:
    looks = "sum(generation['collections'] for generation in gc.get_stats())"
    program = "import atexit, gc, sys; from swarm.cli.quick import main; sys.argv = ['swarm', 'watch', '--help']; gc.collect()"
    counted = f"before = {looks}; atexit.register(lambda: print({looks} - before)); main()"
    said = subprocess.run([sys.executable, "-c", f"{program}; {counted}"], check=True, capture_output=True, text=True).stdout

    assert said.splitlines()[-1] == "0"


@pytest.mark.parametrize("option", ["-C", "--debug"])
def test_an_option_that_goes_before_the_command_is_told_so(option: str) -> None:
    asked = subprocess.run([sys.executable, "-m", "swarm", "ls", option], check=False, capture_output=True, text=True)

    assert asked.returncode == 2
    assert f"{option} goes before the command, as in `swarm {option}" in asked.stderr


def test_a_command_that_is_not_there_is_told_with_the_one_that_was_meant() -> None:
    asked = [sys.executable, "-m", "swarm", "wacht"]

    assert "watch" in subprocess.run(asked, check=False, capture_output=True, text=True).stderr
