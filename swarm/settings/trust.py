"""Trust in what a repository says of itself: given once by the user, for exactly this content, kept where no repository writes.

One file per trusted content, named by its hash: several processes can give trust at the same time and none overwrites another.
"""

import hashlib
import json
import os
import stat
from collections.abc import Mapping
from pathlib import Path

from swarm.errors import NotTrusted, TrustNotKept
from swarm.lasting import sync_folder, write_whole
from swarm.settings.files import Table
from swarm.settings.places import state_folder, state_place
from swarm.settings.resolved import Resolved

_WHOLE = ".json"
"""How the name of a file ends once all of it is written."""


def require_trust(resolved: Resolved, identity: str, environ: Mapping[str, str]) -> None:
    """Go on only if nothing in force needs trust, or the user has given it to exactly this content."""
    guarded, table = resolved.guarded(), resolved.repository
    if not guarded or table is None:
        return
    folder = _folder(identity, environ)
    _refuse_inside(folder, resolved)
    if _is_mine(folder / _name(table)):
        return
    raise NotTrusted(
        origin=table.place,
        keys=", ".join(f"{key.name} ({key.takes.guarded})" for key in guarded),
        state="have changed since you trusted them" if _files(folder) else "are not trusted yet",
    )


def trust(resolved: Resolved, identity: str, environ: Mapping[str, str]) -> None:
    """Remember that the user trusts what the repository's own file says now."""
    if resolved.repository is None:
        return
    folder = _folder(identity, environ)
    _refuse_inside(folder, resolved)
    state_folder(identity, environ)
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        write_whole(folder / _name(resolved.repository), _content(resolved.repository))
        sync_folder(folder.parent)
    except OSError as error:
        raise TrustNotKept(place=folder, reason=error.strerror or error) from error


def revoke(identity: str, environ: Mapping[str, str]) -> int:
    """Forget all trust in a repository; the number of contents that were trusted."""
    folder = _folder(identity, environ)
    files = _files(folder)
    try:
        for file in files:
            file.unlink(missing_ok=True)
        if files:
            sync_folder(folder)
    except OSError as error:
        raise TrustNotKept(place=folder, reason=error.strerror or error) from error
    return sum(file.suffix == _WHOLE for file in files)


def _folder(identity: str, environ: Mapping[str, str]) -> Path:
    return state_place(identity, environ) / "trust"


def _files(folder: Path) -> tuple[Path, ...]:
    """The trusted contents, and what writers that were killed have left unfinished."""
    try:
        return tuple(folder.iterdir())
    except FileNotFoundError:
        return ()
    except OSError as error:
        raise TrustNotKept(place=folder, reason=error.strerror or error) from error


def _content(table: Table) -> bytes:
    """The values, the same bytes for the same values; comments and order do not count."""
    return json.dumps(dict(table.values), sort_keys=True).encode()


def _name(table: Table) -> str:
    return f"{hashlib.sha256(_content(table)).hexdigest()}{_WHOLE}"


def _refuse_inside(folder: Path, resolved: Resolved) -> None:
    """A state folder inside the work tree could come with the repository, which would then trust itself."""
    if resolved.repository_top and folder.resolve().is_relative_to(Path(resolved.repository_top).resolve()):
        raise TrustNotKept(place=folder, reason="it lies inside the repository, which could then trust itself")


def _is_mine(path: Path) -> bool:
    """Whether this is a file that the user, and nobody else, has written."""
    try:
        status = path.lstat()
    except FileNotFoundError:
        return False
    except OSError as error:
        raise TrustNotKept(place=path, reason=error.strerror or error) from error
    return stat.S_ISREG(status.st_mode) and status.st_uid == os.geteuid() and not status.st_mode & (stat.S_IWGRP | stat.S_IWOTH)
