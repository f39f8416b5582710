"""The first process of a container: starts one command after the other, as it is told over a socket, and leaves nothing of them.

It runs inside, under whatever Python is there, and imports nothing of swarm. The socket, which is connected before any
foreign code runs and whose name is removed then, brings each command together with its own pipes; so nothing that a command
says passes through the engine. When swarm ends, however it ends, the socket does, and with this process the whole container.
"""

from __future__ import annotations

import contextlib
import ctypes
import fcntl
import json
import os
import select
import signal
import socket
import stat
import struct
import sys
from typing import Any, NoReturn

DOOR = "/swarm/door"
PR_SET_DUMPABLE, PR_SET_SECCOMP, SECCOMP_MODE_FILTER = 4, 22, 2
STEP = 8  # bytes of one instruction of a filter
FIRST_TO_DIE = "900"  # of 1000: the kernel, out of memory, takes a command before it takes this process
LENT = 10  # file descriptors from here on are out of the way of those that a command gets
SIZE = struct.Struct("!I")


def main() -> None:
    """Serve until the other end of the socket is gone."""
    prctl(PR_SET_DUMPABLE, 0)  # or commands, which are the same user, could look into this process and write into it
    confine()
    door = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    door.connect(DOOR + "/socket")
    bell = ring_when_children_end()
    scratch = sys.argv[1:]
    send(door, {"writable": os.access(".", os.W_OK)})
    while True:
        answer = serve(door, bell, scratch)
        send(door, answer)


def serve(door: socket.socket, bell: int, scratch: list[str]) -> dict[str, object]:
    """Run the next command to its end and say how it ended."""
    request, pipes = receive(door)
    if not os.path.isdir(request["folder"]):  # noqa: PTH112
        close(pipes)
        return {"trouble": f"there is no folder {request['folder']}"}
    pid = os.fork()
    if pid == 0:
        become(request, pipes)
    close(pipes)
    status = wait(pid, door, bell)
    status = end_everything(pid, status)
    for folder in scratch:
        wipe(folder)
    return {"status": status}


def prctl(*arguments: object) -> None:
    """Set something about this process, or die."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(*arguments, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl")


def confine() -> None:
    """Put the filter of system calls on this process, and so on all that it ever starts."""
    with open(DOOR + "/filter", "rb") as file:  # noqa: PTH123
        steps = ctypes.create_string_buffer(file.read())
    length = (len(steps) - 1) // STEP
    program = ctypes.create_string_buffer(struct.pack("@HP", length, ctypes.addressof(steps)))
    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, program)


def ring_when_children_end() -> int:
    """Give a file descriptor that becomes readable when a child has ended."""
    bell, hammer = os.pipe()
    os.set_blocking(bell, False)
    os.set_blocking(hammer, False)
    signal.set_wakeup_fd(hammer, warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    return bell


def receive(door: socket.socket) -> tuple[dict[str, Any], list[int]]:
    """Take in what to run, and the pipes for it: input, output, errors, and perhaps a report."""
    while True:
        head, pipes, _, _ = socket.recv_fds(door, SIZE.size, 4)
        size = SIZE.unpack(head + exactly(door, SIZE.size - len(head)))[0]
        if size:  # else it asks for the end of a command that had ended just then
            return json.loads(exactly(door, size)), pipes


def exactly(door: socket.socket, size: int) -> bytes:
    """Read so many bytes; end with the other end."""
    data = b""
    while len(data) < size:
        more = door.recv(size - len(data))
        if not more:
            sys.exit(0)
        data += more
    return data


def send(door: socket.socket, answer: dict[str, object]) -> None:
    """Say something, as one line; if nobody listens any more, the next reading will end all."""
    with contextlib.suppress(BrokenPipeError):
        door.sendall(json.dumps(answer).encode() + b"\n")


def become(request: dict[str, Any], pipes: list[int]) -> NoReturn:
    """Turn this new process into the command."""
    code = 126
    try:
        prctl(PR_SET_DUMPABLE, 1)  # or what it sets about itself would belong to root
        with open("/proc/self/oom_score_adj", "w") as file:  # noqa: PTH123
            file.write(FIRST_TO_DIE)
        os.setsid()
        lend(pipes)
        for number in (signal.SIGPIPE, signal.SIGXFSZ, signal.SIGCHLD):  # Python does not leave these as it found them
            signal.signal(number, signal.SIG_DFL)
        os.chdir(request["folder"])
        os.execvpe(request["argv"][0], request["argv"], request["environment"])  # noqa: S606  # that is what it is for
    except FileNotFoundError as error:
        code = 127
        complain(request, error)
    except (OSError, ValueError) as error:
        complain(request, error)
    finally:
        os._exit(code)


def lend(pipes: list[int]) -> None:
    """Number the pipes from zero; nothing else stays open in a command."""
    high = [fcntl.fcntl(pipe, fcntl.F_DUPFD_CLOEXEC, LENT) for pipe in pipes]
    close(pipes)
    for number, pipe in enumerate(high):
        os.dup2(pipe, number)


def complain(request: dict[str, Any], error: Exception) -> None:
    """Say, as a shell would, why a command did not start."""
    reason = getattr(error, "strerror", None) or str(error)
    os.write(2, f"{request['argv'][0]}: {reason}\n".encode("utf-8", "surrogateescape"))


def close(pipes: list[int]) -> None:
    """Give the pipes back."""
    for pipe in pipes:
        os.close(pipe)


def wait(pid: int, door: socket.socket, bell: int) -> int | None:
    """Wait until the command ends, reaping orphans meanwhile, or until swarm says anything: then it is to be ended."""
    while True:
        ready, _, _ = select.select([door.fileno(), bell], [], [])
        if bell in ready:
            os.read(bell, 65536)
            for ended, status in reaped(os.WNOHANG):
                if ended == pid:
                    return status
        if door.fileno() in ready:
            exactly(door, SIZE.size)
            return None


def reaped(options: int) -> list[tuple[int, int]]:
    """Collect the children that have ended."""
    found: list[tuple[int, int]] = []
    while True:
        try:
            pid, status = os.waitpid(-1, options)
        except ChildProcessError:
            return found
        if pid == 0:
            return found
        found.append((pid, status))


def end_everything(pid: int, status: int | None) -> int:
    """Kill all other processes of the container, so often that nothing is left that could start another."""
    while True:
        with contextlib.suppress(ProcessLookupError):
            os.kill(-1, signal.SIGKILL)
        try:
            ended, how = os.waitpid(-1, 0)
        except ChildProcessError:
            break
        if ended == pid:
            status = how
    assert status is not None
    return status


def wipe(folder: str) -> None:
    """Empty a scratch folder, so that each command finds what the first one found; no depth of it is too deep."""
    flat = f"{folder}/.wiping-{os.urandom(8).hex()}-"
    waiting, count = [folder], 0
    while waiting:
        place = waiting.pop()
        for entry in list(os.scandir(place)):
            info = entry.stat(follow_symlinks=False)
            if info.st_uid != os.getuid():  # mounted there from outside
                continue
            if not stat.S_ISDIR(info.st_mode):
                os.unlink(entry.path)  # noqa: PTH108
                continue
            os.chmod(entry.path, stat.S_IRWXU)  # noqa: PTH101  # its own link to its parent must be writable for it to be moved
            count += 1
            os.rename(entry.path, f"{flat}{count}")  # noqa: PTH104
            waiting.append(f"{flat}{count}")
        if place != folder:
            os.rmdir(place)  # noqa: PTH106


if __name__ == "__main__":
    main()
