"""A sandbox proves itself before anything is run in it: the worst attacks are tried from inside, and all of them must fail."""

import fcntl
import json
import os
import secrets
import socket
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from sandboxes.command import Command, Ran
from sandboxes.environment import Environment, own
from sandboxes.sandbox import Backend, SandboxTrouble
from sandboxes.surroundings import CONSTANT, REPORT_FD
from sandboxes.values import Value

TIME = 30.0  # seconds for all attacks
ALLOWED = (*CONSTANT, REPORT_FD, "HOME", "TMPDIR", "PWD", "OLDPWD", "SHLVL", "_", "container", "HOSTNAME")


class Leaky(SandboxTrouble):
    """The sandbox does not hold on this machine: {reason}.
    Nothing else was run in it.
    Choose another kind with --sandbox; `swarm doctor` tells what this machine has."""


class Outside(Value):
    """Things that nobody inside may reach, though nothing but the sandbox forbids it."""

    file: Path
    port: int
    socket: str

    def described(self) -> bytes:
        """Tell the attacker where they are."""
        me = Path("/proc/self/cmdline")
        return json.dumps(
            {
                "file": str(self.file),
                "port": self.port,
                "socket": self.socket,
                "allowed": ALLOWED,
                "process": os.getpid(),
                "cmdline": me.read_bytes().hex() if me.exists() else "",
            }
        ).encode()


def prove(backend: Backend, environment: Environment | None = None) -> None:
    """Attack a sandbox of this kind from inside; raise `Leaky` if one attack comes through."""
    environment = environment or own()
    script = Path(__file__).with_name("programs").joinpath("hostile.py").read_text()
    with _outside() as outside, tempfile.TemporaryDirectory(prefix="swarm-probe-") as name:
        worktree = Path(name)
        argv = (environment.python, "-I", "-S", "-c", script)
        with backend.open(worktree, environment.toolchain) as sandbox:
            ran = sandbox.run(Command(argv=argv, stdin=outside.described(), timeout=TIME, report=True))
            found = [*_reported(ran), *_left(worktree)]
    if found:
        raise Leaky(reason="; ".join(found))


def _reported(ran: Ran) -> list[str]:
    lines = ran.report.decode("utf-8", "replace").splitlines()
    if ran.ok and lines[-1:] == ["done"]:
        return lines[:-1]
    if lines:  # what came through did so, however the attacker ended
        raise Leaky(reason="; ".join(lines))
    said = ran.stderr.text().strip() or f"it ended with {ran.exit_code} ({ran.ending.value})"
    raise SandboxTrouble(reason=f"the probe did not come to its end: {said}")


def _left(worktree: Path) -> list[str]:
    """Look from outside at what the attacker left: a living daemon, files of root."""
    traces = worktree / "daemon"
    found = []
    if sys.platform == "linux" and traces.stat().st_uid == 0:
        found.append("it runs as root outside, whatever it is called inside")
    with traces.open("r+b") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            found.append("a process it left behind is still running")
    return found


@contextmanager
def _outside() -> Iterator[Outside]:
    with ExitStack() as cleanup:
        folder = Path(cleanup.enter_context(tempfile.TemporaryDirectory(prefix="swarm-outside-")))
        folder.chmod(0o755)
        file = folder / "file"
        file.touch()
        file.chmod(0o666)
        listener = cleanup.enter_context(socket.create_server(("127.0.0.1", 0)))
        name = f"swarm-{secrets.token_hex(8)}"
        if sys.platform == "linux":
            hidden = cleanup.enter_context(socket.socket(socket.AF_UNIX))
            hidden.bind(f"\0{name}")
            hidden.listen()
        yield Outside(file, listener.getsockname()[1], name)
