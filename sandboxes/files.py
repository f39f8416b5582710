"""The files of the user's checkout that a landing touches: looked at, prepared beside their places, then renamed into them."""

import hashlib
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from sandboxes.git import Git, decoded, encoded
from sandboxes.listing import EXECUTABLE, PLAIN, Entry
from sandboxes.repository import InTheWay, Repository

NONE = "000000"
CONVERTED = ("filter", "ident", "working-tree-encoding")
BY_HAND = "Put it away (commit, stash, delete), or merge the branch by hand with `git merge`."


@dataclass(frozen=True)
class Step:
    """One path, as it is and as it is to be."""

    path: str
    old: Entry | None
    new: Entry | None

    @classmethod
    def read(cls, listed: bytes) -> Iterator[Self]:
        """Read what `git diff-tree --raw -r -z --no-renames --no-abbrev` prints."""
        fields = listed.split(b"\0")[:-1]
        for facts, path in zip(fields[::2], fields[1::2], strict=True):
            old_mode, new_mode, old, new, _ = facts.decode().removeprefix(":").split(" ")
            yield cls(decoded(path), _entry(old_mode, old), _entry(new_mode, new))

    def index_line(self) -> bytes:
        """The step as `git update-index --index-info` reads it."""
        mode, oid = (self.new.mode, self.new.oid) if self.new else ("0", self.old.oid if self.old else "")
        return f"{mode} {oid}\t".encode() + encoded(self.path) + b"\0"


def _entry(mode: str, oid: str) -> Entry | None:
    return None if mode == NONE else Entry(mode, oid)


@dataclass(frozen=True)
class Files:
    """The files of one landing."""

    repository: Repository
    mirror: Git
    steps: tuple[Step, ...]

    def examine(self, *, again: bool) -> None:
        """Make sure that every file is as the landing expects it; done `again`, it may be as it is to be already."""
        staged = self.repository.staged([step.path for step in self.steps])
        converted = self.repository.attributes([step.path for step in self.steps], CONVERTED)
        for step in self.steps:
            if {entry.mode for entry in (step.old, step.new) if entry} - {PLAIN, EXECUTABLE}:
                raise InTheWay(path=step.path, reason="it is a link or a submodule", remedy="Merge by hand with `git merge`.")
            if step.path in converted:
                raise InTheWay(
                    path=step.path, reason="git converts it as it is checked out", remedy="Merge by hand with `git merge`."
                )
            if staged.get(step.path) not in ((step.old, step.new) if again else (step.old,)):
                raise InTheWay(path=step.path, reason="it has staged changes", remedy=BY_HAND)
            self._look(step, again=again)

    def _look(self, step: Step, *, again: bool) -> None:
        place = self._place(step)
        present = self._content(place)
        if present == self._blob(step.old) or (again and present == self._blob(step.new)):
            return
        reason = "it is in the way of a new file" if step.old is None else "it has changes that are not committed"
        raise InTheWay(path=step.path, reason=reason, remedy=BY_HAND)

    @contextmanager
    def prepared(self) -> Iterator[None]:
        """The new contents, each in a file beside its place, on the disk; what is not needed in the end is taken away."""
        made: list[Path] = []
        try:
            for step in self.steps:
                if step.new is not None:
                    with _translated(step):
                        made += _parents(self._place(step), self.repository.top)
                        self._beside(step, step.new)
            yield
        finally:
            self.tidy()
            for folder in reversed(made):
                _remove_empty(folder, self.repository.top)

    def tidy(self) -> None:
        """Take away the files beside their places."""
        for step in self.steps:
            place = self._place(step)
            _temporary(place).unlink(missing_ok=True)
            _remove_empty(place.parent, self.repository.top)

    def place(self) -> None:
        """Rename and remove; each file is looked at once more just before."""
        for step in self.steps:
            place = self._place(step)
            self._look(step, again=True)
            with _translated(step):
                if step.new is None:
                    place.unlink(missing_ok=True)
                    _remove_empty(place.parent, self.repository.top)
                else:
                    _temporary(place).replace(place)

    def put_back(self) -> None:
        """Undo what `place` did, but for files that somebody has changed since."""
        for step in self.steps:
            place = self._place(step)
            if step.old == step.new or self._content(place) != self._blob(step.new):
                continue
            if step.old is None:
                place.unlink(missing_ok=True)
            else:
                _parents(place, self.repository.top)
                self._beside(step, step.old)
                _temporary(place).replace(place)

    def _beside(self, step: Step, entry: Entry) -> None:
        place = self._place(step)
        beside = _temporary(place)
        beside.unlink(missing_ok=True)
        mode = stat.S_IMODE(place.stat().st_mode) if place.exists() else 0o666
        if step.old is None or step.new is None or step.old.mode != step.new.mode:
            mode = mode | 0o111 if entry.mode == EXECUTABLE else mode & ~0o111
        with os.fdopen(os.open(beside, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_NOFOLLOW, mode), "wb") as file:
            if place.exists():
                os.fchmod(file.fileno(), mode)
            file.write(self._blob(entry) or b"")
            file.flush()
            os.fsync(file.fileno())

    def _place(self, step: Step) -> Path:
        """Where the file lies; none of the folders above it may be a link that leads elsewhere."""
        place = self.repository.top / step.path
        for parent in place.relative_to(self.repository.top).parents:
            folder = self.repository.top / parent
            if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
                raise InTheWay(path=parent, reason="it is no folder", remedy=BY_HAND)
        return place

    def _content(self, place: Path) -> bytes | None:
        """What the file holds; None: there is nothing."""
        try:
            handle = os.open(place, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise InTheWay(path=place, reason=error.strerror, remedy=BY_HAND) from error
        with os.fdopen(handle, "rb") as file:
            if not stat.S_ISREG(os.fstat(handle).st_mode):
                raise InTheWay(path=place, reason="it is no plain file", remedy=BY_HAND)
            return file.read()

    def _blob(self, entry: Entry | None) -> bytes | None:
        return None if entry is None else self.mirror.run("cat-file", "blob", entry.oid)


@contextmanager
def _translated(step: Step) -> Iterator[None]:
    """What the system will not do becomes trouble that says so."""
    try:
        yield
    except OSError as error:
        raise InTheWay(path=step.path, reason=error.strerror, remedy="See to it, then try again.") from error


def _temporary(place: Path) -> Path:
    """Where a file's new content lies until it is renamed: always the same, so that what a killed landing left is found."""
    return place.with_name(f".swarm-{hashlib.sha256(os.fsencode(place.name)).hexdigest()[:16]}")


def _parents(place: Path, top: Path) -> list[Path]:
    """Make the folders above a file; give those that were not there, outermost first."""
    missing = [folder for folder in place.parents if folder.is_relative_to(top) and not folder.exists()]
    for folder in reversed(missing):
        folder.mkdir()
    return missing[::-1]


def _remove_empty(folder: Path, top: Path) -> None:
    """Remove a folder and those above it as long as nothing is in them, as git does."""
    while folder != top and folder.is_dir() and not any(folder.iterdir()):
        folder.rmdir()
        folder = folder.parent
