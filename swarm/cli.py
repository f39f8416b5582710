"""The commands. This is the only door: parts are built here, and nothing goes wrong without an exit code and three lines."""

import json
import os
import signal
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any

import click

from sandboxes.trouble import Trouble
from swarm import __version__
from swarm.visible import visible

SCHEMA = 1
"""The version of the objects that `--json` prints."""


@dataclass
class Here:
    """Where a command was called, and how it is to speak."""

    folder: Path = field(default_factory=Path.cwd)
    debug: bool = False
    form: str = "text"
    """`text`, `json` or `stream-json`."""
    quiet: bool = False

    def say(self, text: str, value: Mapping[str, Any]) -> None:
        """Print a result, in the form that was asked for, on standard output."""
        if self.form == "json":
            click.echo(json.dumps({"schema": SCHEMA, **value}, default=str))
        elif self.form == "text":
            click.echo(visible(text, keep="\n\t"))

    def note(self, text: str) -> None:
        """Print what is no result, on standard error."""
        if not self.quiet:
            click.echo(visible(text, keep="\n\t"), err=True)


Command = Callable[..., Any]


def speaking(command: Command) -> Command:
    """Give a command the options that say how it is to speak."""

    def form(context: click.Context, parameter: click.Parameter, value: Any) -> None:
        if value:
            context.find_object(Here).form = "json" if parameter.name == "as_json" else value  # type: ignore[union-attr]

    command = click.option("--json", "as_json", is_flag=True, expose_value=False, callback=form, help="One JSON object.")(command)
    choices = click.Choice(["text", "json", "stream-json"])
    helped = "How to speak; stream-json prints the journal."
    return click.option("--output", type=choices, expose_value=False, callback=form, help=helped)(command)


def running(command: Command) -> Command:
    """Give a command the options that a run goes by. What is not given is left to the other sources of settings."""
    for option in reversed(
        [
            click.option("-n", "--agents", type=int, help="How many workers work at once."),
            click.option("--sandbox", help="auto, docker, bubblewrap, or none (commands run as you)."),
            click.option("-t", "--test-cmd", "test", help="The command that runs the tests."),
            click.option("--base", help="The commit to start from. [HEAD]"),
            click.option("--timeout", type=float, help="Seconds after which the run stops."),
            click.option("--max-cost", type=float, help="Dollars that the run may spend."),
            click.option("--max-tokens", type=int, help="Tokens that the run may use."),
            click.option("--plain", is_flag=True, expose_value=False, help="One line per event. [the only screen so far]"),
            click.option("-q", "--quiet", is_flag=True, help="Print the result only."),
        ]
    ):
        command = option(command)
    return speaking(command)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, message="swarm %(version)s")
@click.option("-C", "folder", type=click.Path(exists=True, file_okay=False, path_type=Path), help="The repository. [here]")
@click.option("--debug", is_flag=True, help="Show the traceback of an error.")
@click.pass_obj
def cli(here: Here, folder: Path | None, debug: bool) -> None:
    """Fix bugs with leaderless agents, and prove it: red, then green, then nothing else broken."""
    here.folder, here.debug = folder or here.folder, debug


@cli.command()
@click.argument("issue")
@running
@click.pass_obj
def fix(here: Here, issue: str, quiet: bool, **flags: object) -> int:
    """Fix ISSUE (a text, a file, or - for standard input) and leave the fix, with its proof, as a branch.

    \b
    swarm fix ISSUE.md
    swarm fix "price() charges shipping twice" -n 4 --json
    """
    from sandboxes.repository import Repository

    from swarm.issue import read_issue

    here.quiet = quiet
    return _fix(here, Repository.at(here.folder), read_issue(issue, sys.stdin.buffer), flags)


@cli.command()
@click.argument("folder", required=False, type=click.Path(path_type=Path))
@running
@click.pass_obj
def demo(here: Here, folder: Path | None, quiet: bool, **flags: object) -> int:
    """Put a small buggy repository into FOLDER (a new temporary one if not given) and fix it."""
    import tempfile

    from sandboxes.choice import choose
    from sandboxes.host import Host
    from sandboxes.repository import Repository

    from sandboxes.sandbox import NoSandbox
    from swarm.demo import lay_out
    from swarm.issue import read_issue

    here.quiet = quiet
    repository, issue = lay_out(folder or Path(tempfile.mkdtemp(prefix="swarm-demo-")) / "bookshop")
    here.note(f"a buggy repository is at {repository}; its bug report is {issue.name}")
    try:
        backend = choose(str(flags["sandbox"] or "auto"))
    except NoSandbox as none:
        if flags["sandbox"]:
            raise
        here.note(f"{none}\nThe demo is swarm's own code, so it runs without a sandbox this once.")
        backend = Host()
    return _fix(here, Repository.at(repository), read_issue(str(issue), sys.stdin.buffer), flags, backend)


@cli.command()
@click.argument("run", default="last")
@speaking
@click.pass_obj
def resume(here: Here, run: str) -> int:
    """Go on with RUN (the last one if not given) from where it was interrupted."""
    from sandboxes.repository import Repository

    from swarm.errors import UsageError
    from swarm.parts import opened_parts
    from swarm.settings.values import Settings

    repository = Repository.at(here.folder)
    settings = _settings(here, repository, {}).settings
    with opened_parts(repository, settings) as parts:
        found = parts.store.run(run)
        if found.ended is not None:
            raise UsageError(what=f"Run {found.name} has ended: {found.outcome}.", remedy="Start another one with `swarm fix`.")
        return _story(here, parts.with_settings(Settings(**json.loads(found.settings))), found.name)


@cli.command()
@click.argument("run", default="last")
@click.pass_obj
def stop(here: Here, run: str) -> None:
    """Ask RUN (the last one if not given) to stop; it can be resumed."""
    from swarm.blackboard.requests import Wish

    with _store(here) as store:
        request = store.request(store.run(run).name, Wish.STOP_ALL)
        here.note(f"asked run {request.run} to stop")


@cli.command(name="ls")
@speaking
@click.pass_obj
def list_runs(here: Here) -> None:
    """List the runs of this repository, newest first."""
    from swarm.report import brief, runs_text

    with _store(here) as store:
        runs = store.runs()
        here.say(runs_text(runs), {"runs": [brief(run) for run in runs]})


@cli.command()
@click.argument("run", default="last")
@click.argument("thing", required=False)
@speaking
@click.pass_obj
def show(here: Here, run: str, thing: str | None) -> None:
    """Show RUN (the last one if not given), or a THING of it: a task (t1), a finding (f1), a candidate (c1)."""
    from swarm.report import shown

    with _store(here) as store:
        here.say(*shown(store, store.run(run).name, thing))


@cli.command()
@click.argument("run", default="last")
@click.option("--plain", is_flag=True, expose_value=False, help="One line per event. [the only screen so far]")
@speaking
@click.pass_obj
def watch(here: Here, run: str) -> None:
    """Watch RUN (the last one if not given) until it ends. Leaving with Ctrl-C does not stop it."""
    from tui.plain import line

    with _store(here) as store:
        found = store.run(run)
        try:
            for entry in store.follow(found.name):
                text = entry.line() if here.form != "text" else visible(line(entry.at - found.started, entry.event))
                click.echo(text)
        except KeyboardInterrupt:
            here.note(f"left run {found.name}")


@cli.group(invoke_without_command=True)
@speaking
@click.pass_context
def config(context: click.Context) -> None:
    """Show every setting, its value and where it comes from."""
    if context.invoked_subcommand is None:
        here = context.find_object(Here)
        assert here is not None, "the door makes one"
        _show_settings(here)


@config.command()
@click.pass_obj
def trust(here: Here) -> None:
    """Trust the commands in this repository's own settings, as they are now."""
    from swarm.settings.trust import trust as remember

    repository = _repository(here)
    resolved = _settings(here, repository, {})
    remember(resolved, repository.identity, os.environ)
    named = ", ".join(key.name for key in resolved.guarded())
    here.note(f"trusted, as they are now: {named}" if named else "the repository's settings name nothing that needs trust")


@config.command()
@click.pass_obj
def distrust(here: Here) -> None:
    """Forget that this repository's settings were trusted."""
    from swarm.settings.trust import revoke

    here.note(f"forgot {revoke(_repository(here).identity, os.environ)} trusted contents")


def _show_settings(here: Here) -> None:
    rows = _settings(here, _repository(here), {}).table()
    text = "\n".join(f"{row.key:<18} {row.value!s:<10} {row.origin}\n{'':18} {row.meaning}" for row in rows)
    here.say(text, {"settings": [vars(row) for row in rows]})


def _fix(here: Here, repository: Any, issue: Any, flags: Mapping[str, object], backend: Any = None) -> int:
    from swarm.fix import begin
    from swarm.parts import opened_parts
    from swarm.settings.trust import require_trust

    resolved = _settings(here, repository, flags)
    require_trust(resolved, repository.identity, os.environ)
    with opened_parts(repository, resolved.settings, backend) as parts:
        return _story(here, parts, begin(parts, issue).name)


def _story(here: Here, parts: Any, run: str) -> int:
    """Tell the story of a run to its end, and then what came of it. An end without a fix is a result like any other."""
    from swarm.errors import RunEnding
    from swarm.fix import fix as story
    from swarm.report import shown

    code = 0
    with _spectator(here, parts.store, run):
        try:
            story(parts, parts.store.run(run))
        except RunEnding as ending:
            code = ending.exit_code
            here.note(str(ending))
    here.say(*shown(parts.store, run, None))
    return code


@contextmanager
def _spectator(here: Here, store: Any, run: str) -> Iterator[None]:
    """Print what happens, from a thread of its own, as long as the story is told."""
    import threading

    from tui.plain import line

    over = threading.Event()
    started = store.run(run).started

    def watch() -> None:
        position = 0
        while True:
            last = over.is_set()
            for entry in store.entries(run, position):
                position = entry.position
                if here.form == "stream-json":
                    click.echo(entry.line())
                else:
                    here.note(line(entry.at - started, entry.event))
            if last:
                return
            over.wait(0.05)

    thread = threading.Thread(target=watch, name="spectator")
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _repository(here: Here) -> Any:
    from sandboxes.repository import Repository

    return Repository.at(here.folder)


def _settings(here: Here, repository: Any, flags: Mapping[str, object]) -> Any:
    from swarm.settings.sources import load

    resolved = load(repository.top, os.environ, flags)
    for notice in resolved.notices:
        here.note(notice)
    return resolved


@contextmanager
def _store(here: Here) -> Iterator[Any]:
    from swarm.parts import opened_store

    repository = _repository(here)
    with opened_store(repository, _settings(here, repository, {}).settings) as store:
        yield store


def main() -> None:
    """The command `swarm`."""
    here = Here()
    with _signals():
        code = _door(here)
    sys.stdout.flush()
    sys.exit(code)


def _door(here: Here) -> int:
    """Run a command; whatever goes wrong becomes an exit code and a message of three lines at most."""
    try:
        return int(cli.main(standalone_mode=False, obj=here) or 0)
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        return 130
    except BrokenPipeError:
        # Whoever read our output has had enough. Python would complain once more while it ends, into the same closed pipe.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141
    except Trouble as trouble:
        return _fail(here, trouble, str(trouble), trouble.exit_code)
    except Exception as error:
        return _fail(here, error, f"Unexpected error: {error!r}\nThis is a fault of swarm. Details: {_log(error)}", 1)


def _fail(here: Here, error: Exception, message: str, code: int) -> int:
    if here.debug:
        import traceback

        traceback.print_exception(error)
    if here.form != "text":
        click.echo(json.dumps({"schema": SCHEMA, "error": type(error).__name__, "message": message, "exit_code": code}))
    click.echo(visible(message, keep="\n"), err=True)
    return code


def _log(error: Exception) -> Path:
    """Keep the traceback in a file, so that the terminal can stay readable."""
    import tempfile
    import traceback

    with tempfile.NamedTemporaryFile("w", prefix="swarm-error-", suffix=".log", delete=False, encoding="utf-8") as log:
        log.write(f"swarm {__version__}, Python {sys.version}\n{' '.join(sys.argv)}\n\n")
        log.writelines(traceback.format_exception(error))
    return Path(log.name)


@contextmanager
def _signals() -> Iterator[None]:
    """Let a request to end (SIGTERM) unwind like Ctrl-C, so that sandboxes and worktrees are cleared away."""

    def terminate(_: int, __: FrameType | None) -> None:
        from swarm.errors import Terminated

        raise Terminated(run="last")

    before = signal.signal(signal.SIGTERM, terminate)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
