"""Sandboxes made by a container engine: one container for each, in which every command starts within milliseconds."""

import os
import platform
import tempfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from importlib.resources import files
from pathlib import Path

from sandboxes import process, profile, seccomp
from sandboxes.command import Command, Ending, Ran
from sandboxes.docker import owner
from sandboxes.docker.container import Plan, created
from sandboxes.docker.door import Door, opened, started
from sandboxes.docker.engine import Engine, already_gone, check, connected, explained, outward
from sandboxes.docker.userland import PYTHON, identity, own, shared
from sandboxes.environment import Environment
from sandboxes.following import followed
from sandboxes.growth import Growth
from sandboxes.leftovers import scratch
from sandboxes.limits import BUILDING, Limits
from sandboxes.privileges import outsider
from sandboxes.room import BY_SIGNAL
from sandboxes.sandbox import Sandbox, SandboxTrouble
from sandboxes.surroundings import environment, inside

REPORT = 3


@dataclass(frozen=True)
class Docker:
    """Makes sandboxes with Docker or Podman."""

    image: str | None = None
    """Whose programs are to be found inside; None for this machine's own."""
    limits: Limits = field(default_factory=Limits)
    cpus: float = 2.0
    """How many processors one sandbox may keep busy."""
    stop: threading.Event = field(default_factory=threading.Event)
    """Set it, and whatever runs in any of its sandboxes is ended."""
    name: str = field(default="docker", init=False)

    def open(self, worktree: Path, toolchain: Sequence[Path]) -> AbstractContextManager[Sandbox]:
        """Open a sandbox around this worktree."""
        return self._opened(worktree, toolchain, self.limits, profile.TREE, network=False)

    def open_networked(self, folder: Path, toolchain: Sequence[Path]) -> AbstractContextManager[Sandbox]:
        """Open a sandbox around this folder, at its own path and with the network."""
        return self._opened(folder, toolchain, replace(self.limits, growth=BUILDING), str(folder), network=True)

    @contextmanager
    def _opened(
        self, worktree: Path, toolchain: Sequence[Path], limits: Limits, seen_at: str, *, network: bool
    ) -> Iterator[Sandbox]:
        closed = threading.Event()
        who = outsider(worktree)
        for folder in (worktree, *toolchain):
            if not folder.is_dir():  # one engine would make it
                raise SandboxTrouble(reason=f"there is no folder {folder} to show inside")
        if who is not None:
            who.own(worktree)
        with ExitStack() as cleanup:
            engine = cleanup.enter_context(connected())
            check(engine)
            plan = Plan(
                userland=own(engine, self.image) if self.image else shared(engine),
                tree=worktree,
                toolchain=toolchain,
                door=cleanup.enter_context(_doorway()),
                uid=who.uid if who else os.getuid(),
                gid=who.uid if who else os.getgid(),
                limits=limits,
                cpus=self.cpus,
                seen_at=seen_at,
                network=outward(engine) if network else "none",
            )
            door = cleanup.enter_context(_running(engine, plan))
            guards = (process.stopped(self.stop, closed), Growth(worktree, limits.growth))
            container = _Container(door, plan, guards)
            cleanup.callback(container.close, closed)
            yield container

    def environment(self) -> Environment | None:
        """Give the environment that an image brings along; None: there is no image, and the machine's will do."""
        if self.image is None:
            return None
        with connected() as engine:
            return Environment(PYTHON, (), identity(engine, self.image))

    def left(self) -> list[owner.Left]:
        """Find what dead swarms left."""
        with connected() as engine:
            return owner.left(engine)

    def sweep(self) -> list[str]:
        """Remove what dead swarms left, and name it."""
        with connected() as engine:
            return owner.sweep(engine)

    def path_of(self, worktree: Path) -> str:  # noqa: ARG002  # the same for all: nobody inside learns where he is outside
        """Say where the worktree is seen from inside."""
        return profile.TREE


@dataclass(frozen=True)
class _Container:
    door: Door
    plan: Plan
    guards: tuple[process.Guard, ...]
    turn: threading.Lock = field(default_factory=threading.Lock)

    def run(self, command: Command) -> Ran:
        """Run one command to its end; one at a time, for at the end of each everything inside is killed."""
        with self.turn, process.report_pipe(wanted=command.report) as report:
            request = {
                "argv": command.argv,
                "folder": f"{self.plan.seen_at}/{inside(command.folder)}",
                "environment": self._variables(command),
            }
            with started(self.door, command, request, report, self.plan.uid) as running:
                ran = followed(running, command, report.reader if report else None, self.guards)
        died = ran.ending is Ending.EXITED and ran.exit_code in BY_SIGNAL
        return replace(ran, ending=Ending.KILLED) if died else ran

    def _variables(self, command: Command) -> dict[str, str]:
        fd = REPORT if command.report else None
        path = {} if self.plan.userland.path is None else {"PATH": self.plan.userland.path}
        told = replace(command, environment={**path, **command.environment})
        return environment(told, home=profile.HOME, temporary="/tmp", report_fd=fd)  # noqa: S108  # the sandbox's own

    def close(self, closed: threading.Event) -> None:
        """End what runs, and wait until its output has been read."""
        closed.set()
        with self.turn:
            pass


@contextmanager
def _doorway() -> Iterator[Path]:
    """Make the folder that a container comes to; it lies in one that nobody else may enter."""
    with scratch(Path(tempfile.gettempdir())) as private:
        door = private / "door"
        for folder in (door, door / "etc"):
            folder.mkdir()
            folder.chmod(0o755)
        yield door


@contextmanager
def _running(engine: Engine, plan: Plan) -> Iterator[Door]:
    contents = {
        "init.py": files("sandboxes.docker").joinpath("init.py").read_bytes(),
        "filter": seccomp.program(platform.machine()),
    }
    etc = {f"etc/{name}": text.encode() for name, text in plan.etc().items()}
    for name, data in {**contents, **etc}.items():
        (plan.door / name).write_bytes(data)
        (plan.door / name).chmod(0o444)
    with opened(plan.door / "socket") as gate:
        with explained("the container cannot be created"):
            container = created(engine, plan)
        try:
            with explained("the container cannot be started"):
                engine.api.start(container)
            door = gate.first(lambda: _failure(engine, container))
            if not door.answer()["writable"]:
                raise SandboxTrouble(reason=f"{plan.tree} cannot be written from inside by user {plan.uid}")
            yield door
        finally:  # before the door closes: one engine cannot remove a container that is just about to end
            with explained("the container cannot be removed"), already_gone():
                engine.api.remove_container(container, force=True, v=True)


def _failure(engine: Engine, container: str) -> str:
    """Say why it ended before it was ready; nothing while it has not."""
    with explained("the container cannot be looked at"):
        if engine.api.inspect_container(container)["State"]["Running"]:
            return ""
        said: bytes = engine.api.logs(container)
    return said.decode("utf-8", "replace").strip() or "its first process ended and said nothing"
