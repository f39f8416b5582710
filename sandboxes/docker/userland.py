"""What programs a container finds: an image's own, or this machine's, read-only on an image that is empty.

The second is what you get without any setting: nothing is downloaded, it works offline, and a virtual environment
that links to this machine's Python runs inside as it does outside, exactly as under bubblewrap.
"""

import hashlib
import io
import os
import re
import sys
import tarfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sandboxes import profile
from sandboxes.docker.engine import Engine, explained, has_image
from sandboxes.sandbox import NoSandbox

PYTHON = "python3"  # as an image calls it
NAME = "localhost/swarm-userland"
OLDEST = 9  # of Python 3: passing on file descriptors came with it


@dataclass(frozen=True)
class Userland:
    """An image and what has to be mounted on it."""

    image: str
    python: str
    """What runs the first process."""
    folders: tuple[Path, ...] = ()
    """Shown read-only at the same paths."""
    path: str | None = None
    """Where the image says that its programs are."""


def own(engine: Engine, image: str) -> Userland:
    """Use the programs of an image that the user named."""
    if not has_image(engine, image):
        raise _missing(image)
    with explained(f"the image {image} cannot be read"):
        settings = engine.api.inspect_image(image)["Config"] or {}
    variables = dict(line.split("=", 1) for line in settings.get("Env") or () if "=" in line)
    return Userland(image, PYTHON, path=variables.get("PATH"))


def identity(engine: Engine, image: str) -> str:
    """Name what is in an image that the user named: another name than its own, which may come to mean another image."""
    if not has_image(engine, image):
        raise _missing(image)
    with explained(f"the image {image} cannot be read"):
        return str(engine.api.inspect_image(image)["Id"]).removeprefix("sha256:")[:16]


def _missing(image: str) -> NoSandbox:
    return NoSandbox(reason=f"the engine has no image {image}", remedy=f"Get it first: docker pull {image} (or build it).")


def shared(engine: Engine) -> Userland:
    """Use the programs of this machine."""
    bare = _bare()
    name = f"{NAME}-{hashlib.sha256(bare).hexdigest()[:12]}"
    if not has_image(engine, name):
        with explained("the empty image cannot be made"):
            engine.api.import_image_from_data(bare, repository=name, tag="latest")  # Podman hears no other
    real = [Path(place) for place in profile.SYSTEM if Path(place).is_dir() and not Path(place).is_symlink()]
    settings = [Path(place) for place in profile.SETTINGS if Path(place).exists()]
    python, home = _python()
    return Userland(name, str(python), (*real, *settings, *profile.distinct([home])))


def _bare() -> bytes:
    """Pack an image without a single file: only the links by which this machine finds its programs."""
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w") as tar:
        for place in map(Path, profile.SYSTEM):
            if place.is_symlink():
                link = tarfile.TarInfo(str(place).lstrip("/"))
                link.type, link.linkname = tarfile.SYMTYPE, str(place.readlink())
                tar.addfile(link)
    return data.getvalue()


def _python() -> tuple[Path, Path]:
    """Find a Python for the first process, and where it is installed: the system's, which is there anyway, or swarm's own."""
    for place in ("/usr/bin/python3", "/usr/local/bin/python3"):
        real = Path(os.path.realpath(place))
        if (version := re.fullmatch(r"python3\.(\d+)", real.name)) and int(version[1]) >= OLDEST and _is_whole(real):
            return real, Path("/usr")
    return Path(os.path.realpath(sys.executable)), Path(sys.base_prefix).resolve()


def _is_whole(python: Path) -> bool:
    """Whether this Python is below /usr, with the part of its library that distributions like to leave out."""
    top = python.parent.parent
    return top.is_relative_to("/usr") and any((top / lib / python.name / "ctypes").is_dir() for lib in ("lib", "lib64"))


def mounts(folders: Sequence[Path]) -> tuple[Path, ...]:
    """Leave out folders that lie in others."""
    wanted = sorted(set(folders))
    return tuple(folder for folder in wanted if not any(folder != other and folder.is_relative_to(other) for other in wanted))
