"""What SQLite and the disk say, in the words of the store."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import apsw

from swarm.errors import Refused, StoreDamaged, StoreFull, StoreReadOnly, StoreTrouble

FULL = frozenset((errno.ENOSPC, errno.EDQUOT, errno.EFBIG))
READ_ONLY = frozenset((errno.EROFS, errno.EACCES, errno.EPERM))


BELOW = (apsw.Error, OSError, UnicodeEncodeError)
"""Whatever can come from below the store."""


@contextmanager
def translated(place: Path) -> Iterator[None]:
    """Raise the store's own errors for everything that can go wrong below it."""
    try:
        yield
    except BELOW as error:
        raise translation(place, error) from error


def translation(place: Path, error: Exception) -> Exception:
    """The store's own error for one from below."""
    match error:
        case apsw.CorruptError() | apsw.NotADBError():
            return StoreDamaged(place=place, reason=f"{error}.")
        case apsw.FullError() | apsw.NoMemError():
            return StoreFull(place=place)
        case apsw.ReadOnlyError() | apsw.CantOpenError() | apsw.PermissionsError():
            return StoreReadOnly(place=place, reason=f"{error}.")
        case apsw.BusyError():
            return StoreTrouble(place=place, reason="another process has not let go of it for too long; is one stopped?")
        case apsw.ConnectionClosedError():
            return StoreTrouble(place=place, reason="it was closed.")
        case apsw.IOError():
            return _from_disk(place, error)
        case OSError():
            return _from_system(place, error)
        case UnicodeEncodeError():
            return Refused(reason=f"it holds text that is no Unicode: {error.object[error.start : error.end]!r}")
    return StoreTrouble(place=place, reason=f"SQLite says: {error}.")


def _from_disk(place: Path, error: apsw.IOError) -> StoreTrouble:
    """SQLite tells a full disk apart only where it writes the database itself, not where it enlarges its shared memory."""
    if getattr(error, "extendedresult", 0) == apsw.SQLITE_IOERR_SHMSIZE:
        return StoreFull(place=place)
    return StoreTrouble(place=place, reason=f"the disk says: {error}.")


def _from_system(place: Path, error: OSError) -> StoreTrouble:
    if error.errno in FULL:
        return StoreFull(place=place)
    if error.errno in READ_ONLY:
        return StoreReadOnly(place=place, reason=f"{error.strerror}.")
    return StoreTrouble(place=place, reason=f"{error}.")
