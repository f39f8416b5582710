"""What a container is allowed: as little as an engine can give."""

import os
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

    def etc(self) -> dict[str, str]:
        """Write the few files about users and names that programs look for."""
        return {file: text.replace(f":{profile.USER}:", f":{self.uid}:", 1) for file, text in profile.ETC.items()}


def created(engine: Engine, plan: Plan) -> str:
    """Create the container and give its id."""
    made = engine.api.create_container(
        plan.userland.image,
        [plan.userland.python, "-I", "-S", "-X", "utf8", f"{init.DOOR}/init.py", *SCRATCH, SHARED],
        user=f"{plan.uid}:{plan.gid}",
        hostname="swarm",
        working_dir=profile.TREE,
        entrypoint=[],
        environment={},
        labels=labels(),
        use_config_proxy=False,  # a proxy's address may hold a password
        network_disabled=True,
        host_config=_host(engine, plan),
    )
    return str(made["Id"])


def _host(engine: Engine, plan: Plan) -> Mapping[str, Any]:
    limits = plan.limits
    settings = engine.api.create_host_config(
        cap_drop=["ALL"],
        security_opt=["no-new-privileges", *(["label=disable"] if _labelled() else [])],
        read_only=True,
        network_mode="none",
        ipc_mode="private",
        init=False,  # the first process is ours
        mounts=list(_mounts(plan)),
        tmpfs=dict(_scratch(plan)),
        shm_size=limits.shared,
        mem_limit=limits.memory,
        memswap_limit=limits.memory,  # both together: no swap
        nano_cpus=int(min(plan.cpus, engine.facts.get("NCPU") or plan.cpus) * 1e9),
        pids_limit=limits.processes,
        oom_score_adj=500,
        ulimits=[
            {"Name": "core", "Soft": 0, "Hard": 0},
            {"Name": "nofile", "Soft": limits.open_files, "Hard": limits.open_files},
            {"Name": "fsize", "Soft": limits.file, "Hard": limits.file},
        ],
        userns_mode=_user_namespace(engine),
    )
    return {**settings, "MaskedPaths": list(MASKED), "ReadonlyPaths": list(READ_ONLY)}


def _labelled() -> bool:
    """Whether SELinux would keep containers from files that were not labelled for them; no file of yours is relabelled."""
    return Path("/sys/fs/selinux/enforce").exists()


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
    yield _bind(plan.tree, profile.TREE, read_only=False)


def _bind(source: Path, target: str, *, read_only: bool, deep: bool = False) -> Mount:
    mount = Mount(target, os.fspath(source), type="bind", read_only=read_only)
    mount["BindOptions"] = {"NonRecursive": not deep}  # what else is mounted below would be writable in spite of all
    return mount


def _scratch(plan: Plan) -> Iterator[tuple[str, str]]:
    sizes = (plan.limits.temporary, plan.limits.home, plan.limits.home)
    for place, size in zip(SCRATCH, sizes, strict=True):
        whose = "mode=1777" if place == "/tmp" else f"mode=0755,uid={plan.uid},gid={plan.gid}"  # noqa: S108  # the sandbox's own
        yield place, f"rw,exec,nosuid,nodev,size={size},nr_inodes={INODES},{whose}"
