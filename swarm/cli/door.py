"""The only door: whatever goes wrong leaves by it, with an exit code and a message of three lines."""

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

import click

from sandboxes.trouble import Trouble
from swarm import __version__
from swarm.cli.commands import cli
from swarm.cli.here import Here

MEANT = (2, 4, 130, 143)
"""What a lenient hook ends with all the same: wrong usage, guilt, and the person's own wish to end it."""


def main() -> None:
    """The command `swarm`."""
    here = Here()
    code = ended(here)
    for what in here.last:
        what()
    sys.exit(code)


def ended(here: Here) -> int:
    """Run the command that this process was called for; answer how it ended."""
    with _terminable():
        code = _door(here)
    return 0 if here.lenient and code not in MEANT else code


def _door(here: Here) -> int:
    """Run a command; whatever goes wrong becomes an exit code and a message."""
    try:
        return int(cli.main(standalone_mode=False, obj=here) or 0)
    except click.ClickException as error:
        if isinstance(error, click.NoSuchOption) and any(error.option_name in option.opts for option in cli.params):
            said = f"{error.option_name} goes before the command, as in `swarm {error.option_name} …`."
            error = click.UsageError(said, error.ctx)
        error.show()
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        return 130
    except (BrokenPipeError, SystemExit):  # click makes the second of the first, and of nothing else
        # Whoever read our output has had enough. Python would complain once more as it ends, into the same closed pipe.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141
    except Trouble as trouble:
        from swarm.errors import shown

        return _failed(here, trouble, shown(trouble), trouble.exit_code)
    except Exception as error:  # noqa: BLE001 - the one place that catches everything
        return _failed(here, error, f"Unexpected error: {error!r}\nThis is a fault of swarm; {log(error)} has the details.", 1)


def _failed(here: Here, error: Exception, message: str, code: int) -> int:
    if here.debug:
        import traceback

        traceback.print_exception(error)
    here.speech.fail(error, message, code)
    return code


def log(error: Exception) -> Path:
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
