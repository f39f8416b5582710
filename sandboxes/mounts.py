"""Mounts of swarm's own, with the rights of root: a folder that lies over another one."""

import ctypes
import os
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from sandboxes.mounted import UPPER, unmount_below
from sandboxes.privileges import tool

OPEN_TREE, MOVE_MOUNT, MOUNT_SETATTR = 428, 429, 442  # the same numbers on every machine that swarm knows
AT_FDCWD, AT_EMPTY_PATH, O_CLOEXEC = -100, 0x1000, 0o2000000
CLONE = 1
FROM_EMPTY_PATH = 4
READ_ONLY, MAPPED = 0x1, 0x100000
NO_DEVICES_OR_SETUID = 0x4 | 0x2
DETACHED = 0x2 | 0x8  # at once, and never what a link leads to
OPTIONS = "lowerdir=/proc/self/fd/{lower},upperdir=/proc/self/fd/{upper},workdir=/proc/self/fd/{work}"
CONSTANT = "redirect_dir=on,index=off,metacopy=off,xino=off"  # folders can be renamed; a changed file is a whole file of its own


class _Attributes(ctypes.Structure):
    _fields_ = tuple((name, ctypes.c_uint64) for name in ("set", "clear", "propagation", "namespace"))


@contextmanager
def over(lower: Path, layers: Path, place: Path, owner: int) -> Iterator[None]:
    """Show the files of a folder of root's at another place as this user's; what he writes stays in `layers`.

    Raises `OSError` where the kernel, the file system or swarm's rights do not allow it; then nothing is mounted.
    """
    upper, work, door = (layers / name for name in (UPPER, "work", "door"))
    for folder in (layers, upper, work, door):
        folder.mkdir(mode=0o700)
    os.chown(upper, owner, owner)
    upper.chmod(0o755)
    try:
        with _mapped(lower, door, owner):
            _overlay(door, upper, work, place)
        yield
    finally:
        unmount_below(place)


@contextmanager
def _mapped(lower: Path, door: Path, owner: int) -> Iterator[None]:
    """Mount a folder once more, so that what is root's in it is this user's, and nobody can write."""
    with ExitStack() as opened:
        users = opened.enter_context(_users(owner))
        tree = _call(OPEN_TREE, AT_FDCWD, os.fsencode(lower), CLONE | O_CLOEXEC)
        opened.callback(os.close, tree)
        wanted = _Attributes(MAPPED | READ_ONLY, 0, 0, users)
        _call(MOUNT_SETATTR, tree, b"", AT_EMPTY_PATH, ctypes.byref(wanted), ctypes.c_size_t(ctypes.sizeof(wanted)))
        _call(MOVE_MOUNT, tree, b"", AT_FDCWD, os.fsencode(door), FROM_EMPTY_PATH)
    try:
        yield
    finally:
        unmount_below(door)  # what lies over it has its own hold of it


@contextmanager
def _users(owner: int) -> Iterator[int]:
    """Lend a user namespace in which this user is root: the kernel takes it for the table by which owners are translated."""
    argv = (tool("unshare"), "--user", "--", tool("cat"))
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env={}) as holder:
        assert holder.stdin is not None
        assert holder.stdout is not None
        try:
            holder.stdin.write(b"\n")
            holder.stdin.flush()
            if not holder.stdout.read(1):  # it answers from its new namespace
                raise PermissionError("no user namespace can be made")
            for table in ("uid_map", "gid_map"):
                Path(f"/proc/{holder.pid}/{table}").write_text(f"0 {owner} 1")
            namespace = os.open(f"/proc/{holder.pid}/ns/user", os.O_RDONLY | os.O_CLOEXEC)
        finally:
            holder.kill()
    try:
        yield namespace
    finally:
        os.close(namespace)


def _overlay(lower: Path, upper: Path, work: Path, place: Path) -> None:
    with ExitStack() as opened:
        fds = {}
        for name, folder in (("lower", lower), ("upper", upper), ("work", work)):  # by number: a path may hold a comma
            fds[name] = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
            opened.callback(os.close, fds[name])
        options = f"{OPTIONS.format(**fds)},{CONSTANT}".encode()
        flags = ctypes.c_ulong(NO_DEVICES_OR_SETUID)
        _checked(_libc().mount(b"swarm", os.fsencode(place), b"overlay", flags, options))


def detach(place: bytes) -> None:
    """Take a mount away, whoever still uses it."""
    _checked(_libc().umount2(place, DETACHED))


def _call(number: int, *arguments: object) -> int:
    return _checked(_libc().syscall(ctypes.c_long(number), *arguments))


def _checked(result: int) -> int:
    if result < 0:
        error = ctypes.get_errno()
        raise OSError(error, os.strerror(error))
    return result


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)
