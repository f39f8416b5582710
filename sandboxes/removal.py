"""Takes a folder away whatever hostile hands have made of it."""

import stat
import tempfile
from pathlib import Path


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
        place.chmod(stat.S_IRWXU)
        for found in list(place.iterdir()):
            if stat.S_ISDIR(found.lstat().st_mode):
                found.chmod(stat.S_IRWXU)  # its own link to its parent must be writable for it to be moved
                count += 1
                waiting.append(found.rename(hole / str(count)))
            else:
                found.unlink()
        if place != folder:
            place.rmdir()
