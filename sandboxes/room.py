"""One bubblewrap sandbox: how a command is started in it, and how its end is known."""

import json
import os
import platform
import signal
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from functools import cache
from io import FileIO
from pathlib import Path

from sandboxes import process, profile, seccomp
from sandboxes.cgroup import Group
from sandboxes.command import Command, Ending, Ran
from sandboxes.privileges import Outsider, tool
from sandboxes.sandbox import SandboxTrouble
from sandboxes.surroundings import environment, inside
from sandboxes.values import Value

SHELL = "/bin/sh"
PATIENCE = 5.0  # seconds within which the kernel has ended everything in a killed sandbox
BY_SIGNAL = {128 + number for number in signal.valid_signals()}
BLOCK = 512  # bytes: the unit of the shell's file size limit
KIBIBYTE = 1024  # bytes: the unit of its memory limit


class Room(Value):
    """A sandbox that stands ready; every command gets a fresh process and the same files."""

    view: profile.View
    who: Outsider | None
    limited: Group
    apart: tuple[str, ...]
    """Starts a command where everything that the view shows is mounted."""
    guards: tuple[process.Guard, ...]

    def run(self, command: Command) -> Ran:
        """Run one command to its end."""
        with process.report_pipe(wanted=command.report) as report, _status() as status, ExitStack() as spools:
            lent = profile.Lent(
                init=spools.enter_context(FileIO(SHELL)).fileno(),
                filter=spools.enter_context(_spool(seccomp.program(platform.machine()))).fileno(),
                status=status.writer.fileno(),
            )
            variables = self._variables(command, report.writer.fileno() if report else None)
            words = profile.arguments(self.view, lent, folder=inside(command.folder), environment=variables)
            args = spools.enter_context(_spool(os.fsencode("\0".join(words)) + b"\0")).fileno()
            launch = process.Launch(
                argv=self._argv(args, command.argv),
                environment={"PATH": os.defpath},  # it can be read in /proc from inside, so there is nothing to read
                keep_open=(args, *lent.all()),
                owner=self.who.uid if self.who else None,
                settle=status.settle,
            )
            return status.judged(process.run(launch, command, report, self.guards))

    def _argv(self, args: int, argv: tuple[str, ...]) -> tuple[str, ...]:
        script = _script("init.sh")
        start = (tool("bwrap"), "--args", str(args), "--", profile.INIT, "-c", script, "init", *argv)
        doors = tuple(str(door) for door in self.limited.doors)
        outside = self.who.command(start) if self.who else start
        return (*self.apart, SHELL, "-c", _script("stage.sh"), "stage", *doors, "--", *outside)

    def _variables(self, command: Command, report_fd: int | None) -> dict[str, str]:
        limits = self.view.limits
        return {
            **environment(command, home=profile.HOME, temporary="/tmp", report_fd=report_fd),  # noqa: S108  # the sandbox's own
            "SWARM_OPEN_FILES": str(limits.open_files),
            "SWARM_FILE_BLOCKS": str(limits.file // BLOCK),
            "SWARM_PROCESSES": str(limits.processes),
            "SWARM_ADDRESS_SPACE": "" if self.limited.counts_memory else str(limits.memory // KIBIBYTE),
        }


class _Status(Value):
    """What bubblewrap says about the sandbox, over a pipe that nobody inside has."""

    reader: FileIO
    writer: FileIO
    said: dict[str, int]

    def settle(self) -> None:
        """Wait until the first process is gone; the kernel lets it go only after all others."""
        self._listen()
        deadline = time.monotonic() + PATIENCE
        while _lives(self.said.get("child-pid", 0)):
            if time.monotonic() > deadline:
                raise SandboxTrouble(reason=f"what runs in it (process {self.said['child-pid']}) does not die")
            time.sleep(0.002)

    def judged(self, ran: Ran) -> Ran:
        """Tell a command that failed from a sandbox that never came to be."""
        if ran.ending is not Ending.EXITED:
            return ran
        if "exit-code" not in self.said:
            raise SandboxTrouble(reason=ran.stderr.text().strip() or f"bwrap ended with status {ran.exit_code} before the start")
        return replace(ran, ending=Ending.KILLED if ran.exit_code in BY_SIGNAL else Ending.EXITED)

    def _listen(self) -> None:
        text = b""
        while data := self.reader.read(65536):
            text += data
        for line in text.splitlines():
            self.said.update({key: value for key, value in json.loads(line).items() if isinstance(value, int)})


@contextmanager
def _status() -> Iterator[_Status]:
    reader, writer = os.pipe()
    os.set_blocking(reader, False)
    with FileIO(reader, "rb") as out, FileIO(writer, "wb") as into:
        yield _Status(out, into, {})


@contextmanager
def _spool(data: bytes) -> Iterator[FileIO]:
    """Lend a file that holds these bytes and has no name."""
    with tempfile.TemporaryFile(buffering=0) as file:
        assert isinstance(file, FileIO)
        file.write(data)
        file.seek(0)
        yield file


@cache
def _script(name: str) -> str:
    return Path(__file__).with_name(name).read_text()


def _lives(pid: int) -> bool:
    """Whether this is still the first process of a process namespace of its own."""
    try:
        facts: Mapping[str, str] = dict(
            line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines() if ":" in line
        )
    except (FileNotFoundError, ProcessLookupError):
        return False
    numbers = facts.get("NSpid", "").split()
    return len(numbers) > 1 and numbers[-1] == "1" and not facts["State"].strip().startswith("Z")
