"""Takes a folder away whatever hostile hands have made of it."""

import os
import stat
import tempfile
from pathlib import Path

OPEN_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


def remove(folder: Path) -> None:
    """Remove a folder and all in it: links are never followed, unreadable folders opened, and no depth is too deep."""
    try:
        info = folder.lstat()
    except FileNotFoundError:
        return
    if not stat.S_ISDIR(info.st_mode):
        folder.unlink()
        return
    with tempfile.TemporaryDirectory(prefix=".removing-", dir=folder.parent) as hole:
        _empty(folder, Path(hole))
    folder.rmdir()


def _empty(folder: Path, hole: Path) -> None:
    """Lift each folder found out of its depth into one flat place, so that neither recursion nor path length grows."""
    waiting = [folder]
    count = 0
    while waiting:
        place = waiting.pop()
        for entry in _listed(place):
            path = os.path.join(place, entry)  # noqa: PTH118  # bytes and surrogates alike
            if stat.S_ISDIR(os.lstat(path).st_mode):
                os.chmod(path, stat.S_IRWXU)  # noqa: PTH101  # its own link to its parent must be writable to be moved
                count += 1
                lifted = hole / str(count)
                os.rename(path, lifted)  # noqa: PTH104
                waiting.append(lifted)
            else:
                os.unlink(path)  # noqa: PTH108
        if place != folder:
            place.rmdir()


def _listed(folder: Path) -> list[str]:
    folder.chmod(stat.S_IRWXU)
    return os.listdir(folder)
