"""Folders that belong to one process each, and what becomes of them when it dies: the next one that comes takes them away."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sandboxes.lock import locked
from sandboxes.mounted import unmount_below
from sandboxes.presence import absent, present
from sandboxes.removal import remove

MARK = ".live"
LOCK = ".lock"


@contextmanager
def own_folder(parent: Path) -> Iterator[Path]:
    """Lend a new folder for as long as this process needs it; take away what dead ones have left beside it."""
    parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    sweep(parent)
    folder = parent / secrets.token_hex(8)
    mark = folder.with_suffix(MARK)
    with present(mark):  # before the folder is made, or it would look like a leftover
        folder.mkdir(mode=0o700)
        try:
            yield folder
        finally:
            with locked(parent / LOCK):
                _clear(folder)


def leftovers(parent: Path) -> tuple[Path, ...]:
    """What lies here and belongs to no living process."""
    return tuple(place for place in _places(parent) if _abandoned(place))


def sweep(parent: Path) -> None:
    """Take away what belongs to no living process; several may do so at once."""
    if not parent.is_dir():
        return
    with locked(parent / LOCK):
        for place in _places(parent):
            with absent(place.with_suffix(MARK)) as nobody:
                if nobody:
                    _clear(place)


def _clear(place: Path) -> None:
    """Remove a folder and its mark. Two must not do so at once: removing needs a place of its own beside the folder."""
    unmount_below(place)
    remove(place)
    place.with_suffix(MARK).unlink(missing_ok=True)


def _places(parent: Path) -> list[Path]:
    names = {file.stem if file.suffix == MARK else file.name for file in parent.iterdir()} if parent.is_dir() else set()
    return sorted(parent / name for name in names - {LOCK})


def _abandoned(place: Path) -> bool:
    mark = place.with_suffix(MARK)
    if not mark.exists():
        return place.exists()
    with absent(mark) as nobody:
        return nobody
