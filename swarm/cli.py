"""The commands. This is the only door: whatever goes wrong leaves by it, with an exit code and a message of three lines."""

import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any, BinaryIO

import click

from sandboxes.trouble import Trouble
from swarm import __version__
from swarm.speech import Speech

if TYPE_CHECKING:
    # `swarm --help` must not load what only the commands need.
    from sandboxes.repository import Repository
    from swarm.blackboard.store import Store
    from swarm.settings.resolved import Resolved

Command = Callable[..., Any]


@dataclass
class Here:
    """Where a command was called, and how it is to speak."""

    speech: Speech = field(default_factory=Speech)
    folder: Path = field(default_factory=Path.cwd)
    debug: bool = False

    def repository(self) -> "Repository":
        """The user's repository."""
        from sandboxes.repository import Repository

        return Repository.at(self.folder)

    def settings(self, repository: "Repository", **flags: object) -> "Resolved":
        """The settings that hold here; what they have to say for themselves is said."""
        from swarm.settings.sources import load

        resolved = load(repository.top, os.environ, flags)
        for notice in resolved.notices:
            self.speech.note(notice)
        return resolved

    @contextmanager
    def store(self) -> "Iterator[Store]":
        """The blackboard of the repository."""
        from swarm.parts import opened_store

        repository = self.repository()
        with opened_store(repository, self.settings(repository).settings) as store:
            yield store


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


def running(command: Command) -> Command:
    """Give a command the options that a run goes by. What is not given is left to the other sources of settings."""

    def hush(context: click.Context, _: click.Parameter, value: Any) -> None:
        context.ensure_object(Here).speech.quiet = bool(value)

    options: list[Callable[[Command], Command]] = [
        click.option("-n", "--agents", type=int, help="How many workers work at once."),
        click.option("--sandbox", help="auto, docker, bubblewrap, or none (commands run as you)."),
        click.option("--env", help="auto, inherit (the environment you work in), or build (one for runs)."),
        click.option("--image", help="A container image whose programs commands find: with Python and pytest."),
        click.option("--setup", help="A shell line that completes an environment when it is built."),
        click.option("-t", "--test-cmd", "test", help="The command that runs the tests."),
        click.option("--base", help="The commit to start from."),
        click.option("--timeout", type=float, help="Seconds after which the run stops."),
        click.option("--max-cost", type=float, help="Dollars that the run may spend."),
        click.option("--max-tokens", type=int, help="Tokens that the run may use."),
        plainly,
        click.option("-q", "--quiet", is_flag=True, expose_value=False, callback=hush, help="Print the result only."),
    ]
    for option in reversed(options):
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


FIX_EXAMPLES = """\b
Examples:
  swarm fix ISSUE.md
  swarm fix "price() charges shipping twice" -n 4 --json
  git log -1 --format=%B | swarm fix - --quiet
"""


@cli.command(epilog=FIX_EXAMPLES)
@click.argument("issue")
@click.option("--test", "tests", multiple=True, metavar="ID", help="A failing test that shows the bug; can be repeated.")
@click.option("--merge", "merging", is_flag=True, help="Merge the fix into the branch that you have checked out.")
@click.option("--reproduction", type=click.File("rb"), metavar="FILE", help="A test file of yours that shows the bug.")
@running
@click.pass_obj
def fix(here: Here, /, issue: str, tests: tuple[str, ...], reproduction: BinaryIO | None, merging: bool, **flags: object) -> int:
    """Fix a bug and leave the fix, with its proof, as a branch.

    ISSUE is a text, a file, or - for standard input.
    """
    from swarm.fix import begin
    from swarm.footing import given_reproduction
    from swarm.issue import read_issue
    from swarm.parts import opened_parts
    from swarm.settings.trust import require_trust
    from swarm.telling import told

    repository, read = here.repository(), read_issue(issue, sys.stdin.buffer)
    resolved = here.settings(repository, **flags)
    require_trust(resolved, repository.identity, os.environ)
    with opened_parts(repository, resolved.settings) as parts:
        given = given_reproduction(parts.store, tests, reproduction)
        return told(here.speech, parts, begin(parts, read, *given).name, _consent(yes=False) if merging else None)


@cli.command()
@click.argument("folder", required=False, type=click.Path(path_type=Path))
@running
@click.pass_obj
def demo(here: Here, /, folder: Path | None, **flags: object) -> int:
    """Fix a small bundled repository.

    It is put into FOLDER, a new temporary one if none is given.
    """
    from swarm.demo import lay_out
    from swarm.fix import begin
    from swarm.issue import read_issue
    from swarm.parts import lenient, opened_parts
    from swarm.telling import told

    here.folder, issue = lay_out(folder)
    here.speech.note(f"a buggy repository is at {here.folder}; its bug report is {issue.name}")
    repository = here.repository()
    settings = here.settings(repository, **flags).settings
    with opened_parts(repository, settings, lenient(here.speech.note)) as parts:
        return told(here.speech, parts, begin(parts, read_issue(str(issue), sys.stdin.buffer)).name)


VERIFY_EXAMPLES = """\b
Examples:
  swarm verify fix.diff --reproduction test_bug.py
  git diff main | swarm verify - --json
  swarm verify my-branch --reproduction tests/test_shop.py::test_threshold --junit verdict.xml

\b
Ends with 0 if the patch is verified, or, where no reproduction was given, if nothing broke; with 4 if it is rejected or
needs a person; 7 if there is no sandbox or environment; 9 if nothing could be verified.
"""


@cli.command(epilog=VERIFY_EXAMPLES)
@click.argument("patch")
@click.option("--issue", help="The bug report: a text, a file, or -.")
@click.option("--reproduction", "reproductions", multiple=True, help="A test file, a script, or a test of base. Repeatable.")
@click.option("--junit", type=click.Path(dir_okay=False, path_type=Path), help="Write the verdict there as JUnit XML.")
@running
@click.pass_obj
def verify(
    here: Here, /, patch: str, issue: str | None, reproductions: tuple[str, ...], junit: Path | None, **flags: object
) -> int:
    """Judge a patch on this repository, with no agents and no model.

    PATCH is a file with a diff, - for standard input, or a branch. Without a reproduction the best verdict is no-regression.
    """
    from swarm.issue import read_issue
    from swarm.parts import opened_parts
    from swarm.settings.trust import require_trust
    from swarm.verify import submission
    from swarm.verify import verify as judged

    repository = here.repository()
    read = read_issue(issue, sys.stdin.buffer) if issue is not None else None
    resolved = here.settings(repository, **flags)
    require_trust(resolved, repository.identity, os.environ)
    with opened_parts(repository, resolved.settings) as parts:
        submitted = submission(parts, patch, sys.stdin.buffer)
        ruling = judged(parts, submitted, reproductions=reproductions, issue=read, note=here.speech.note)
    if junit is not None:
        junit.write_bytes(ruling.junit())
    here.speech.say(ruling.text(), ruling.value())
    return ruling.exit_code


@cli.command()
@click.argument("run", default="last")
@speaking
@click.pass_obj
def resume(here: Here, run: str) -> int:
    """Go on with a run that was interrupted.

    RUN is the name of a run, or its beginning; the last one if none is given.
    """
    from swarm.fix import resumable
    from swarm.parts import opened_parts
    from swarm.settings.values import Settings
    from swarm.telling import told

    repository = here.repository()
    with here.store() as store:
        found = resumable(store, run)
    with opened_parts(repository, Settings.from_json(found.settings)) as parts:
        return told(here.speech, parts, found.name)


@cli.command()
@click.argument("run", default="last")
@speaking
@click.pass_obj
def stop(here: Here, run: str) -> None:
    """Ask a run to stop; it can be resumed.

    RUN is the name of a run, or its beginning; the last one if none is given.
    """
    from swarm.blackboard.requests import Wish

    with here.store() as store:
        request = store.request(store.run(run).name, Wish.STOP_ALL)
        here.speech.say(f"asked run {request.run} to stop", {"run": request.run, "request": request.number})


@cli.command(name="ls")
@speaking
@click.pass_obj
def list_runs(here: Here) -> None:
    """List the runs of this repository, newest first."""
    from swarm.report import brief, runs_text

    with here.store() as store:
        runs = store.runs()
        here.speech.say(runs_text(runs), {"runs": [brief(run) for run in runs]})


@cli.command()
@click.argument("run", default="last")
@click.argument("thing", required=False)
@speaking
@click.pass_obj
def show(here: Here, run: str, thing: str | None) -> None:
    """Show a run, or a thing of it.

    RUN is the name of a run, or its beginning; the last one if none is given. A THING is a task (t1), a finding with its
    evidence (f1), or a candidate with its verdict (c1).
    """
    from swarm.report import thing_shown

    with here.store() as store:
        here.speech.say(*thing_shown(store, store.run(run).name, thing))


@cli.command()
@click.argument("run", default="last")
@click.argument("candidate", required=False)
@click.option("--stat", is_flag=True, help="Only how many lines of which files.")
@speaking
@click.pass_obj
def diff(here: Here, run: str, candidate: str | None, stat: bool) -> None:
    """Show the fix of a run as a plain diff, which `git apply` takes.

    RUN is the name of a run, or its beginning; the last one if none is given. A CANDIDATE (c1) is another attempt of it.
    """
    from swarm.landings import opened_harbour
    from swarm.patches import candidate_named, patch_bytes, patch_object

    run, candidate = _run_and_candidate(run, candidate)
    repository = here.repository()
    with opened_harbour(repository, here.settings(repository).settings) as place:
        found = candidate_named(place.store, place.store.run(run).name, candidate)
        patch = patch_bytes(place.mirror, place.store, found)
        shown = patch_bytes(place.mirror, place.store, found, stat=True) if stat else patch
        here.speech.give(shown, patch_object(found, patch))


def _run_and_candidate(run: str, candidate: str | None) -> tuple[str, str | None]:
    """The run may be left out before a candidate; no name of a run is so short that it could be meant."""
    lone = candidate is None and run[:1] == "c" and run[1:].isdecimal() and len(run) < 4
    return ("last", run) if lone else (run, candidate)


@cli.command()
@click.argument("run", default="last")
@click.argument("candidate", required=False)
@click.option("-y", "--yes", is_flag=True, help="You have looked at a fix that needs a review: merge it.")
@speaking
@click.pass_obj
def merge(here: Here, run: str, candidate: str | None, yes: bool) -> None:
    """Merge the fix of a run into the branch that you have checked out.

    It is merged with the head of today and judged there again first. RUN is the name of a run, or its beginning; the last one
    if none is given. A CANDIDATE (c1) is another attempt of it. Hooks of the repository are not run.
    """
    from swarm.parts import opened_parts
    from swarm.settings.values import Settings
    from swarm.telling import merged

    run, candidate = _run_and_candidate(run, candidate)
    repository = here.repository()
    with here.store() as store:
        found = store.run(run)
    with opened_parts(repository, Settings.from_json(found.settings)) as parts:
        merged(here.speech, parts, found.name, candidate, _consent(yes))


def _consent(yes: bool) -> "Callable[[str], bool]":
    """Ask the person, if there is one at a terminal; otherwise only `--yes` is a yes."""

    def ask(reason: str) -> bool:
        from swarm.visible import visible

        return yes or (sys.stdin.isatty() and click.confirm(f"{visible(reason)}\nMerge it all the same?", err=True))

    return ask


@cli.command()
@click.argument("run", default="last")
@speaking
@click.pass_obj
def undo(here: Here, run: str) -> None:
    """Take the merge of a run back, or, if there was none, the branch that it made.

    Only if nothing was built on it since. RUN is the name of a run, or its beginning; the last one if none is given.
    """
    from swarm.landings import opened_harbour
    from swarm.merging import undo as undone
    from swarm.report import landed_object

    repository = here.repository()
    with opened_harbour(repository, here.settings(repository).settings) as place:
        found = place.store.run(run)
        landed = undone(place, found)
        here.speech.say(landed.sentence, landed_object(found.name, landed))


@cli.command()
@click.argument("run", default="last")
@click.option("--replay", is_flag=True, help="Let it happen again, from its beginning.")
@click.option("--speed", type=click.FloatRange(min=0, min_open=True), default=1.0, help="How many times as fast. [1]")
@plainly
@speaking
@click.pass_obj
def watch(here: Here, run: str, replay: bool, speed: float) -> None:
    """Watch a run, on a terminal on the screen.

    RUN is the name of a run, or its beginning; the last one if none is given. Leaving with q or Ctrl-C does not stop it.
    """
    from swarm.settings.places import state_folder
    from swarm.telling import watched

    with here.store() as store:
        found = store.run(run)
        if not here.speech.on_terminal():
            watched(here.speech, store, found)
            return
        from swarm.showing import again_on_screen, on_screen

        folder = state_folder(here.repository().identity, os.environ)
        if replay:
            again_on_screen(store, found, folder, speed)
        else:
            on_screen(store, found, folder)


@cli.command()
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


@cli.command()
@click.option("--older-than", "days", type=click.FloatRange(min=0), default=30.0, help="Days without use. [30]")
@click.option("-y", "--yes", is_flag=True, help="Remove it; without this, only say what would go.")
@speaking
@click.pass_obj
def gc(here: Here, days: float, yes: bool) -> None:
    """Say what nobody needs any more of what swarm keeps for all repositories, and how large it is."""
    from swarm.gc import Collection

    collection = Collection.at(os.environ, days=days, remove=yes)
    here.speech.say(collection.text(), collection.value())


@cli.group(invoke_without_command=True)
@speaking
@click.pass_context
def config(context: click.Context) -> None:
    """Show every setting and its origin."""
    if context.invoked_subcommand is None:
        here = context.ensure_object(Here)
        rows = here.settings(here.repository()).table()
        text = "\n".join(f"{row.key:<18} {row.value!s:<10} {row.origin}\n{'':18} {row.meaning}" for row in rows)
        here.speech.say(text, {"settings": [vars(row) for row in rows]})


@config.command()
@click.pass_obj
def trust(here: Here) -> None:
    """Trust the commands in this repository's own settings, as they are now."""
    from swarm.settings.trust import trust as remember

    repository = here.repository()
    resolved = here.settings(repository)
    remember(resolved, repository.identity, os.environ)
    named = ", ".join(f"{key.name} = {resolved.value(key)!r}" for key in resolved.guarded())
    here.speech.note(f"trusted, as they are now: {named}" if named else "the repository's settings name nothing that needs trust")


@config.command()
@click.pass_obj
def distrust(here: Here) -> None:
    """Forget that this repository's settings were trusted."""
    from swarm.settings.trust import revoke

    here.speech.note(f"forgot {revoke(here.repository().identity, os.environ)} trusted contents")


def main() -> None:
    """The command `swarm`."""
    here = Here()
    with _terminable():
        code = _door(here)
    sys.exit(code)


def _door(here: Here) -> int:
    """Run a command; whatever goes wrong becomes an exit code and a message."""
    try:
        return int(cli.main(standalone_mode=False, obj=here) or 0)
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        return 130
    except BrokenPipeError:
        # Whoever read our output has had enough. Python would complain once more as it ends, into the same closed pipe.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141
    except Trouble as trouble:
        from swarm.errors import shown

        return _failed(here, trouble, shown(trouble), trouble.exit_code)
    except Exception as error:  # noqa: BLE001 - the one place that catches everything
        return _failed(here, error, f"Unexpected error: {error!r}\nThis is a fault of swarm; {_log(error)} has the details.", 1)


def _failed(here: Here, error: Exception, message: str, code: int) -> int:
    if here.debug:
        import traceback

        traceback.print_exception(error)
    here.speech.fail(error, message, code)
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
def _terminable() -> Iterator[None]:
    """Let a wish to end (SIGTERM) unwind like Ctrl-C, so that sandboxes and worktrees are cleared away."""

    def terminate(_: int, __: FrameType | None) -> None:
        from swarm.errors import Terminated

        raise Terminated(run="last")

    before = signal.signal(signal.SIGTERM, terminate)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
