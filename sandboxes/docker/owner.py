"""To whom a container belongs, written on it as labels, so that only what a dead swarm left is ever removed."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from sandboxes.docker.engine import Engine, already_gone, explained

MARK = "swarm"
PROCESS, STARTED, BOOT, SPACE = "swarm.process", "swarm.started", "swarm.boot", "swarm.processes-of"


def labels() -> dict[str, str]:
    """Say which process this is, so that no later one with its number is taken for it."""
    pid = os.getpid()
    return {MARK: "1", PROCESS: str(pid), STARTED: _started(pid), BOOT: _boot(), SPACE: _space()}


@dataclass(frozen=True)
class Left:
    """A container of a dead swarm."""

    id: str
    name: str
    size: int
    """Bytes that it has written beside its image."""


def left(engine: Engine) -> list[Left]:
    """Find the containers of dead swarms; those of another machine's or container's swarm are not judged."""
    with explained("left-over containers cannot be listed"):
        listed = engine.api.containers(all=True, size=True, filters={"label": f"{MARK}=1"})
    return [
        Left(found["Id"], found["Names"][0].lstrip("/"), found.get("SizeRw") or 0)
        for found in listed
        if is_left_over(found["Labels"])
    ]


def sweep(engine: Engine) -> list[str]:
    """Remove the containers of dead swarms, and name them."""
    found = left(engine)
    for container in found:
        with explained("left-over containers cannot be removed"), already_gone():
            engine.api.remove_container(container.id, force=True, v=True)
    return [container.name for container in found]


def is_left_over(found: Mapping[str, str]) -> bool:
    """Whether the process that made it is surely gone."""
    if found.get(BOOT) != _boot():
        return True  # an engine answers only on its own machine, and that has been started anew since
    if found.get(SPACE) != _space():
        return False  # process numbers of another container mean nothing here
    return _started(int(found.get(PROCESS, "0"))) != found.get(STARTED)


def _started(pid: int) -> str:
    """Give the moment when a process started, in the kernel's ticks; empty when there is none."""
    try:
        line = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return ""
    fields = line.rpartition(")")[2].split()
    return "" if fields[0] == "Z" else fields[19]


def _boot() -> str:
    return Path("/proc/sys/kernel/random/boot_id").read_text().strip()


def _space() -> str:
    return str(Path("/proc/self/ns/pid").readlink())
