"""The one hardened way in which swarm calls git, whatever the repository's and the user's own settings say."""

import os
import re
import shutil
import tempfile
import threading
from collections.abc import Mapping
from dataclasses import field
from pathlib import Path
from typing import BinaryIO

from sandboxes.trouble import Trouble
from sandboxes.values import Value

TIMEOUT = 600.0
NEVER = "/dev/null"
IDENTITY = {
    "GIT_AUTHOR_NAME": "swarm",
    "GIT_AUTHOR_EMAIL": "swarm@localhost",
    "GIT_COMMITTER_NAME": "swarm",
    "GIT_COMMITTER_EMAIL": "swarm@localhost",
}
CONSTANT = {
    "LC_ALL": "C",
    "HOME": "/nonexistent",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": NEVER,
    "GIT_ATTR_NOSYSTEM": "1",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_EDITOR": "true",
    "GIT_ASKPASS": "true",
    "GIT_ADVICE": "0",
    **IDENTITY,
}
SETTINGS = {
    "core.hooksPath": NEVER,
    "core.fsmonitor": "false",
    "core.attributesFile": NEVER,
    "core.excludesFile": NEVER,
    "core.fsync": "all",
    "core.fsyncMethod": "fsync",
    "core.protectHFS": "true",
    "core.protectNTFS": "true",
    "core.autocrlf": "false",
    "core.symlinks": "true",
    "core.fileMode": "true",
    "core.quotePath": "false",
    "core.filesRefLockTimeout": "5000",
    "core.packedRefsTimeout": "5000",
    "protocol.allow": "never",
    "protocol.file.allow": "always",
    "submodule.recurse": "false",
    "diff.ignoreSubmodules": "all",
    "gc.auto": "0",
    "maintenance.auto": "false",
    "commit.gpgSign": "false",
    "tag.gpgSign": "false",
    "safe.bareRepository": "explicit",
}


OF_THE_USER = re.compile(
    "GIT_(SSH.*|ASKPASS|SSL_.*|PROXY_COMMAND|CONFIG_(GLOBAL|SYSTEM|NOSYSTEM|COUNT|KEY_.*|VALUE_.*|PARAMETERS))"
)
"""The variables of git by which users say how they reach servers; the others say which repository is meant, or trace."""


class GitTrouble(Trouble):
    """Git could not do this: {what}
    It said: {said}"""

    exit_code = 6


class NoGit(GitTrouble):
    """Git is not to be had on this machine: {reason}
    Install git 2.39 or newer."""

    exit_code = 7


class Git(Value):
    """Git on one pinned git dir, and on one pinned work tree and index where they are given."""

    git_dir: Path
    work_tree: Path | None = None
    index: Path | None = None
    settings: Mapping[str, str] = field(default_factory=dict)
    """Said after the constant ones, so they win."""
    variables: Mapping[str, str] = field(default_factory=dict)
    """More of its environment."""
    timeout: float = TIMEOUT

    def run(self, *args: str, stdin: bytes | BinaryIO = b"", environment: Mapping[str, str] | None = None) -> bytes:
        """Run git and give back exactly what it printed."""
        pinned = {**self.variables, "GIT_DIR": str(self.git_dir)}
        if self.work_tree is not None:
            pinned["GIT_WORK_TREE"] = str(self.work_tree)
        if self.index is not None:
            pinned["GIT_INDEX_FILE"] = str(self.index)
        options = [part for key, value in self.settings.items() for part in ("-c", f"{key}={value}")]
        return execute((*options, *args), {**pinned, **(environment or {})}, stdin, self.git_dir, self.timeout)

    def text(self, *args: str, stdin: bytes | BinaryIO = b"", environment: Mapping[str, str] | None = None) -> str:
        """Run git and give back what it printed as text without its last line end."""
        return decoded(self.run(*args, stdin=stdin, environment=environment)).removesuffix("\n")


def version() -> str:
    """Say which git this is."""
    return decoded(execute(("version",), {}, b"", Path("/"), 20.0)).strip()


def decoded(name: bytes) -> str:
    """Read a path or a message of git; bytes that are no UTF-8 survive the way there and back."""
    return name.decode("utf-8", "surrogateescape")


def encoded(name: str) -> bytes:
    """Undo `decoded`."""
    return name.encode("utf-8", "surrogateescape")


def execute(
    args: tuple[str, ...], environment: Mapping[str, str], stdin: bytes | BinaryIO, folder: Path, timeout: float
) -> bytes:
    """Run git with the constant settings and an environment made from nothing."""
    with tempfile.TemporaryFile() as spool:
        if isinstance(stdin, bytes):
            spool.write(stdin)
            spool.seek(0)
            return _executed(args, environment, spool if stdin else None, folder, timeout)
        return _executed(args, environment, stdin, folder, timeout)


def execute_as_user(args: tuple[str, ...], environment: Mapping[str, str], timeout: float) -> bytes:
    """Run git with what the user's own git has to reach a server: their home, their agents and helpers, their proxies.

    The constant settings hold here as well, so no hook is run; and no variable says which repository is meant but those given.
    """
    settings = [part for key, value in SETTINGS.items() for part in ("-c", f"{key}={value}")]
    foreign = [name for name in os.environ if name.startswith("GIT_") and not OF_THE_USER.fullmatch(name)]
    # The names of variables stand in arguments, which everybody can read; their values, some of them secret, never do.
    launcher = ["/usr/bin/env", *(part for name in foreign for part in ("-u", name)), _git(), "--no-pager", *settings]
    return _started(launcher, args, None, Path("/"), timeout, {"GIT_TERMINAL_PROMPT": "0", **environment})


def _executed(
    args: tuple[str, ...], environment: Mapping[str, str], stdin: BinaryIO | None, folder: Path, timeout: float
) -> bytes:
    return _started(_launcher(environment), args, stdin, folder, timeout, {})


def _started(
    launcher: list[str],
    args: tuple[str, ...],
    stdin: BinaryIO | None,
    folder: Path,
    timeout: float,
    environment: Mapping[str, str],
) -> bytes:
    try:
        import git  # noqa: PLC0415  # importing it starts git, so it waits until git is needed
    except ImportError as error:
        raise NoGit(reason=str(error).splitlines()[0]) from error
    try:
        status, output, said = git.Git(str(folder)).execute(
            [*launcher, *args],
            istream=stdin,
            env=dict(environment),
            stdout_as_string=False,
            strip_newline_in_stdout=False,
            kill_after_timeout=timeout,
            with_extended_output=True,
            with_exceptions=False,
        )
    except git.GitCommandNotFound as error:
        raise NoGit(reason=str(error)) from error
    except BaseException:
        _call_off_timers()
        raise
    if status != 0:
        reason = f"nothing within {timeout:g} seconds, so it was ended" if said.startswith("Timeout: ") else said.strip()
        raise GitTrouble(what=f"git {' '.join(_verb(args))}", said=reason or f"nothing, and left with status {status}")
    assert isinstance(output, bytes)
    return output


def _call_off_timers() -> None:
    """Whoever is interrupted must not wait for the time-out of git: GitPython leaves its timer, and Python waits for it."""
    for thread in threading.enumerate():
        if isinstance(thread, threading.Timer) and thread.function.__module__ == "git.cmd":
            thread.cancel()


def _launcher(environment: Mapping[str, str]) -> list[str]:
    """Start through `env -i`, because GitPython adds to the environment it was born in and never takes away."""
    found = _git()
    search = f"{Path(found).parent}:{os.defpath.lstrip(':')}"
    variables = {"PATH": search, **CONSTANT, **environment}
    options = [part for key, value in SETTINGS.items() for part in ("-c", f"{key}={value}")]
    return ["/usr/bin/env", "-i", *(f"{key}={value}" for key, value in variables.items()), found, "--no-pager", *options]


def _git() -> str:
    found = shutil.which("git")
    if found is None:
        raise NoGit(reason="there is no `git` in $PATH")
    return found


def _verb(args: tuple[str, ...]) -> tuple[str, ...]:
    """Name the call for a person: the command without the settings before it."""
    start = next((at for at, word in enumerate(args) if at % 2 == 0 and word not in ("-c", "-C")), 0)
    return args[start : start + 4]
