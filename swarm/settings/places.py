"""Where swarm keeps what is the user's: settings in one folder, the state of each repository in another."""

import hashlib
import re
import sys
from collections.abc import Mapping
from pathlib import Path

LIVE = "live"
"""In the state folder: the mark that every process which works on the repository holds while it lives."""
RUNNING = ".running"
"""In the state folder, after the name of a run: the mark that the process holds which works on it."""
WORKTREES = "worktrees"
"""In the state folder: a folder for each such process."""

REMEMBERED = "triage"
"""In the state folder: what is remembered from one triage to the next."""
SPARES = "spares"
"""In that folder: the doors behind which processes wait for the next triage."""
MIRROR = "mirror.git"
ENVIRONMENTS = "environments"
BASELINES = "baselines"
ORIGIN = "origin"
"""In the state folder: the path of the repository that it belongs to; written anew by every run."""


def config_file(environ: Mapping[str, str]) -> Path:
    """The user's own settings."""
    return _user_folder(environ, "XDG_CONFIG_HOME") / "config.toml"


def keys_file(environ: Mapping[str, str]) -> Path:
    """The keys of the user's providers of models, apart from the settings, which may be shown."""
    return _user_folder(environ, "XDG_CONFIG_HOME") / "keys.toml"


def state_root(environ: Mapping[str, str]) -> Path:
    """Where the state of all repositories lies."""
    return _user_folder(environ, "XDG_STATE_HOME")


def state_place(identity: str, environ: Mapping[str, str]) -> Path:
    """Where the state of a repository lies, whether or not there is any yet."""
    if not re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9._-]*", identity):
        raise ValueError(f"not the name of a folder: {identity!r}")
    return state_root(environ) / identity


def state_folder(identity: str, environ: Mapping[str, str]) -> Path:
    """The folder with the state of a repository: worktrees, raw output, the blackboard. Nobody else can look into it."""
    place = state_place(identity, environ)
    try:
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        place.mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        from swarm.errors import StoreReadOnly  # noqa: PLC0415 - who only looks for an answer need not wait for it

        raise StoreReadOnly(place=place, reason=error.strerror or error) from error
    return place


def identity_of(repository: Path) -> str:
    """The name under which the state of a repository is kept: readable, and never that of another folder."""
    real = repository.resolve()
    named = real.parent if real.name == ".git" else real
    readable = re.sub(r"[^A-Za-z0-9._-]+", "-", named.name).strip(".-")[:40]
    return f"{readable or 'repository'}-{hashlib.sha256(str(real).encode(errors='surrogateescape')).hexdigest()[:12]}"


def _user_folder(environ: Mapping[str, str], variable: str) -> Path:
    """The folder of this variable, on every platform; without it, what the platform has for such things."""
    named = Path(environ.get(variable, ""))
    if named.is_absolute():  # the XDG specification wants relative ones ignored
        return named / "swarm"
    system: str = sys.platform
    if system == "linux":  # what platformdirs answers there, without the time that it takes to load it
        return Path.home() / (".config" if variable == "XDG_CONFIG_HOME" else ".local/state") / "swarm"
    import platformdirs  # noqa: PLC0415 - costs as much time as the rest of the settings, and is mostly not needed

    dirs = platformdirs.PlatformDirs("swarm", appauthor=False)
    return dirs.user_config_path if variable == "XDG_CONFIG_HOME" else dirs.user_state_path
