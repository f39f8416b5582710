"""Memory that a child shares with its parent: whatever the tested code closes or kills, what was written there can be read."""

from __future__ import annotations

import json
import mmap
import struct
from time import monotonic
from typing import Any

HEAD = struct.Struct("<ddqq")
"""Since when, for how many seconds, how much was written, how it ended."""
LENGTH = struct.Struct("<I")
ENCODER, DECODER = json.JSONEncoder(), json.JSONDecoder()  # made before the project can change how it is done
FINE, SPOILED = 1, 2
START = 10.0  # seconds that a child has between two steps
SIZE = 16 * 1024 * 1024  # of address space; memory is taken only where something was written


class Arena:
    """What one child does right now, until when it may, and the records of what it did."""

    def __init__(self) -> None:
        """Share some memory with the children to come."""
        self._memory = mmap.mmap(-1, SIZE)
        self._pack, self._clock, self._encode, self._decode = HEAD.pack_into, monotonic, ENCODER.encode, DECODER.decode
        self._used = HEAD.size
        self.clear()

    def clear(self) -> None:
        """Forget the last child."""
        self._used = HEAD.size
        self._pack(self._memory, 0, self._clock(), START, self._used, 0)

    def beat(self, patience: float) -> None:
        """Say, as a child, that the next step begins and takes at most so many seconds."""
        self._pack(self._memory, 0, self._clock(), patience, self._used, 0)

    def add(self, record: dict[str, Any]) -> bool:
        """Write, as a child, what came of a step; False if there is no room for it."""
        data = self._encode(record).encode("ascii")
        end = self._used + LENGTH.size + len(data)
        if end > SIZE:
            return False
        LENGTH.pack_into(self._memory, self._used, len(data))
        self._memory[self._used + LENGTH.size : end] = data
        self._used = end
        self._pack(self._memory, 0, self._clock(), START, self._used, 0)
        return True

    def finish(self, *, sound: bool) -> None:
        """Say, as a child, that it ends by its own will, and whether it found itself sound at the end."""
        self._pack(self._memory, 0, self._clock(), START, self._used, FINE if sound else SPOILED)

    def overdue(self) -> bool:
        """Whether the child takes longer than it may."""
        since, patience, _, _ = HEAD.unpack_from(self._memory, 0)
        return not self._clock() - since <= patience

    def ending(self) -> int:
        """How the child ended: `FINE`, `SPOILED`, or not by its own will."""
        return int(HEAD.unpack_from(self._memory, 0)[3])

    def records(self) -> list[dict[str, Any]]:
        """Everything the child wrote, up to where it stops making sense."""
        found: list[dict[str, Any]] = []
        at, used = HEAD.size, min(HEAD.unpack_from(self._memory, 0)[2], SIZE)
        while at + LENGTH.size <= used:
            (length,) = LENGTH.unpack_from(self._memory, at)
            at += LENGTH.size + length
            try:
                record = self._decode(self._memory[at - length : at].decode("ascii"))
            except ValueError:
                break
            found.append(record)
        return found
