"""What swarm has mounted at a place, where it lies, and how it is taken away again."""

import os
import re
import sys
from pathlib import Path

TABLE = Path("/proc/self/mountinfo")
UPPER = "upper"
"""In the layers of a place: the files that were written there."""


def layers_of(place: Path) -> Path:
    """Where what is written at a place lies, if something is mounted there."""
    return place.with_name(f".{place.name}.layers")


def unmount_below(folder: Path) -> None:
    """Take away every mount at this place and below it."""
    if sys.platform == "linux" and (places := mounted_below(folder)):
        from sandboxes.mounts import detach  # noqa: PLC0415 - mostly nothing is mounted

        for place in reversed(places):
            detach(place)


def mounted_below(folder: Path) -> list[bytes]:
    """Name the places at or below a folder where something is mounted, in the order of the mounts."""
    if not TABLE.exists():
        return []
    top = os.fsencode(folder.parent.resolve() / folder.name)
    places = [_unescaped(line.split(b" ")[4]) for line in TABLE.read_bytes().splitlines()]
    return [place for place in places if place == top or place.startswith(top + b"/")]


def _unescaped(place: bytes) -> bytes:
    return re.sub(rb"\\([0-7]{3})", lambda found: bytes([int(found[1], 8)]), place)
