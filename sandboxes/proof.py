"""What a kind of sandbox has proven on this machine, for those who ask often: a triage at every commit.

A run always has its sandbox proven anew. A triage is none: it runs the user's own tests, which nobody but the user has chosen.
All that a proof can depend on is part of its name: the start of the machine, its kernel and its settings, the programs that make
the sandbox, swarm's own files, the user. Were one of them otherwise, the proof would not be found. It is never older than a day.
"""

import hashlib
import json
import os
import platform
import shutil
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from sandboxes.sandbox import Backend
from sandboxes.values import Value

DAY = 24 * 3600.0
MOST = 20
PROGRAMS = ("bwrap", "setpriv", "nsenter", "unshare", "mount", "sh")
SETTINGS = (
    "kernel/random/boot_id",
    "kernel/osrelease",
    "kernel/version",
    "kernel/unprivileged_userns_clone",
    "kernel/apparmor_restrict_unprivileged_userns",
    "kernel/yama/ptrace_scope",
    "user/max_user_namespaces",
)


class Proofs(Value):
    """A folder in which one empty file stands for each proof."""

    folder: Path

    def has(self, backend: Backend) -> bool:
        """Whether it has proven itself here since all is as it is now. Only of bubblewrap all that matters is known."""
        if backend.name != "bubblewrap":
            return False
        try:
            age = time.time() - self._place(backend).stat().st_mtime
        except FileNotFoundError:
            return False
        return 0 <= age < DAY

    def add(self, backend: Backend) -> None:
        """Remember that it has, and forget the oldest."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        place = self._place(backend)
        place.touch(mode=0o600)
        os.utime(place)
        for old in sorted(self.folder.iterdir(), key=lambda file: file.stat().st_mtime_ns, reverse=True)[MOST:]:
            old.unlink(missing_ok=True)

    def _place(self, backend: Backend) -> Path:
        return self.folder / hashlib.sha256(json.dumps([repr(backend.name), *_facts()]).encode()).hexdigest()


def _facts() -> Iterator[str]:
    yield from (platform.machine(), sys.prefix, sys.version, str(os.getuid()), str(os.getgroups()))
    for name in SETTINGS:
        setting = Path("/proc/sys", name)
        yield setting.read_text() if setting.exists() else ""
    for program in PROGRAMS:
        found = shutil.which(program)
        yield _stamp(Path(found)) if found else ""
    yield from (_stamp(file) for file in sorted(Path(__file__).parent.rglob("*.*")) if "__pycache__" not in file.parts)


def _stamp(file: Path) -> str:
    info = file.stat()
    return f"{file} {info.st_ino} {info.st_size} {info.st_mtime_ns} {info.st_mode} {info.st_uid}"
