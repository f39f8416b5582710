"""What a bubblewrap sandbox looks like from inside, as the arguments of `bwrap`."""

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path

from sandboxes.limits import Limits
from sandboxes.values import Value

TREE = "/swarm/tree"
HOME = "/swarm/home"
INIT = "/swarm/init"
USER = "1000"
SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/nix/store", "/gnu/store")
SETTINGS = ("/etc/alternatives", "/etc/ld.so.cache", "/etc/localtime", "/etc/mime.types", "/etc/ssl/certs", "/etc/pki/tls/certs")
KERNEL = ("sys", "irq", "bus", "fs")
HIDDEN = ("sysrq-trigger", "kcore", "keys", "timer_list", "kallsyms", "kmsg", "sched_debug")
ETC = {
    "passwd": f"swarm:x:{USER}:{USER}:swarm:{HOME}:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n",
    "group": f"swarm:x:{USER}:\nnogroup:x:65534:\n",
    "hosts": "127.0.0.1 localhost swarm\n::1 localhost\n",
    "nsswitch.conf": "passwd: files\ngroup: files\nhosts: files\n",
    "resolv.conf": "",
}
ETC_NETWORKED = {**ETC, "nsswitch.conf": "passwd: files\ngroup: files\nhosts: files dns\n"}
NAMES = ("hosts", "resolv.conf")  # where on the network things are; with the network these are the machine's own
ISOLATION = (
    "--unshare-user", "--unshare-ipc", "--unshare-pid", "--unshare-uts", "--unshare-cgroup-try",
    "--disable-userns", "--die-with-parent", "--new-session", "--as-pid-1", "--clearenv", "--cap-drop", "ALL",
    "--uid", USER, "--gid", USER, "--hostname", "swarm",
)  # fmt: skip


class View(Value, kw_only=True):
    """What of the outside is to be seen in one sandbox."""

    tree: Path
    """Where the worktree can be mounted from."""
    toolchain: Mapping[Path, Path]
    """From where each folder of the toolchain can be mounted, by the path at which it is to be seen."""
    etc: Path
    """The folder with the files of `ETC`."""
    limits: Limits
    seen_at: str = TREE
    """Where the worktree is seen from inside."""
    network: bool = False
    """Whether the network can be reached, as it is only while an environment is set up."""

    @cached_property
    def shown(self) -> tuple[str, ...]:
        """What is mounted, the same for every command."""
        parts = (_system(), _kernel(), _scratch(self.limits), _etc(self.etc), _toolchain(self.toolchain))
        return (*(word for part in parts for word in part), "--bind", str(self.tree), self.seen_at)


class Lent(Value, kw_only=True):
    """The file descriptors that `bwrap` is given: what to start first, the filter of system calls, where to report."""

    init: int
    filter: int
    status: int

    def all(self) -> tuple[int, ...]:
        """List them, to be kept open at the start."""
        return (self.init, self.filter, self.status)


def arguments(view: View, lent: Lent, *, folder: str, environment: Mapping[str, str]) -> list[str]:
    """Describe the whole sandbox."""
    return [
        *ISOLATION,
        *(() if view.network else ("--unshare-net",)),
        *("--seccomp", str(lent.filter), "--json-status-fd", str(lent.status)),
        *view.shown,
        *("--perms", "0111", "--ro-bind-data", str(lent.init), INIT),
        *("--remount-ro", "/dev", "--remount-ro", "/"),  # or they would be writable file systems of unlimited size
        *("--chdir", view.seen_at if folder == "." else f"{view.seen_at}/{folder}"),
        *(part for name, value in environment.items() for part in ("--setenv", name, value)),
    ]


def _system() -> Iterator[str]:
    for name in SYSTEM:
        place = Path(name)
        if place.is_symlink():
            yield from ("--symlink", str(place.readlink()), name)
        elif place.is_dir():
            yield from ("--ro-bind", name, name)


def _kernel() -> Iterator[str]:
    yield from ("--proc", "/proc")
    for name in KERNEL:
        yield from ("--ro-bind-try", f"/proc/{name}", f"/proc/{name}")
    for name in HIDDEN:
        if Path("/proc", name).exists():
            yield from ("--ro-bind", "/dev/null", f"/proc/{name}")
    yield from ("--dev", "/dev")


def _scratch(limits: Limits) -> Iterator[str]:
    sizes = {"/tmp": limits.temporary, HOME: limits.home, "/dev/shm": limits.shared, "/run": limits.home}  # noqa: S108  # the sandbox's own
    for place, size in sizes.items():
        mode = "1777" if place in ("/tmp", "/dev/shm") else "0755"  # noqa: S108  # as above
        yield from ("--perms", mode, "--size", str(size), "--tmpfs", place)


def _etc(folder: Path) -> Iterator[str]:
    for name in ETC:
        yield from ("--ro-bind", str(folder / name), f"/etc/{name}")
    for name in SETTINGS:
        yield from ("--ro-bind-try", name, name)


def _toolchain(folders: Mapping[Path, Path]) -> Iterator[str]:
    for seen_at in sorted(folders):
        yield from ("--ro-bind", str(folders[seen_at]), str(seen_at))


def visible_already(folder: Path) -> bool:
    """Whether every sandbox shows this folder anyway."""
    return any(folder.is_relative_to(place) for place in SYSTEM)


def distinct(folders: Sequence[Path]) -> tuple[Path, ...]:
    """Leave out what every sandbox shows, and what lies in another of them."""
    wanted = sorted({folder for folder in folders if not visible_already(folder)})
    return tuple(folder for folder in wanted if not any(folder != other and folder.is_relative_to(other) for other in wanted))
