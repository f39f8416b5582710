"""What a sandbox costs beside the bare tool that makes it, in the same run."""

import os
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import docker
import pytest

from sandboxes import profile
from sandboxes.bubblewrap import Bubblewrap
from sandboxes.command import Command
from sandboxes.docker.backend import Docker
from sandboxes.docker.userland import NAME
from sandboxes.privileges import outsider
from sandboxes.sandbox import Sandbox

ROUNDS = 15
TRUE = Command(argv=("true",))
STRICT = ("--network=none", "--read-only", "--cap-drop=ALL", "--security-opt=no-new-privileges", "--user=65534:65534")
LIMITED = (
    "--memory=4g",
    "--memory-swap=4g",
    "--pids-limit=512",
    "--cpus=2",
    "--ipc=private",
    "--tmpfs=/tmp:exec",
    "--tmpfs=/run",
)

pytestmark = pytest.mark.benchmark


@pytest.fixture
def worktree(tmp_path: Path) -> Path:
    folder = tmp_path / "worktree"
    folder.mkdir()
    return folder


@pytest.fixture
def reachable() -> Iterator[Path]:
    """A worktree that others than root may reach, as bare bubblewrap must when root has become another."""
    with tempfile.TemporaryDirectory(dir="/tmp") as name:
        Path(name).chmod(0o755)
        yield Path(name)


@pytest.fixture
def image(engine: docker.DockerClient, worktree: Path) -> str:
    """Name the image that our containers are made of."""
    with Docker().open(worktree, ()):
        return str(engine.images.list(filters={"reference": f"{NAME}-*"})[0].id)


def ratio(what: str, ours: Callable[[], None], theirs: Callable[[], None]) -> float:
    """Take turns, so that whatever else the machine does hits both; compare the medians."""
    times: tuple[list[float], list[float]] = ([], [])
    for _ in range(ROUNDS):
        for run, spent in zip((ours, theirs), times, strict=True):
            began = time.perf_counter()
            run()
            spent.append(time.perf_counter() - began)
    mine, bare = (sorted(spent)[ROUNDS // 2] for spent in times)
    print(f"\n{what}: {1000 * mine:.1f} ms, bare {1000 * bare:.1f} ms, ratio {mine / bare:.2f}")  # what a benchmark is for
    return mine / bare


def command(*argv: str) -> Callable[[], None]:
    return lambda: subprocess.run(argv, check=True, stdout=subprocess.DEVNULL, stdin=subprocess.DEVNULL) and None


def sandboxed(sandbox: Sandbox) -> None:
    assert sandbox.run(TRUE).ok


def test_a_container_of_its_own_costs_no_more_than_dockers(worktree: Path, image: str):
    def ours() -> None:
        with Docker().open(worktree, ()) as sandbox:
            sandboxed(sandbox)

    bare = (
        "docker",
        "run",
        "--rm",
        *STRICT,
        *LIMITED,
        "--volume=/usr:/usr:ro",
        f"--volume={worktree}:/tree",
        image,
        "/usr/bin/true",
    )
    assert ratio("container, open to close", ours, command(*bare)) < 1.1


def test_a_command_in_a_container_costs_far_less_than_dockers_own_exec(worktree: Path, image: str):
    with _container(worktree, image) as name, Docker().open(worktree, ()) as sandbox:
        bare = command("docker", "exec", name, "/usr/bin/true")
        assert ratio("command in a container", lambda: sandboxed(sandbox), bare) < 0.5


def test_a_command_in_bubblewrap_costs_little_more_than_bubblewrap(reachable: Path):
    system = [part for place in profile.SYSTEM if Path(place).is_dir() for part in ("--ro-bind", place, place)]
    scratch = [part for place in ("/tmp", "/run", profile.HOME) for part in ("--tmpfs", place)]
    shown = (*system, "--proc", "/proc", "--dev", "/dev", *scratch, "--bind", str(reachable), profile.TREE)
    bare = ("bwrap", *profile.ISOLATION, *shown, "--", "/usr/bin/true")
    who = outsider(reachable)
    with Bubblewrap().open(reachable, ()) as sandbox:
        measured = ratio("command in bubblewrap", lambda: sandboxed(sandbox), command(*(who.command(bare) if who else bare)))
    assert measured < 3


@contextmanager
def _container(worktree: Path, image: str) -> Iterator[str]:
    name = f"swarm-benchmark-{os.getpid()}"
    bare = ("docker", "run", "--detach", f"--name={name}", *STRICT, "--volume=/usr:/usr:ro", f"--volume={worktree}:/tree")
    command(*bare, image, "/usr/bin/sleep", "1000")()
    yield name
    command("docker", "rm", "--force", name)()
