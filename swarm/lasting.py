"""Files that are written whole or not at all, and that are still there after a power cut."""

import fcntl
import os
import sys
import tempfile
from pathlib import Path


def write_whole(place: Path, content: bytes, *, lasting: bool = True) -> None:
    """Write a file, for its owner alone, so that nobody ever sees a part of it; its name is there for good once this returns.

    What need not last may be torn by a power cut: whoever reads it has to notice.
    """
    descriptor, draft = tempfile.mkstemp(dir=place.parent, prefix="draft-")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            if lasting:
                sync_content(descriptor)
        Path(draft).replace(place)
    except BaseException:
        Path(draft).unlink(missing_ok=True)
        raise
    if lasting:
        sync_folder(place.parent)


def sync_folder(folder: Path) -> None:
    """Make the names in a folder survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_content(descriptor: int) -> None:
    """Make the content of a file survive a power cut."""
    if sys.platform == "darwin":
        fcntl.fcntl(descriptor, fcntl.F_FULLFSYNC)  # its fsync leaves the content in the disk's own memory
    else:
        os.fdatasync(descriptor)
