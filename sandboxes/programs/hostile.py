"""What the probe runs inside a sandbox: it tries to do harm, and reports what it could. It is read as a text, never imported.

It is given, as JSON on its standard input, things that lie outside; each line of its report is one attack that came through.
"""

import contextlib
import ctypes
import fcntl
import glob
import json
import os
import socket
import stat
import sys

OUTSIDE = json.load(sys.stdin)
REPORT = int(os.environ["SWARM_REPORT_FD"])
DEEP = 3  # folders below one in which services leave their sockets, as in /run/user/1000/keyring
LIBC = ctypes.CDLL(None, use_errno=True)


def came_through(attack):
    """Tell of one attack that was not stopped."""
    os.write(REPORT, (attack + "\n").encode())


def try_to_open(path, flags, attack):
    """Open a file that nobody inside may open so."""
    with contextlib.suppress(OSError):
        os.close(os.open(path, flags))
        came_through(attack)


def try_to_reach(family, address, attack):
    """Connect to somebody outside."""
    with socket.socket(family) as line, contextlib.suppress(OSError):
        line.settimeout(1)
        line.connect(address)
        came_through(attack)


def try_files():
    """Read and write what is the user's or the kernel's."""
    try_to_open(OUTSIDE["file"], os.O_RDONLY, "it read a file outside")
    try_to_open(OUTSIDE["file"], os.O_WRONLY, "it wrote a file outside")
    for path in ("/proc/sys/kernel/core_pattern", "/proc/sysrq-trigger", "/proc/1/mem"):
        try_to_open(path, os.O_WRONLY, f"it opened {path} for writing")
    for folder in ("/", "/usr", "/etc", sys.prefix):
        path = os.path.join(folder, "swarm-probe")
        try_to_open(path, os.O_WRONLY | os.O_CREAT, f"it wrote into {folder}")
    for place in ("/run", "/tmp"):
        for path in sockets(place, DEEP):
            came_through(f"it sees the socket {path}")


def sockets(folder, deeper):
    """Name the sockets in a folder, and in those below it, as far down as services put theirs."""
    with contextlib.suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                if deeper:
                    yield from sockets(entry.path, deeper - 1)
            elif not entry.is_file(follow_symlinks=False) and is_socket(entry.path):
                yield entry.path


def is_socket(path):
    """Tell whether somebody may listen here."""
    try:
        return stat.S_ISSOCK(os.lstat(path).st_mode)
    except OSError:
        return False


def try_secrets():
    """Read the environment of every process in sight."""
    for path in glob.glob("/proc/[0-9]*/environ"):
        with contextlib.suppress(OSError), open(path, "rb") as file:
            names = {word.partition(b"=")[0].decode("utf-8", "replace") for word in file.read().split(b"\0") if word}
            for name in sorted(names - set(OUTSIDE["allowed"])):
                came_through(f"it read the variable {name} in {path}")
    for name in os.listdir("/proc/self/fd"):
        with contextlib.suppress(OSError):
            if int(name) not in (0, 1, 2, REPORT):
                os.fstat(int(name))
                came_through(f"it inherited the open file {name}")


def try_rights():
    """Look for rights that are left, and for ways to get new ones."""
    with open("/proc/self/status") as file:
        status = dict(line.split(":\t", 1) for line in file.read().splitlines() if ":\t" in line)
    if any(int(value, 16) for name, value in status.items() if name.startswith("Cap")):
        came_through("it has capabilities")
    if status.get("NoNewPrivs") != "1" or status.get("Seccomp") != "2":
        came_through("it runs without a filter of system calls, or can gain rights by starting programs")
    if LIBC.unshare(0x10000000) == 0:
        came_through("it made a user namespace")
    if LIBC.ptrace(16, 1, 0, 0) == 0:
        came_through("it traced the first process")
    ctypes.set_errno(0)
    LIBC.ioctl(0, ctypes.c_ulong(0x5412), b"x")
    if ctypes.get_errno() != 1:
        came_through("it may type into a terminal")
    with contextlib.suppress(OSError):
        os.kill(OUTSIDE["process"], 0)
        with open(f"/proc/{OUTSIDE['process']}/cmdline", "rb") as file:
            if file.read().hex() == OUTSIDE["cmdline"]:
                came_through("it can signal swarm itself")


def leave_a_daemon():
    """Leave a process behind that holds a lock, so that whoever comes after can tell whether it lives."""
    held = open("daemon", "w")
    fcntl.flock(held, fcntl.LOCK_EX)
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            os.closerange(0, held.fileno())
            os.closerange(held.fileno() + 1, 256)
            while True:
                ctypes.CDLL(None).pause()
        os._exit(0)
    os.wait()


try_secrets()
try_files()
try_to_reach(socket.AF_INET, ("127.0.0.1", OUTSIDE["port"]), "it reached the network")
try_to_reach(socket.AF_UNIX, "\0" + OUTSIDE["socket"], "it reached a socket of the machine")
try_rights()
leave_a_daemon()
os.write(REPORT, b"done\n")
