"""The way out of the sandbox: JSON lines on a pipe that the tested code was never given."""

from __future__ import annotations

import json
import os


class Channel:
    """Writes records, each with a secret and a number, so that nobody else can write between them unseen."""

    def __init__(self, nonce: str) -> None:
        """Take the pipe over under another number; what it needs later it keeps now, so that patching changes nothing."""
        given = int(os.environ.pop("SWARM_REPORT_FD"))
        self._pipe = os.dup(given)
        os.close(given)
        self._nonce, self._count = nonce, 0
        self._write, self._encode = os.write, json.JSONEncoder().encode
        self._getpid, self._owner = os.getpid, os.getpid()

    def tell(self, kind: str, **facts: object) -> None:
        """Send one record. A forked child stays silent."""
        if self._getpid() != self._owner:
            return
        line = self._encode({"nonce": self._nonce, "count": self._count, "kind": kind, **facts}).encode("ascii") + b"\n"
        self._count += 1
        while line:
            line = line[self._write(self._pipe, line) :]
