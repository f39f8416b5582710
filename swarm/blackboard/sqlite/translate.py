"""What SQLite and the disk say, in the words of the store."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import apsw

from swarm.errors import Refused, StoreDamaged, StoreFull, StoreReadOnly, StoreTrouble

FULL = frozenset((errno.ENOSPC, errno.EDQUOT, errno.EFBIG))
READ_ONLY = frozenset((errno.EROFS, errno.EACCES, errno.EPERM))


@contextmanager
def translated(place: Path) -> Iterator[None]:
    """Raise the store's own errors for everything that can go wrong below it."""
    try:
        yield
    except (apsw.CorruptError, apsw.NotADBError) as error:
        raise StoreDamaged(place=place, reason=f"{error}.") from error
    except (apsw.FullError, apsw.NoMemError) as error:
        raise StoreFull(place=place) from error
    except (apsw.ReadOnlyError, apsw.CantOpenError, apsw.PermissionsError) as error:
        raise StoreReadOnly(place=place, reason=f"{error}.") from error
    except apsw.BusyError as error:
        raise StoreTrouble(place=place, reason="another process has not let go of it for too long; is one stopped?") from error
    except apsw.ConnectionClosedError as error:
        raise StoreTrouble(place=place, reason="it was closed.") from error
    except apsw.IOError as error:
        raise _from_disk(place, error) from error
    except OSError as error:
        raise _from_system(place, error) from error
    except UnicodeEncodeError as error:
        raise Refused(reason=f"it holds text that is no Unicode: {error.object[error.start : error.end]!r}") from error


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
