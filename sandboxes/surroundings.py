"""The constant environment of every sandboxed command: made from nothing, never inherited."""

from collections.abc import Mapping
from pathlib import PurePosixPath

from sandboxes.command import Command
from sandboxes.sandbox import SandboxTrouble

CONSTANT = {
    "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "LANG": "C.UTF-8",
    "TERM": "dumb",
    "NO_COLOR": "1",
    "CI": "1",
    "PYTHONDONTWRITEBYTECODE": "1",
    "PIP_NO_INPUT": "1",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_TERMINAL_PROMPT": "0",
}
REPORT_FD = "SWARM_REPORT_FD"


def environment(command: Command, *, home: str, temporary: str, report_fd: int | None) -> dict[str, str]:
    """Make the whole environment of one command."""
    own: Mapping[str, str] = {} if report_fd is None else {REPORT_FD: str(report_fd)}
    return {**CONSTANT, "HOME": home, "TMPDIR": temporary, **command.environment, **own}


def inside(folder: str) -> str:
    """Give back where a command starts, if that lies in the worktree."""
    path = PurePosixPath(folder)
    if path.is_absolute() or ".." in path.parts or "\0" in folder:
        raise SandboxTrouble(reason=f"a command must start inside the worktree, not in {folder!r}")
    return str(path)
