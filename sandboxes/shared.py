"""Checkouts that are made once and then lie beneath many worktrees, so that these take neither the time nor the disk again.

Only for root on Linux: the checkout is mounted read-only beneath an empty folder of the worktree's own (overlay), translated so
that its files belong to the worktree's user. Everywhere else, and for small trees, every worktree is laid out by itself.
"""

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path

from sandboxes.git import Git, encoded
from sandboxes.history import History
from sandboxes.leftovers import scratch
from sandboxes.listing import Change, changes
from sandboxes.lock import locked
from sandboxes.mounted import layers_of
from sandboxes.presence import absent, present
from sandboxes.privileges import Outsider, outsider
from sandboxes.removal import remove
from sandboxes.values import Value

WORTH = 1_000  # files from which on a shared checkout costs less than it saves
NEAR = 500  # paths in which a tree may differ from a checkout that it lies on
HURRIED = {"checkout.workers": "0"}  # a writer for each processor: everybody waits for this one checkout
KEPT = 4  # checkouts, each of the size of the whole tree
MARK = ".live"
MAKING = ".making-"


class Checkout(Value):
    """A tree laid out on the disk, which nobody writes to."""

    place: Path

    @property
    def tree(self) -> str:
        """The tree that it is of."""
        return self.place.name

    @property
    def files(self) -> Path:
        """The top of the tree."""
        return self.place / "files"

    @property
    def index(self) -> Path:
        """Git's index of the files."""
        return self.place / "index"


class Shared(Value):
    """The shared checkouts of one mirror."""

    git: Git
    folder: Path
    lasting: Git
    """The same without what is gone later."""

    @contextmanager
    def beneath(self, tree: str, folder: Path, history: History | None) -> Iterator[bool]:
        """Lay a tree out in an empty folder by laying it over a checkout; says whether it could be done."""
        who = outsider(folder) if sys.platform == "linux" else None
        with ExitStack() as cleanup:
            done = who is not None and self._mounted(tree, folder, history, who, cleanup)
            yield done

    def _mounted(self, tree: str, folder: Path, history: History | None, who: Outsider, cleanup: ExitStack) -> bool:
        self.folder.mkdir(mode=0o700, exist_ok=True)
        with locked(self.folder / ".lock"):
            found = self._nearest(tree)
            if found is None:
                return False
            checkout, differing = found
            cleanup.enter_context(present(checkout.place.with_suffix(MARK)))
            os.utime(checkout.place)
        from sandboxes.mounts import over  # noqa: PLC0415 - few trees are large enough

        layers = layers_of(folder)
        try:
            cleanup.callback(remove, layers)
            cleanup.enter_context(over(checkout.files, layers, folder, who.uid))
        except OSError:  # not here: an old kernel, a file system that cannot, a container; the plain way needs none of it
            return False
        self._complete(tree, folder, history, checkout, differing)
        self._give(folder, differing, who)
        return True

    def _nearest(self, tree: str) -> tuple[Checkout, tuple[Change, ...]] | None:
        known = self._checkouts()
        exact = next((checkout for checkout in known if checkout.tree == tree), None)
        if exact is not None:
            return exact, ()
        for checkout in known:
            listed = self.git.run("diff-tree", "-r", "-z", "--raw", "--no-renames", "--no-abbrev", checkout.tree, tree)
            differing = tuple(changes(listed))
            if len(differing) <= NEAR:
                return checkout, differing
        if self.git.run("ls-tree", "-r", "-z", "--name-only", tree).count(b"\0") < WORTH or not self._stays(tree):
            return None
        return self._make(tree), ()

    def _stays(self, tree: str) -> bool:
        """Whether a checkout of it could be compared with others later."""
        return not self.lasting.text("cat-file", "--batch-check", stdin=tree.encode()).endswith(" missing")

    def _checkouts(self) -> list[Checkout]:
        """List them, the one used last first."""
        places = [place for place in self.folder.iterdir() if place.is_dir() and not place.name.startswith(".")]
        return [Checkout(place) for place in sorted(places, key=lambda place: place.stat().st_mtime_ns, reverse=True)]

    def _make(self, tree: str) -> Checkout:
        for torn in self.folder.glob(f"{MAKING}*"):
            remove(torn)
        for old in self._checkouts()[KEPT - 1 :]:
            self._drop(old)
        new = Path(tempfile.mkdtemp(prefix=MAKING, dir=self.folder))
        (new / "files").mkdir(mode=0o755)
        git = replace(self.git, work_tree=new / "files", index=new / "index", settings={**self.git.settings, **HURRIED})
        git.run("read-tree", tree)
        git.run("checkout-index", "--all", "--quiet", "--index")
        return Checkout(new.rename(self.folder / tree))

    def _drop(self, checkout: Checkout) -> None:
        mark = checkout.place.with_suffix(MARK)
        with absent(mark) as nobody:
            if nobody:
                remove(checkout.place)
                mark.unlink(missing_ok=True)

    def _complete(
        self, tree: str, folder: Path, history: History | None, checkout: Checkout, differing: tuple[Change, ...]
    ) -> None:
        """Change what is different in this tree, and plant the history."""
        if not differing and history is None:
            return
        with scratch(Path(tempfile.gettempdir())) as folder_of_index:
            index = folder_of_index / "index"
            shutil.copyfile(checkout.index, index)
            git = replace(self.git, work_tree=folder, index=index)
            for change in differing:
                _take_away(folder, change.path)
            git.run("read-tree", "-i", "-m", tree)
            wanted = [change.path for change in differing if change.status != "D"]
            git.run("checkout-index", "-z", "--stdin", "--quiet", "--index", stdin=b"".join(encoded(p) + b"\0" for p in wanted))
            if history:
                history.plant(folder, index)

    def _give(self, folder: Path, differing: tuple[Change, ...], who: Outsider) -> None:
        """Make his what root has put there."""
        if (folder / ".git").is_dir():
            who.own(folder / ".git")
        for place in {place for change in differing for place in _on_the_way(folder, change.path)}:
            os.chown(place, who.uid, who.uid, follow_symlinks=False)


def _take_away(top: Path, path: str) -> None:
    """Remove a file, and the folders that it was the last in."""
    file = _place(top, path)
    if os.path.lexists(file):
        if file.is_dir() and not file.is_symlink():  # a submodule: an empty folder
            file.rmdir()
        else:
            file.unlink()
    for folder in file.parents:
        if folder == top or not folder.is_dir() or any(folder.iterdir()):
            return
        folder.rmdir()


def _on_the_way(top: Path, path: str) -> Iterator[Path]:
    place = _place(top, path)
    while place != top:
        if os.path.lexists(place):
            yield place
        place = place.parent


def _place(top: Path, path: str) -> Path:
    return Path(os.fsdecode(os.fsencode(top) + b"/" + encoded(path)))
