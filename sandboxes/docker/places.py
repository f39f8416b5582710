"""Where a container engine may listen. To look needs no SDK, which takes longer to load than all else of a short command."""

import json
import os
from collections.abc import Iterator
from pathlib import Path

NOWHERE = "no container engine is installed or running"
INSTALL = "Install one: sudo apt-get install docker.io (or podman). Or say --sandbox bubblewrap."


def sockets() -> Iterator[Path]:
    """Name all usual places at which there is something."""
    runtime = os.environ.get("XDG_RUNTIME_DIR") or f"/run/user/{os.getuid()}"
    usual = ("/var/run/docker.sock", f"{runtime}/docker.sock", str(Path.home() / ".docker/run/docker.sock"))
    podman = (f"{runtime}/podman/podman.sock", "/run/podman/podman.sock")
    return (place for name in (*usual, *podman) if _is_there(place := Path(name)))


def anywhere() -> bool:
    """Whether an engine may be there: the user has chosen one, or something is at a usual place."""
    if os.environ.get("DOCKER_HOST") or os.environ.get("DOCKER_CONTEXT") or _chosen():
        return True
    return next(sockets(), None) is not None


def _chosen() -> bool:
    """Whether `docker context use` was ever said; a file that cannot be read may say so."""
    settings = Path(os.environ.get("DOCKER_CONFIG") or Path.home() / ".docker", "config.json")
    try:
        return bool(json.loads(settings.read_bytes()).get("currentContext")) if settings.exists() else False
    except (OSError, ValueError, AttributeError):
        return True


def _is_there(place: Path) -> bool:
    try:
        return place.exists()
    except OSError:  # the folder of another user
        return False
