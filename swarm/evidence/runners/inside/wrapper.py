"""Runs a test tool inside the sandbox and tells what it wrote, after everything that it started has ended.

The tool writes its report to a new folder of a random name, so no report of an earlier run can be taken for this one's. The
standard library of Python 3.8 is all that is used here.
"""

from __future__ import annotations

import base64
import ctypes
import os
import select
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from swarm.evidence.runners.inside.channel import Channel

LARGEST = 16 * 1024 * 1024
"""Bytes of all reports together, or of what was printed, that are told."""
NOT_DUMPABLE, SUBREAPER = 4, 36
TICK = 0.05


def withdraw() -> None:
    """Let nobody else of this user open this process's pipes, and become the parent of whatever the tool leaves behind."""
    if sys.platform == "linux":
        library = ctypes.CDLL(None)
        library.prctl(SUBREAPER, 1, 0, 0, 0)
        library.prctl(NOT_DUMPABLE, 0, 0, 0, 0)


def children() -> Iterator[int]:
    """The processes whose parent this one is."""
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                facts = (entry / "stat").read_bytes()
            except OSError:  # it is gone
                continue
            if int(facts.rpartition(b")")[2].split()[1]) == os.getpid():
                yield int(entry.name)


def end_all() -> None:
    """End whatever the tool left behind: it could write another report yet."""
    if sys.platform != "linux":  # elsewhere it is ended with the sandbox
        return
    while True:
        for child in children():
            os.kill(child, signal.SIGKILL)
        try:
            os.waitpid(-1, 0)
        except ChildProcessError:
            return


def carried_out(words: Sequence[str], *, catch: bool) -> tuple[int, bytes]:
    """Run the tool to its end; give its status, and what it printed if that is its report."""
    if not catch:
        with subprocess.Popen(words, stdin=subprocess.DEVNULL) as process:
            status = process.wait()
        end_all()
        return (status if status >= 0 else 128 - status), b""
    with subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as process:
        assert process.stdout is not None
        said = bytearray()
        pipe = process.stdout.fileno()
        while process.poll() is None:
            if select.select([pipe], [], [], TICK)[0] and not take(pipe, said):
                process.wait()
        end_all()
        while take(pipe, said):
            pass
        status = process.returncode
    return (status if status >= 0 else 128 - status), bytes(said)


def take(pipe: int, said: bytearray) -> bool:
    """Move what was printed on, and keep it; say whether there may be more."""
    data = os.read(pipe, 65536)
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()
    said += data[: LARGEST + 1 - len(said)]
    return bool(data)


def tell_file(channel: Channel, name: str, content: bytes) -> int:
    """Tell a file; what is too large is told as such. Give its size."""
    whole = len(content) <= LARGEST
    channel.tell("file", name=name, whole=whole, content=base64.b64encode(content if whole else b"").decode("ascii"))
    return len(content)


def reports(place: Path) -> Iterator[Path]:
    """The files of the report: one, or all in its folder."""
    if place.is_dir():
        yield from sorted(path for path in place.rglob("*") if path.is_file() and not path.is_symlink())
    elif place.is_file() and not place.is_symlink():
        yield place


def run(channel: Channel, argv: Sequence[str], catch: bool, place: str) -> int:
    """Run a tool, with the path for its report where the command says `place`, and tell the report; answer the tool's status."""
    channel.tell("start", root=channel.root)
    withdraw()
    with tempfile.TemporaryDirectory(prefix="report-") as folder:
        report = Path(folder, "report")
        try:
            status, said = carried_out([word.replace(place, str(report)) for word in argv], catch=catch)
        except OSError as error:
            channel.tell("absent", text=f"{argv[0]}: {error.strerror}")
            status, said = 127, b""
        left = LARGEST
        for path in reports(report):
            with path.open("rb") as file:
                left -= tell_file(channel, path.relative_to(report).as_posix(), file.read(left + 1) if left >= 0 else b"")
    if catch:
        tell_file(channel, "output", said)
    channel.tell("end", status=status)
    return status
