"""What swarm keeps and nobody needs any more, of all repositories: what dead processes left, and what was not used for long.

Never anything of a live run: every process that works on a repository holds a mark, and whoever removes more than the leftovers
of the dead makes sure first that nobody holds it; until he has finished, nobody else can begin.
"""

import os
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from sandboxes.mirror import TREES
from sandboxes.presence import absent
from sandboxes.removal import remove
from sandboxes.sandbox import NoSandbox, SandboxTrouble
from sandboxes.walk import walk
from sandboxes.workplace import leftovers, sweep
from swarm.settings.places import ENVIRONMENTS, LIVE, MIRROR, ORIGIN, REMEMBERED, SPARES, WORKTREES, state_root
from swarm.spares import dismiss

DAY = 86_400.0
BLOCK = 512


@dataclass(frozen=True)
class Waste:
    """Something that can go."""

    kind: str
    """`worktree`, `environment`, `checkout`, `mirror` or `container`."""
    place: Path
    """Where it lies; of a container its name."""
    size: int
    """Bytes on the disk."""
    reason: str


@dataclass(frozen=True)
class Collection:
    """What can go, or has gone."""

    waste: tuple[Waste, ...]
    removed: bool
    busy: tuple[str, ...]
    """Repositories with a live run; of those only what dead runs left was looked at."""

    @classmethod
    def at(cls, environ: Mapping[str, str], *, days: float, remove: bool) -> "Collection":
        """Look through the state of all repositories, and remove what can go if that is wanted."""
        waste: list[Waste] = []
        busy: list[str] = []
        for folder in _states(state_root(environ)):
            dismiss(folder / REMEMBERED / SPARES)
            waste += _of_the_dead(folder, take=remove)
            with absent(folder / LIVE) as nobody:
                if not nobody:
                    busy.append(folder.name)
                    continue
                for found in _unused(folder, time.time() - days * DAY):
                    waste.append(found)
                    if remove:
                        _take(found)
        waste += _containers(take=remove)
        return cls(tuple(waste), remove, tuple(busy))

    @property
    def size(self) -> int:
        """Bytes of all of it."""
        return sum(found.size for found in self.waste)

    def text(self) -> str:
        """For a person: the largest first."""
        rows = [
            f"{_readable(found.size):>10}  {found.kind:<11}  {found.place}  ({found.reason})"
            for found in sorted(self.waste, key=lambda found: -found.size)
        ]
        rows += [f"{name} has a live run, and is left alone" for name in self.busy]
        if not self.waste:
            return "\n".join((*rows, "nothing to remove"))
        end = f"{_readable(self.size)} removed" if self.removed else f"{_readable(self.size)} can go: swarm gc --yes"
        return "\n".join((*rows, end))

    def value(self) -> Mapping[str, object]:
        """For a program."""
        listed = [
            {"kind": found.kind, "place": str(found.place), "bytes": found.size, "reason": found.reason} for found in self.waste
        ]
        return {"removed": self.removed, "bytes": self.size, "waste": listed, "busy": list(self.busy)}


def _states(root: Path) -> list[Path]:
    """The folders that are the state of a repository."""
    places = {place.parent for name in (MIRROR, WORKTREES, ENVIRONMENTS) for place in root.glob(f"*/{name}")}
    return sorted(place for place in places if not place.is_symlink())


def _of_the_dead(folder: Path, *, take: bool) -> list[Waste]:
    found = [Waste("worktree", place, size_of(place), "its process is gone") for place in leftovers(folder / WORKTREES)]
    if take:
        sweep(folder / WORKTREES)
    return found


def _containers(*, take: bool) -> list[Waste]:
    """What dead runs left in a container engine, found by its labels."""
    from sandboxes.docker.backend import Docker  # noqa: PLC0415  # its SDK takes longer to load than all else here takes

    engine = Docker()
    try:
        found = [Waste("container", Path(left.name), left.size, "its process is gone") for left in engine.left()]
    except NoSandbox:  # no engine answers, so nothing of it can be seen, or removed
        return []
    if take:
        engine.sweep()
    return found


def _unused(folder: Path, since: float) -> Iterator[Waste]:
    """What was built and can be built again, and was not used for long, or was never finished."""
    for place in _environments(folder):
        ready = place / "ready.json"
        if not ready.is_file():
            yield Waste("environment", place, size_of(place), "it was never finished")
        elif ready.stat().st_mtime <= since:
            yield Waste("environment", place, size_of(place), _unused_for(ready))
    for place in sorted((folder / f"{MIRROR}{TREES}").glob("[0-9a-f]*")):
        if place.is_dir() and place.stat().st_mtime <= since:
            yield Waste("checkout", place, size_of(place), _unused_for(place))
    origin, mirror = folder / ORIGIN, folder / MIRROR
    if mirror.is_dir() and origin.is_file() and origin.stat().st_mtime <= since:
        repository = Path(os.fsdecode(origin.read_bytes()))
        if not repository.exists():
            yield Waste("mirror", mirror, size_of(mirror), f"the repository {repository} is gone")


def _environments(folder: Path) -> list[Path]:
    kept = folder / ENVIRONMENTS
    return sorted(place for place in kept.iterdir() if place.is_dir()) if kept.is_dir() else []


def _take(found: Waste) -> None:
    remove(found.place)
    for suffix in (".lock", ".log", ".live"):  # of an environment or a checkout
        found.place.with_name(f"{found.place.name}{suffix}").unlink(missing_ok=True)


def _unused_for(file: Path) -> str:
    return f"not used for {(time.time() - file.stat().st_mtime) / DAY:.0f} days"


def size_of(folder: Path) -> int:
    """Bytes that a folder takes on the disk; what is linked more than once counts once."""
    seen: dict[tuple[int, int], int] = {}
    with suppress(FileNotFoundError, SandboxTrouble):  # gone meanwhile, or deeper than anybody counts: then less is said
        disk = folder.lstat().st_dev
        for _, entry in walk(folder):
            with suppress(FileNotFoundError):
                info = entry.stat(follow_symlinks=False)
                if info.st_dev != disk:  # mounted here: it lies elsewhere, and is counted there
                    continue
                seen[info.st_dev, info.st_ino] = info.st_blocks * BLOCK
    return sum(seen.values())


def _readable(size: float) -> str:
    for unit in ("B", "KiB", "MiB"):
        if size < 1024:
            return f"{size:.0f} {unit}"
        size /= 1024
    return f"{size:.1f} GiB"
