"""What hostile code in a sandbox tries, and what must come of it: whether swarm is root or not."""

import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import pytest

from sandboxes.bubblewrap import Bubblewrap
from sandboxes.command import MEBIBYTE, Command, Ending
from sandboxes.docker.backend import Docker
from sandboxes.limits import Limits
from sandboxes.syscalls import DENIED

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
ORDINARY = 12_345
SMALL = Limits(memory=256 * MEBIBYTE, processes=64, temporary=8 * MEBIBYTE)


@dataclass(frozen=True)
class Seen:
    """What came of an attack."""

    ending: Ending
    exit_code: int
    out: str
    err: str


Attack = Callable[..., Seen]


@pytest.fixture
def place() -> Iterator[Path]:
    """A worktree that any user may reach."""
    with tempfile.TemporaryDirectory(prefix="attack-", dir="/tmp", ignore_cleanup_errors=True) as name:
        Path(name).chmod(0o755)
        worktree = Path(name) / "worktree"
        worktree.mkdir()
        yield worktree


BACKENDS = {"bubblewrap": Bubblewrap, "docker": Docker}


@pytest.fixture(params=BACKENDS)
def kind(request: pytest.FixtureRequest) -> str:
    """Name the kind of sandbox; where it is an engine's, there is one."""
    if request.param == "docker":
        request.getfixturevalue("engine")
    return str(request.param)


@pytest.fixture(params=["as swarm is", "as an ordinary user"])
def attack(request: pytest.FixtureRequest, kind: str, place: Path, toolchain: tuple[Path, ...]) -> Attack:
    """Run a Python program inside; as root, once more from a swarm that is not."""
    ordinary = request.param == "as an ordinary user"

    def run(program: str, *, limits: Limits = SMALL, timeout: float = 30) -> Seen:
        argv = (sys.executable, "-c", program)
        if ordinary and os.geteuid() == 0:
            return _as_ordinary_user(
                place, toolchain, {"backend": kind, "argv": argv, "limits": asdict(limits), "timeout": timeout}
            )
        with BACKENDS[kind](limits=limits).open(place, toolchain) as sandbox:
            ran = sandbox.run(Command(argv=argv, timeout=timeout))
        return Seen(ran.ending, ran.exit_code, ran.stdout.text(), ran.stderr.text())

    return run


def _as_ordinary_user(place: Path, toolchain: tuple[Path, ...], wish: dict[str, object]) -> Seen:
    os.chown(place, ORDINARY, ORDINARY)
    stage = place.parent / "stage"
    stage.mkdir(exist_ok=True)
    wish = {**wish, "worktree": str(place), "toolchain": [str(p) for p in toolchain]}
    with tempfile.TemporaryDirectory(dir=stage) as mounts:
        Path(stage).chmod(0o755)
        Path(mounts).chmod(0o755)
        start = ["unshare", "--mount", "--propagation", "private", "sh", str(HERE / "as_user.sh"), mounts, str(ORDINARY)]
        folders = [*map(str, toolchain), str(ROOT), "--"]
        done = subprocess.run(
            [*start, *folders, sys.executable, "-B", str(HERE / "as_user.py")],
            input=json.dumps(wish).encode(),
            capture_output=True,
            cwd=place.parent,
            env={**os.environ, "PYTHONPATH": str(ROOT), "HOME": "/nonexistent"},
            check=False,
        )
    assert done.returncode == 0, done.stderr.decode()
    ending, code, out, err = json.loads(done.stdout)
    return Seen(Ending[ending], code, out, err)


def test_a_secret_in_swarms_environment_is_in_no_process_inside(attack: Attack, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("CANARY_KEY", "canary-4711")
    seen = attack("""
import glob
for path in glob.glob("/proc/[0-9]*/environ") + glob.glob("/proc/[0-9]*/cmdline") + glob.glob("/proc/[0-9]*/task/*/environ"):
    try:
        data = open(path, "rb").read()
    except OSError as error:
        print(path, error)
        continue
    if "canary-" + "4711" in data.decode("utf-8", "replace"):
        print("SECRET", path)
print("looked")
""")
    assert "looked" in seen.out, seen.err
    assert "SECRET" not in seen.out
    assert "/proc/1/environ [Errno 13]" in seen.out


def test_the_first_process_can_neither_be_written_nor_traced(attack: Attack):
    seen = attack("""
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
for mode in ("rb", "r+b"):
    try:
        open("/proc/1/mem", mode)
        print("OPENED", mode)
    except OSError as error:
        print(error.errno)
print(libc.ptrace(16, 1, 0, 0), libc.process_vm_writev(1, 0, 0, 0, 0, 0))
""")
    assert seen.out.split() == ["13", "13", "-1", "-1"], seen


def test_no_setting_of_the_kernel_can_be_written(attack: Attack):
    before = Path("/proc/sys/kernel/core_pattern").read_bytes()
    seen = attack("""
import os
opened = []
for top in ("/proc/sys", "/proc/irq", "/proc/bus", "/proc/fs", "/sys"):
    for folder, _, names in os.walk(top):
        for name in names:
            try:
                os.close(os.open(os.path.join(folder, name), os.O_WRONLY))
                opened.append(os.path.join(folder, name))
            except OSError:
                pass
for path in ("/proc/sysrq-trigger", "/proc/sys/kernel/core_pattern"):
    try:
        open(path, "w").write("core")
        opened.append(path)
    except OSError:
        pass
print(opened)
""")
    assert seen.out.strip() == "[]", seen
    assert Path("/proc/sys/kernel/core_pattern").read_bytes() == before


def test_nothing_outside_the_worktree_and_its_scratch_can_be_written(attack: Attack, place: Path, toolchain: tuple[Path, ...]):
    beside = place.parent / "beside"
    beside.mkdir(mode=0o777)
    beside.chmod(0o777)
    targets = ["/", "/usr", "/etc", "/swarm", "/proc", "/dev", str(beside), *map(str, toolchain)]
    seen = attack(f"""
import os
wrote = []
for target in {targets!r}:
    try:
        os.close(os.open(os.path.join(target, "planted"), os.O_WRONLY | os.O_CREAT))
        wrote.append(target)
    except OSError:
        pass
print(wrote)
""")
    assert seen.out.strip() == "[]", seen
    assert not list(beside.iterdir())
    assert not any((Path(target) / "planted").exists() for target in targets)


def test_the_users_own_files_are_not_there(attack: Attack, place: Path, toolchain: tuple[Path, ...]):
    home = place.parent / "home"
    names = """
        .ssh/id_ed25519 .aws/credentials .netrc .config/gh/hosts.yml .gitconfig .git-credentials .docker/config.json
        .npmrc .pypirc .kube/config .mozilla/firefox/x/logins.json other-project/.env
    """.split()
    for name in names:
        (home / name).parent.mkdir(parents=True, exist_ok=True)
        (home / name).write_text("canary-4711")
    shown = [place.relative_to("/root").parts[0] for place in toolchain if place.is_relative_to("/root")]
    seen = attack(f"""
import os
print([name for name in {names!r} if os.path.exists(os.path.join({str(home)!r}, name))])
elsewhere = ("/home", "/var", "/sys", "/mnt", "/media", "/boot", "/opt", "/srv")
print([place for place in elsewhere if os.path.exists(place) and os.listdir(place)])
root = os.listdir("/root") if os.path.isdir("/root") else []
print(sorted(os.listdir("/run")), os.listdir("/swarm/home"), [name for name in root if name not in {shown!r}])
print(open("/etc/passwd").read().count("\\n"), os.path.exists("/etc/shadow"))
""")
    assert seen.out.splitlines() == ["[]", "[]", "[] [] []", "2 False"], seen


def test_the_network_is_not_there(attack: Attack, place: Path):
    path = place.parent / "engine.sock"
    with (
        socket.create_server(("127.0.0.1", 0)) as listener,
        socket.socket(socket.AF_UNIX) as hidden,
        socket.socket(socket.AF_UNIX) as named,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as datagrams,
    ):
        hidden.bind(f"\0swarm-attack-{os.getpid()}")
        hidden.listen()
        named.bind(str(path))
        path.chmod(0o777)
        named.listen()
        datagrams.bind(("127.0.0.1", 0))
        datagrams.settimeout(0.1)
        seen = attack(f"""
import os, socket
def reach(family, address):
    with socket.socket(family) as s:
        s.settimeout(2)
        try:
            s.connect(address)
            print("REACHED", address)
        except OSError as error:
            print("no")
reach(socket.AF_INET, ("127.0.0.1", {listener.getsockname()[1]}))
reach(socket.AF_INET, ("192.0.2.1", 80))
reach(socket.AF_INET6, ("2001:db8::1", 80))
reach(socket.AF_UNIX, "\\0swarm-attack-{os.getpid()}")
reach(socket.AF_UNIX, {str(path)!r})
reach(socket.AF_UNIX, "/var/run/docker.sock")
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
    s.sendto(b"out", ("127.0.0.1", {datagrams.getsockname()[1]}))
try:
    socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)
    print("RAW")
except OSError:
    print("no")
try:
    print(socket.getaddrinfo("example.org", 80))
except OSError:
    print("no")
print([name for _, name in socket.if_nameindex()])
with socket.create_server(("127.0.0.1", 0)) as own, socket.create_connection(own.getsockname()):
    print("its own loopback works")
""")
        with pytest.raises(TimeoutError):
            datagrams.recv(10)
    assert seen.out.splitlines() == ["no"] * 8 + ["['lo']", "its own loopback works"], seen


def test_daemons_die_with_the_command_that_left_them(attack: Attack, place: Path):
    seen = attack("""
import os, signal, time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
            signal.signal(number, signal.SIG_IGN)
        os.closerange(0, 100)
        time.sleep(0.7)
        open("alive", "w").close()
        time.sleep(600)
    os._exit(0)
os.wait()
""")
    assert seen.ending is Ending.EXITED, seen
    time.sleep(1.0)
    assert not (place / "alive").exists()


def test_a_fork_bomb_meets_its_limit(attack: Attack):
    seen = attack("""
import os, time
count = 0
try:
    while count < 5000:
        if os.fork() == 0:
            time.sleep(60)
            os._exit(0)
        count += 1
except OSError as error:
    print(count)
""")
    assert 10 < int(seen.out) <= SMALL.processes, seen


def test_memory_meets_its_limit(attack: Attack):
    seen = attack("""
kept = []
while len(kept) < 200:
    kept.append(bytearray(16 * 1024 * 1024))
print("GOT ALL")
""")
    assert "GOT ALL" not in seen.out
    assert (seen.ending, seen.exit_code) == (Ending.KILLED, 137) or "MemoryError" in seen.err, seen


def test_scratch_space_meets_its_limit(attack: Attack):
    seen = attack("""
import os
def fill(folder):
    written = 0
    try:
        with open(os.path.join(folder, "big"), "wb", buffering=0) as file:
            while written < 500:
                written += file.write(b"x" * 1024 * 1024) // (1024 * 1024)
    except OSError as error:
        pass
    return written
print(fill("/tmp"), fill(os.environ["HOME"]), fill("/dev/shm") <= 64, fill("/run") <= 64)
""")
    assert seen.out.split() == ["7", "63", "True", "True"] or seen.out.split() == ["8", "64", "True", "True"], seen


def test_no_right_is_left_and_none_can_be_had_again(attack: Attack):
    seen = attack("""
import os
status = dict(line.split(":\\t") for line in open("/proc/self/status").read().splitlines() if ":\\t" in line)
print([status["Cap" + kind] for kind in ("Inh", "Prm", "Eff", "Bnd", "Amb")], status["NoNewPrivs"], status["Seccomp"])
print(0 in (os.getuid(), os.getgid()), set(os.getgroups()) <= {os.getgid(), 65534})
""")
    nothing = "0" * 16
    assert seen.out.splitlines() == [f"{[nothing] * 5} 1 2", "False True"], seen


def test_no_further_namespace_or_mount_can_be_made(attack: Attack):
    seen = attack("""
import ctypes, os
libc = ctypes.CDLL(None, use_errno=True)
flags = (0x10000000, 0x20000, 0x20000000, 0x40000000, 0x8000000, 0x4000000, 0x2000000)
print([libc.unshare(flag) for flag in flags])
print(libc.mount(b"none", b"/tmp", b"tmpfs", 0, None), libc.umount2(b"/proc", 0), libc.chroot(b"/tmp"), libc.setns(0, 0))
CLONE = {"x86_64": 56, "aarch64": 220}[os.uname().machine]
for flag in flags:
    pid = libc.syscall(CLONE, flag | 17, 0, 0, 0, 0)
    if pid == 0:
        os._exit(0)
    print(pid, ctypes.get_errno())
ctypes.set_errno(0)
print(libc.syscall(435, 0, 0), ctypes.get_errno())
""")
    assert seen.out.splitlines() == ["[-1, -1, -1, -1, -1, -1, -1]", "-1 -1 -1 -1", *["-1 1"] * 7, "-1 38"], seen


def test_every_denied_call_is_denied(attack: Attack):
    seen = attack(f"""
import ctypes, os
libc = ctypes.CDLL(None, use_errno=True)
table = {DENIED!r}
for name, numbers in table.items():
    number = numbers[["x86_64", "aarch64"].index(os.uname().machine)]
    if number is not None:
        ctypes.set_errno(0)
        result = libc.syscall(number, -1, -1, -1, -1, -1, -1)
        if (result, ctypes.get_errno()) != (-1, 1):
            print("ALLOWED", name, result, ctypes.get_errno())
print("tried", len(table))
""")
    assert seen.out.splitlines() == [f"tried {len(DENIED)}"], seen


def test_exactly_four_families_of_sockets_can_be_opened(attack: Attack):
    seen = attack("""
import socket
opened = []
for family in range(50):
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_RAW, socket.SOCK_SEQPACKET):
        try:
            socket.socket(family, kind).close()
            opened.append(family)
        except OSError:
            pass
print(sorted(set(opened)))
""")
    assert seen.out.strip() == "[1, 2, 10, 16]", seen


def test_nothing_can_be_typed_into_a_terminal(attack: Attack):
    seen = attack("""
import ctypes, os
libc = ctypes.CDLL(None, use_errno=True)
IOCTL = {"x86_64": 16, "aarch64": 29}[os.uname().machine]
main, side = os.openpty()
for request in (0x5412, 0x541C, 0x5412 | 1 << 32, 0x541C | 7 << 40):
    for fd in (0, side):
        ctypes.set_errno(0)
        print(libc.syscall(IOCTL, fd, ctypes.c_ulong(request), b"x"), ctypes.get_errno())
try:
    open("/dev/tty")
    print("TERMINAL")
except OSError:
    print("no terminal")
""")
    assert seen.out.splitlines() == ["-1 1"] * 8 + ["no terminal"], seen


def test_processes_of_the_machine_can_neither_be_seen_nor_signalled(attack: Attack):
    victim = subprocess.Popen(["sleep", "60"])
    try:
        seen = attack(f"""
import os, signal
print(len([name for name in os.listdir("/proc") if name.isdigit()]))
try:
    os.kill({victim.pid}, signal.SIGKILL)
except OSError:
    print("no such process")
try:
    os.kill(-1, 0)
except OSError as error:
    print(error.errno)
""")
        assert seen.out.splitlines()[:2] == ["2", "no such process"], seen  # the first process, and this
        assert victim.poll() is None
    finally:
        victim.kill()
        victim.wait()


def test_nobody_inside_is_root_outside(attack: Attack, place: Path):
    seen = attack("open('mine', 'w').close()")
    assert seen.exit_code == 0, seen
    assert (place / "mine").stat().st_uid != 0


def test_no_client_of_the_network_reaches_a_listener_of_the_machine(attack: Attack):
    with socket.create_server(("0.0.0.0", 0)) as listener:
        listener.settimeout(0.5)
        port = listener.getsockname()[1]
        seen = attack(f"""
import subprocess
host = "127.0.0.1"
clients = (
    ["curl", "-sm", "2", f"http://{{host}}:{port}"],
    ["wget", "-qT", "2", "-t", "1", f"http://{{host}}:{port}"],
    ["ssh", "-o", "ConnectTimeout=2", "-p", "{port}", host],
    ["git", "ls-remote", f"git://{{host}}:{port}/x"],
    ["getent", "hosts", "example.org"],
    ["ping", "-c1", "-W1", host],
    ["nc", "-w1", host, "{port}"],
    ["bash", "-c", f"echo x > /dev/tcp/{{host}}/{port}"],
)
tried = 0
for client in clients:
    try:
        done = subprocess.run(client, stdin=subprocess.DEVNULL, capture_output=True, timeout=5)
    except FileNotFoundError:
        continue
    tried += 1
    if done.returncode == 0 and client[0] != "ping":
        print("CAME THROUGH", client)
print(tried)
""")
        with pytest.raises(TimeoutError):
            listener.accept()
    assert "CAME THROUGH" not in seen.out, seen
    assert int(seen.out.split()[-1]) >= 3, seen


def test_only_the_tree_and_its_scratch_can_be_written_anywhere(attack: Attack):
    seen = attack("""
import os
open_to = set()
for folder, names, _ in os.walk("/"):
    names[:] = [name for name in names if os.path.join(folder, name) not in ("/proc", "/usr/share", "/usr/lib")]
    try:
        os.close(os.open(os.path.join(folder, "planted"), os.O_WRONLY | os.O_CREAT))
        open_to.add(folder)
    except OSError:
        pass
print(sorted(open_to))
""")
    # Where the toolchain lies below /tmp outside, the way to it is made of folders in the sandbox's own /tmp.
    writable = {folder for folder in eval(seen.out) if not folder.startswith("/tmp/")}
    assert writable <= {"/swarm/tree", "/swarm/home", "/tmp", "/dev/shm", "/run"}, seen
