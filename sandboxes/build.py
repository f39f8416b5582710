"""Builds the environment of a project once, with the network, and from then on lends it read-only."""

import hashlib
import json
import os
import platform
import re
import shutil
import stat
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import field
from pathlib import Path
from typing import Any, TextIO

from sandboxes.choice import choose
from sandboxes.command import Command, Ran
from sandboxes.environment import Environment
from sandboxes.installers import TIMEOUT, Installer, Site, Uv, installer, written
from sandboxes.interpreters import Interpreter, interpreter_for
from sandboxes.lock import locked
from sandboxes.mirror import Mirror
from sandboxes.privileges import Outsider
from sandboxes.recipe import Recipe
from sandboxes.registry import Registry, registry
from sandboxes.removal import remove
from sandboxes.sandbox import Backend, Networked, NoSandbox, Sandbox
from sandboxes.surroundings import CONSTANT
from sandboxes.trouble import Trouble
from sandboxes.values import Value
from sandboxes.walk import walk

FORMAT = 1
"""Part of every key: raised when environments are built in another way."""
SHORT = 120.0
TOLD = 300
"""Characters of an installer's last words in an error."""
MOST = 50
"""Folders and notes that a build may bring along."""
FRAME = re.compile(r"^[^\w`'\"(]+|\s+$")
"""What installers draw around their words."""


class NotBuilt(Trouble):
    """The environment could not be built: {reason}
    Everything that was said is in {log}
    Correct it and try again, or use the environment that you work in: --env inherit"""

    exit_code = 7


class NoNetwork(Trouble):
    """The environment cannot be built: a {sandbox} sandbox cannot have the network, and {reason}.
    Outside of a sandbox no project is built.
    Use the environment that you work in: --env inherit"""

    exit_code = 7


class NativeProject(Trouble):
    """The environment cannot be built: {reason}, and swarm does not compile a worktree anew for each change yet.
    Only changes to its Python files could be tested, in an environment of yours: --env inherit"""

    exit_code = 7


class Builder(Value, kw_only=True):
    """Builds environments for the trees of one mirror, in one folder."""

    mirror: Mirror
    backend: Backend
    cache: Path
    stop: threading.Event = field(default_factory=threading.Event)
    """Set it, and a build is ended."""
    tell: Callable[[str], None]
    """Takes a sentence for the person who waits."""
    setup: str = ""
    """A shell line of the user's that completes the environment."""

    def built(self, tree: str, recipe: Recipe) -> Environment:
        """The environment of a recipe. However many ask for it at once, it is built by one and the others wait."""
        interpreter, means = interpreter_for(recipe.python, recipe.pinned), installer()
        self.cache.mkdir(mode=0o700, parents=True, exist_ok=True)
        place = self.cache.resolve() / _key(recipe, interpreter, means, self.backend.name, self.setup)
        with locked(place.with_suffix(".lock")):
            if not (place / "ready.json").is_file():
                self._build(place, tree, recipe, interpreter, means)
            os.utime(place / "ready.json")  # `swarm gc` keeps what was used lately
            kept = json.loads((place / "ready.json").read_text())
        return _environment(place, interpreter, kept["first"], kept["notes"])

    def _build(self, place: Path, tree: str, recipe: Recipe, interpreter: Interpreter, means: Installer) -> None:
        must_be_python(recipe)
        log = place.with_suffix(".log")
        self.tell(f"building the environment with {means.name} and Python {interpreter.version}; the log is {log}")
        remove(place)
        try:
            with log.open("w", encoding="utf-8") as said:
                self._fill(place, tree, recipe, interpreter, means, _Log(said, log))
        except BaseException:
            remove(place)
            raise

    def _fill(self, place: Path, tree: str, recipe: Recipe, interpreter: Interpreter, means: Installer, log: "_Log") -> None:
        site = Site(place / "room", place / "tools")
        for folder in (place, site.room, site.tools, site.scratch):
            folder.mkdir(mode=0o755)
        if isinstance(means, Uv):
            shutil.copy(means.program, site.tools / "uv")
        for file, text in written(recipe, site).items():
            file.write_text(text + "\n")
        with self.mirror.worktree(tree, site.project):
            told = self._install(site, recipe, interpreter, means, log)
        for leftover in (site.scratch, site.tools, *written(recipe, site)):
            remove(leftover)
        if site.venv.is_symlink() or not site.venv.is_dir():
            raise NotBuilt(reason="something has put a link in its place", log=log.place)
        seal(site.room)
        notes = (*told["notes"], *((f"{recipe.native}, which are not compiled anew in a worktree",) if recipe.native else ()))
        environment = _environment(place, interpreter, tuple(dict.fromkeys((*told["roots"], ".", "src"))), notes)
        self._prove(place, environment, log)
        _keep(place / "ready.json", {"first": environment.first, "notes": environment.notes})

    def _install(self, site: Site, recipe: Recipe, interpreter: Interpreter, means: Installer, log: "_Log") -> Mapping[str, Any]:
        backend = self._networked()
        known = registry(os.environ)
        log.note(known)
        with backend.open_networked(site.room, (site.tools, *_toolchain(interpreter))) as sandbox:
            for command in means.commands(recipe, interpreter, site, known.variables):
                log.run(sandbox, command)
            if self.setup:
                log.run(sandbox, _completing(self.setup, site, known))
            ran = log.run(sandbox, _detaching(site, recipe, interpreter))
        return log.told(ran)

    def _networked(self) -> Networked:
        """The kind of sandbox that the run has, if it can have the network, or else bubblewrap."""
        if isinstance(self.backend, Networked):
            return self.backend
        try:
            other = choose("bubblewrap", self.stop)
        except NoSandbox as error:
            raise NoNetwork(sandbox=self.backend.name, reason=error.facts["reason"]) from error
        assert isinstance(other, Networked)
        return other

    def _prove(self, place: Path, environment: Environment, log: "_Log") -> None:
        """See that it starts where it will be used: without network, read-only, and with pytest."""
        empty = place / "empty"
        empty.mkdir()
        with self.backend.open(empty, environment.toolchain) as sandbox:
            log.run(sandbox, Command(argv=(environment.python, "-c", "import pytest"), timeout=SHORT))
        remove(empty)


class _Log(Value):
    """What was run and what it said, for the user to read."""

    file: TextIO
    place: Path

    def note(self, known: Registry) -> None:
        for name in known.withheld:
            self._write(f"${name} holds a password, which code of strangers could read here; it is left out.\n")

    def run(self, sandbox: Sandbox, command: Command) -> Ran:
        """Run a command; if it fails, so does everything."""
        self._write(f"$ {' '.join(command.argv)}\n")
        ran = sandbox.run(command)
        said = ran.stdout.text() + ran.stderr.text()
        self._write(f"{said}\n[{ran.ending.value}, exit code {ran.exit_code}, {ran.seconds:.1f} s]\n\n")
        if not ran.ok:
            name = " ".join(Path(word).name if at == 0 else word for at, word in enumerate(command.argv[:4]))
            why = "took too long" if ran.exit_code == 0 else f"ended with {ran.exit_code}"
            raise NotBuilt(reason=f"`{name}` {why}: {_last_words(said)}", log=self.place)
        return ran

    def told(self, ran: Ran) -> Mapping[str, Any]:
        """What came over the report pipe. It is from a room in which strangers' code ran, so it is looked at closely."""
        try:
            told = json.loads(ran.report)
            roots, notes = ([text for text in told[name] if isinstance(text, str)] for name in ("roots", "notes"))
        except (ValueError, TypeError, KeyError) as error:
            raise NotBuilt(reason=f"the new environment does not say what is in it ({error})", log=self.place) from error
        return {
            "roots": [root for root in roots if not Path(root).is_absolute() and ".." not in Path(root).parts],
            "notes": notes,
        }

    def _write(self, text: str) -> None:
        self.file.write("".join(sign if sign.isprintable() or sign in "\n\t" else "�" for sign in text))
        self.file.flush()


def must_be_python(recipe: Recipe) -> None:
    """Refuse a project that is compiled as a whole."""
    if recipe.native.startswith("it is built by"):
        raise NativeProject(reason=recipe.native)


def seal(folder: Path) -> None:
    """Make everything in a folder root's or the user's own again, for anybody to read and nobody to write."""
    if os.geteuid() == 0:
        Outsider(0).own(folder)
    for parent, entry in walk(folder):
        if not entry.is_symlink():
            mode = stat.S_IMODE(entry.stat(follow_symlinks=False).st_mode)
            run = 0o111 if entry.is_dir(follow_symlinks=False) or mode & 0o100 else 0
            os.chmod(entry.name, 0o444 | run, dir_fd=parent)


def _key(recipe: Recipe, interpreter: Interpreter, means: Installer, backend: str, setup: str) -> str:
    """Name an environment after everything that decides what is in it."""
    facts = (
        FORMAT, recipe.fingerprint, means.name, backend, setup, str(interpreter.path), interpreter.version, interpreter.kind,
        sys.platform, platform.machine(), *platform.libc_ver(),
    )  # fmt: skip
    return hashlib.sha256(json.dumps(facts).encode()).hexdigest()[:20]


def _toolchain(interpreter: Interpreter) -> tuple[Path, ...]:
    return tuple(dict.fromkeys((interpreter.path.parent.parent, interpreter.prefix, interpreter.prefix.resolve())))


def _completing(setup: str, site: Site, known: Registry) -> Command:
    variables = {**known.variables, "PATH": f"{site.venv}/bin:{CONSTANT['PATH']}", "VIRTUAL_ENV": str(site.venv)}
    variables |= {"TMPDIR": str(site.scratch), "HOME": str(site.scratch)}
    return Command(argv=("/bin/sh", "-ec", setup), folder="project", environment=variables, timeout=TIMEOUT)


def _detaching(site: Site, recipe: Recipe, interpreter: Interpreter) -> Command:
    source = Path(__file__).with_name("detach.py").read_text(encoding="utf-8")
    tracked = sorted(path for path in recipe.paths if path.endswith(".py"))
    call = f"main({str(site.venv)!a}, {str(site.project)!a}, {tracked!a})"
    # -I and -S: nothing that was just installed is run by starting this.
    return Command(
        argv=(str(interpreter.path), "-I", "-S", "-"), stdin=f"{source}\n{call}\n".encode(), timeout=SHORT, report=True
    )


def _environment(place: Path, interpreter: Interpreter, first: Sequence[str], notes: Sequence[str]) -> Environment:
    """Put it together from what swarm knows: what stands in the new environment itself was written by strangers."""
    venv = place / "room" / "venv"
    toolchain = (venv, *_toolchain(interpreter))
    return Environment(str(venv / "bin" / "python"), toolchain, place.name, first=tuple(first), notes=tuple(notes))


def _keep(file: Path, value: Mapping[str, Any]) -> None:
    """Write it whole or not at all: this file says that the environment is complete."""
    unfinished = file.with_suffix(f".{time.monotonic_ns()}")
    with unfinished.open("w", encoding="utf-8") as opened:
        json.dump(value, opened)
        opened.flush()
        os.fsync(opened.fileno())
    unfinished.replace(file)


def _last_words(said: str) -> str:
    """What the installer says is wrong, or else the last thing that it said."""
    lines = [line for line in (FRAME.sub("", line) for line in said.splitlines()) if line]
    at = next((at for at, line in enumerate(lines) if line.lower().startswith("error")), len(lines) - 1)
    return " ".join(lines[at : at + 2])[:TOLD] if lines else "it said nothing"
