"""Sandboxes made of the kernel's own namespaces, by bubblewrap: no daemon, no image, a few milliseconds."""

import os
import tempfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import field, replace
from pathlib import Path

from sandboxes import process, profile
from sandboxes.apart import apart
from sandboxes.cgroup import group
from sandboxes.growth import Growth
from sandboxes.leftovers import scratch
from sandboxes.limits import BUILDING, Limits
from sandboxes.privileges import Outsider, outsider, traversable
from sandboxes.room import Room
from sandboxes.sandbox import Sandbox, SandboxTrouble
from sandboxes.values import Value


class Bubblewrap(Value):
    """Makes sandboxes with `bwrap`."""

    limits: Limits = field(default_factory=Limits)
    stop: threading.Event = field(default_factory=threading.Event)
    """Set it, and whatever runs in any of its sandboxes is ended."""
    name: str = field(default="bubblewrap", init=False)

    @contextmanager
    def open(self, worktree: Path, toolchain: Sequence[Path]) -> Iterator[Sandbox]:
        """Open a sandbox around this worktree."""
        with self._opened(worktree, toolchain, self.limits, profile.TREE, network=False) as room:
            yield room

    @contextmanager
    def open_networked(self, folder: Path, toolchain: Sequence[Path]) -> Iterator[Sandbox]:
        """Open a sandbox around this folder, at its own path and with the network."""
        with self._opened(folder, toolchain, replace(self.limits, growth=BUILDING), str(folder), network=True) as room:
            yield room

    @contextmanager
    def _opened(
        self, worktree: Path, toolchain: Sequence[Path], limits: Limits, seen_at: str, *, network: bool
    ) -> Iterator[Sandbox]:
        _must_be_there(worktree)
        closed = threading.Event()
        who = outsider(worktree)
        with ExitStack() as cleanup:
            if who is not None:
                who.own(worktree)
            scratched = cleanup.enter_context(_prepared(network=network))
            mounts = _Mounts(scratched, who)
            view = profile.View(
                tree=mounts.source(worktree),
                toolchain={folder: mounts.source(folder) for folder in profile.distinct(toolchain)},
                etc=scratched / "etc",
                limits=limits,
                seen_at=seen_at,
                network=network,
            )
            start = cleanup.enter_context(apart(mounts.pairs))
            limited = cleanup.enter_context(group(limits))
            cleanup.callback(closed.set)
            guards = (process.stopped(self.stop, closed), Growth(worktree, limits.growth))
            yield Room(view, who, limited, start, guards)

    def path_of(self, worktree: Path) -> str:  # noqa: ARG002  # the same for all: nobody inside learns where he is outside
        """Say where the worktree is seen from inside."""
        return profile.TREE


class _Mounts:
    """Decides what another user could not reach, and where root has to mount it for him first."""

    def __init__(self, scratch: Path, who: Outsider | None) -> None:
        self._scratch = scratch
        self._who = who
        self.pairs: list[tuple[Path, Path]] = []

    def source(self, folder: Path) -> Path:
        """Say from where the sandbox can mount this folder."""
        _must_be_there(folder)
        if self._who is None or self._who.reaches(folder):
            return folder
        place = self._scratch / "mounts" / str(len(self.pairs))
        place.mkdir()
        self.pairs.append((folder, place))
        return place


def _must_be_there(folder: Path) -> None:
    if not folder.is_dir():
        raise SandboxTrouble(reason=f"there is no folder {folder} to show inside")


@contextmanager
def _prepared(*, network: bool) -> Iterator[Path]:
    """Make the folder for what a sandbox is put together from; others may pass it, but not list it."""
    places = (Path(tempfile.gettempdir()), Path("/tmp"), Path("/var/tmp"), Path("/run"))  # noqa: S108  # made inside with a random name
    base = traversable(places) if os.geteuid() == 0 else places[0]
    with scratch(base) as made:
        made.chmod(0o711)
        for folder in ("mounts", "etc"):
            (made / folder).mkdir()
            (made / folder).chmod(0o755)
        for file, text in (profile.ETC_NETWORKED if network else profile.ETC).items():
            own = Path("/etc", file)
            machines = network and file in profile.NAMES and own.is_file()
            (made / "etc" / file).write_text(own.read_text() if machines else text)
            (made / "etc" / file).chmod(0o444)
        yield made
