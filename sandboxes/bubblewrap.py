"""Sandboxes made of the kernel's own namespaces, by bubblewrap: no daemon, no image, a few milliseconds."""

import os
import tempfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from sandboxes import process, profile
from sandboxes.cgroup import group
from sandboxes.growth import Growth
from sandboxes.leftovers import label, sweep
from sandboxes.limits import Limits
from sandboxes.privileges import Outsider, outsider, traversable
from sandboxes.removal import remove
from sandboxes.room import Room
from sandboxes.sandbox import Sandbox, SandboxTrouble


@dataclass(frozen=True)
class Bubblewrap:
    """Makes sandboxes with `bwrap`."""

    limits: Limits = field(default_factory=Limits)
    stop: threading.Event = field(default_factory=threading.Event)
    """Set it, and whatever runs in any of its sandboxes is ended."""
    name: str = field(default="bubblewrap", init=False)

    @contextmanager
    def open(self, worktree: Path, toolchain: Sequence[Path]) -> Iterator[Sandbox]:
        """Open a sandbox around this worktree."""
        closed = threading.Event()
        who = outsider(worktree)
        with ExitStack() as cleanup:
            if who is not None:
                who.own(worktree)
            scratch = cleanup.enter_context(_scratch())
            mounts = _Mounts(scratch, who)
            view = profile.View(
                tree=mounts.source(worktree),
                toolchain={folder: mounts.source(folder) for folder in profile.distinct(toolchain)},
                etc=scratch / "etc",
                limits=self.limits,
            )
            limited = cleanup.enter_context(group(self.limits))
            cleanup.callback(closed.set)
            guards = (process.stopped(self.stop, closed), Growth(worktree, self.limits.growth))
            yield Room(view, who, limited, tuple(mounts.pairs), guards)

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
        if not folder.is_dir():
            raise SandboxTrouble(reason=f"there is no folder {folder} to show inside")
        if self._who is None or self._who.reaches(folder):
            return folder
        place = self._scratch / "mounts" / str(len(self.pairs))
        place.mkdir()
        self.pairs.append((folder, place))
        return place


@contextmanager
def _scratch() -> Iterator[Path]:
    """Make the folder for what a sandbox is put together from; others may pass it, but not list it."""
    places = (Path(tempfile.gettempdir()), Path("/tmp"), Path("/var/tmp"), Path("/run"))  # noqa: S108  # made inside with a random name
    base = traversable(places) if os.geteuid() == 0 else places[0]
    sweep(base, remove)
    with tempfile.TemporaryDirectory(prefix=label(), dir=base) as name:
        scratch = Path(name)
        scratch.chmod(0o711)
        for folder in ("mounts", "etc"):
            (scratch / folder).mkdir()
            (scratch / folder).chmod(0o755)
        for file, text in profile.ETC.items():
            (scratch / "etc" / file).write_text(text)
            (scratch / "etc" / file).chmod(0o444)
        yield scratch
