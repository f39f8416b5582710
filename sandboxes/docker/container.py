"""What a container is allowed: as little as an engine can give."""

import os
import resource
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from docker.types import Mount

from sandboxes import profile
from sandboxes.docker import init
from sandboxes.docker.engine import Engine
from sandboxes.docker.owner import labels
from sandboxes.docker.userland import Userland, mounts
from sandboxes.limits import Limits

INODES = 65536  # files in one scratch folder: empty ones take no room there, but the kernel's
SCRATCH = ("/tmp", "/run", profile.HOME)  # noqa: S108  # the sandbox's own
SHARED = "/dev/shm"  # noqa: S108  # as above
MASKED = (
    *(f"/proc/{name}" for name in (*profile.HIDDEN, "acpi", "asound", "latency_stats", "timer_stats", "scsi")),
    *("/sys", "/dev/mqueue"),
)
READ_ONLY = tuple(f"/proc/{name}" for name in (*profile.KERNEL, "sysrq-trigger"))


@dataclass(frozen=True, kw_only=True)
class Plan:
    """Everything that a container is made of."""

    userland: Userland
    tree: Path
    toolchain: Sequence[Path]
    door: Path
    """The folder with the socket over which the first process is told what to do."""
    uid: int
    gid: int
    limits: Limits
    cpus: float
    seen_at: str = profile.TREE
    """Where the worktree is seen from inside."""
    network: str = "none"
    """The engine's name for the network that can be reached; another than none only while an environment is set up."""

    def etc(self) -> dict[str, str]:
        """Write the few files about users and names that programs look for."""
        networked = self.network != "none"
        given = profile.ETC_NETWORKED if networked else profile.ETC
        own = {file: text for file, text in given.items() if not (networked and file in profile.NAMES)}  # those are the engine's
        return {file: text.replace(f":{profile.USER}:", f":{self.uid}:", 1) for file, text in own.items()}


def created(engine: Engine, plan: Plan) -> str:
    """Create the container and give its id."""
    made = engine.api.create_container(
        plan.userland.image,
        [plan.userland.python, "-I", "-S", "-X", "utf8", f"{init.DOOR}/init.py", *SCRATCH, SHARED],
        user=f"{plan.uid}:{plan.gid}",
        hostname="swarm",
        working_dir=plan.seen_at,
        entrypoint=[],
        environment={},
        labels=labels(),
        use_config_proxy=False,  # a proxy's address may hold a password
        network_disabled=plan.network == "none",
        host_config=_host(engine, plan),
    )
    return str(made["Id"])


def _host(engine: Engine, plan: Plan) -> Mapping[str, Any]:
    limits = plan.limits
    settings = engine.api.create_host_config(
        cap_drop=["ALL"],
        security_opt=list(_security(engine)),
        read_only=True,
        network_mode=plan.network,
        ipc_mode="private",
        init=False,  # the first process is ours
        mounts=list(_mounts(plan)),
        tmpfs=dict(_scratch(engine, limits)),
        shm_size=limits.shared,
        mem_limit=limits.memory,
        memswap_limit=limits.memory,  # both together: no swap
        nano_cpus=int(min(plan.cpus, engine.facts.get("NCPU") or plan.cpus) * 1e9),
        pids_limit=limits.processes,
        oom_score_adj=500,
        ulimits=[{"Name": name, "Soft": size, "Hard": size} for name, size in _limits(limits)],
        userns_mode=_user_namespace(engine),
    )
    return {**settings, "MaskedPaths": list(MASKED), "ReadonlyPaths": list(READ_ONLY)}


def _limits(limits: Limits) -> Iterator[tuple[str, int]]:
    yield from (("core", 0), ("nofile", limits.open_files), ("fsize", limits.file))
    most = int(Path("/proc/sys/kernel/pid_max").read_text())
    allowed = resource.getrlimit(resource.RLIMIT_NPROC)[1]
    yield "nproc", most if allowed == resource.RLIM_INFINITY else min(most, allowed)  # Podman asks for more than it may have


def _security(engine: Engine) -> Iterator[str]:
    yield "no-new-privileges"
    if Path("/sys/fs/selinux/enforce").exists():
        yield "label=disable"  # or only files labelled for containers could be seen, and none of yours is relabelled
    if engine.is_podman:
        yield f"mask={':'.join(MASKED)}"  # it hears of masked paths nowhere else


def _user_namespace(engine: Engine) -> str | None:
    if "rootless" in engine.options:
        return "keep-id"  # Podman's: you are yourself inside as well
    return "host" if "userns" in engine.options else None  # or the worktree would belong to a stranger


def _mounts(plan: Plan) -> Iterator[Mount]:
    for folder in mounts((*plan.userland.folders, *profile.distinct(plan.toolchain))):
        yield _bind(folder, str(folder), read_only=True, deep=str(folder) in profile.SYSTEM)
    for file in plan.etc():
        yield _bind(plan.door / "etc" / file, f"/etc/{file}", read_only=True)
    yield _bind(plan.door, init.DOOR, read_only=True)
    yield _bind(plan.tree, plan.seen_at, read_only=False)


def _bind(source: Path, target: str, *, read_only: bool, deep: bool = False) -> Mount:
    mount = Mount(target, os.fspath(source), type="bind", read_only=read_only)
    mount["BindOptions"] = {"NonRecursive": not deep}  # what else is mounted below would be writable in spite of all
    return mount


def _scratch(engine: Engine, limits: Limits) -> Iterator[tuple[str, str]]:
    many = "" if engine.is_podman else f",nr_inodes={INODES}"  # Podman does not know the option
    for place, size in zip(SCRATCH, (limits.temporary, limits.home, limits.home), strict=True):
        yield place, f"rw,exec,nosuid,nodev,mode=1777,size={size}{many}"
    if engine.is_podman:
        yield "/var/tmp", "ro,size=4k"  # noqa: S108  # or Podman mounts a large and writable one there
