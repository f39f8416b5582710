"""A mount namespace of a sandbox's own, in which root mounts what another user could not reach, once for all its commands."""

import os
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from sandboxes.privileges import tool
from sandboxes.sandbox import SandboxTrouble

# What is taken away outside is taken away in here as well; what is mounted in here is seen in here only.
START = ("--mount", "--propagation", "slave", "--")
SCRIPT = 'set -eu; while [ $# -gt 0 ]; do mount --bind "$1" "$2"; shift 2; done; echo; exec cat'
Pair = tuple[Path, Path]


@contextmanager
def apart(pairs: Sequence[Pair]) -> Iterator[tuple[str, ...]]:
    """Mount the first folder of each pair onto the second; lend the words that start a command where that is so.

    The namespace lives by an open file of this process, so it ends with it, and with it every mount.
    """
    if not pairs:
        yield ()
        return
    namespace = _namespace([str(folder) for pair in pairs for folder in pair])
    try:
        # Opened anew by each command, and closed by `nsenter`: an open file that it inherited would be seen inside.
        yield (tool("nsenter"), f"--mount=/proc/{os.getpid()}/fd/{namespace}", "--")
    finally:
        os.close(namespace)


def _namespace(folders: Sequence[str]) -> int:
    argv = (tool("unshare"), *START, "/bin/sh", "-c", SCRIPT, "apart", *folders)
    pipe, variables = subprocess.PIPE, {"PATH": os.defpath}
    with subprocess.Popen(argv, env=variables, stdin=pipe, stdout=pipe, stderr=pipe) as holder:
        assert holder.stdout is not None
        assert holder.stderr is not None
        try:
            if not holder.stdout.read(1):  # it answers when all is mounted
                raise SandboxTrouble(reason=holder.stderr.read().decode("utf-8", "replace").strip())
            return os.open(f"/proc/{holder.pid}/ns/mnt", os.O_RDONLY | os.O_CLOEXEC)
        finally:
            holder.kill()
