"""Limits on all processes of a sandbox together, where the kernel and swarm's rights allow them."""

import contextlib
import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sandboxes.leftovers import new_name, sweep
from sandboxes.limits import Limits
from sandboxes.sandbox import SandboxTrouble
from sandboxes.values import Value

MOUNTS = Path("/sys/fs/cgroup")
PATIENCE = 5.0


class Group(Value):
    """The control groups of one sandbox: one in the unified hierarchy, or one for each controller, or none."""

    folders: tuple[Path, ...] = ()
    counts_memory: bool = False

    @property
    def doors(self) -> tuple[Path, ...]:
        """The files into which a process of one thread writes 0, that is itself, to join.

        Where a thread may move alone it does: moving whole processes makes the kernel wait until all its processors have
        looked up, some ten milliseconds on a busy machine, and for one thread that moves itself it need not.
        """
        return tuple(next(door for door in _doors(folder) if door.exists()) for folder in self.folders)


@contextmanager
def group(limits: Limits) -> Iterator[Group]:
    """Make the control groups for one sandbox; remove them when it has ended."""
    name = new_name()
    wanted = {
        "memory": (("memory.limit_in_bytes", limits.memory), ("memory.memsw.limit_in_bytes", limits.memory)),
        "pids": (("pids.max", limits.processes),),
    }
    made: list[Path] = []
    try:
        for controller, settings in wanted.items():
            made += _separate(controller, name, settings)
        if not made:
            made += _unified(name, limits)
        yield Group(tuple(made), counts_memory=any(_limits_memory(folder) for folder in made))
    finally:
        for folder in made:
            _remove(folder)


def _separate(controller: str, name: str, settings: tuple[tuple[str, int], ...]) -> list[Path]:
    """Version 1: each controller has a tree of its own, and our place in it may get children."""
    for line in Path("/proc/self/cgroup").read_text().splitlines():
        _, controllers, place = line.split(":", 2)
        if controller in controllers.split(","):
            return _made(MOUNTS / controllers / place.lstrip("/") / name, settings)
    return []


def _unified(name: str, limits: Limits) -> list[Path]:
    """Version 2: only a group without processes of its own may limit its children; for root that is the topmost."""
    settings = (("memory.max", limits.memory), ("memory.swap.max", 0), ("pids.max", limits.processes))
    return _made(MOUNTS / name, settings) if "memory" in _text(MOUNTS / "cgroup.subtree_control") else []


def _made(folder: Path, settings: tuple[tuple[str, int], ...]) -> list[Path]:
    try:
        sweep(folder.parent, _remove)
        folder.mkdir()
    except OSError:  # not ours to make: the limits of single processes have to do
        return []
    for file, value in settings:
        with contextlib.suppress(OSError):  # no such knob in this kernel, as that for swap
            (folder / file).write_text(str(value))
    return [folder]


def _doors(folder: Path) -> tuple[Path, Path]:
    return folder / "tasks", folder / "cgroup.procs"  # the unified hierarchy has only the second


def _limits_memory(folder: Path) -> bool:
    return any(_text(folder / file).strip() not in ("", "max") for file in ("memory.max", "memory.limit_in_bytes"))


def _text(file: Path) -> str:
    try:
        return file.read_text()
    except OSError:
        return ""


def _remove(folder: Path) -> None:
    """End whatever is left in a group, and the group."""
    deadline = time.monotonic() + PATIENCE
    while folder.exists():
        try:
            os.rmdir(folder)  # noqa: PTH106  # its files are the kernel's
        except OSError as error:  # somebody is in it, if only on his way out
            if time.monotonic() > deadline:
                raise SandboxTrouble(reason=f"what is in the control group {folder} does not die: {error}") from error
            for pid in _text(folder / "cgroup.procs").split():
                with contextlib.suppress(ProcessLookupError):
                    os.kill(int(pid), signal.SIGKILL)
            time.sleep(0.01)
