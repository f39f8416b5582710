"""What a sandbox costs beside the bare tool that makes it, in the same run."""

import os
import platform
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import docker
import pytest

from sandboxes import profile, seccomp
from sandboxes.bubblewrap import Bubblewrap
from sandboxes.command import Command
from sandboxes.docker.backend import Docker
from sandboxes.docker.userland import NAME
from sandboxes.limits import Limits
from sandboxes.privileges import outsider
from sandboxes.room import SHELL
from sandboxes.sandbox import Sandbox

ROUNDS = 31
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


def test_a_command_in_bubblewrap_costs_little_more_than_bubblewraps_strict_profile(reachable: Path):
    """The bare one has the same mounts, the same filter and a first process of its own that reaps, as the strict profile has."""
    tree, etc = reachable / "tree", reachable / "etc"
    for folder in (tree, etc):
        folder.mkdir()
    for name, text in profile.ETC.items():
        (etc / name).write_text(text)
    view, who = profile.View(tree=tree, toolchain={}, etc=etc, limits=Limits()), outsider(tree)
    with Bubblewrap().open(tree, ()) as sandbox, _strict(view, who.command if who else tuple) as bare:
        measured = ratio("command in bubblewrap", lambda: sandboxed(sandbox), bare)
    assert measured < 1.3


def test_a_worktree_that_only_root_reaches_costs_a_command_little(reachable: Path):
    hidden, open_to_all = reachable / "hidden" / "tree", reachable / "tree"
    for folder in (hidden, open_to_all):
        folder.mkdir(parents=True)
    hidden.parent.chmod(0o700)
    with Bubblewrap().open(hidden, ()) as one, Bubblewrap().open(open_to_all, ()) as other:
        assert ratio("below a folder of root's", lambda: sandboxed(one), lambda: sandboxed(other)) < 1.3


@contextmanager
def _strict(view: profile.View, drop: Callable[[tuple[str, ...]], tuple[str, ...]]) -> Iterator[Callable[[], None]]:
    """Start `true` in a sandbox with the very arguments of ours, as somebody would in a script."""

    def start() -> None:
        for file in (init, blob, words):
            file.seek(0)
        argv = drop(("bwrap", "--args", str(words.fileno()), "--", profile.INIT, "-c", '("$@"); exit $?', "init", "true"))
        fds = (*lent.all(), words.fileno())
        subprocess.run(argv, check=True, pass_fds=fds, stdin=subprocess.DEVNULL, capture_output=True, env={"PATH": os.defpath})

    with (
        Path(SHELL).open("rb") as init,
        tempfile.TemporaryFile() as blob,
        tempfile.TemporaryFile() as words,
        Path(os.devnull).open("wb") as status,
    ):
        blob.write(seccomp.program(platform.machine()))
        lent = profile.Lent(init=init.fileno(), filter=blob.fileno(), status=status.fileno())
        for word in profile.arguments(view, lent, folder=".", environment={"PATH": os.defpath}):
            words.write(os.fsencode(word) + b"\0")
        yield start


@contextmanager
def _container(worktree: Path, image: str) -> Iterator[str]:
    name = f"swarm-benchmark-{os.getpid()}"
    bare = ("docker", "run", "--detach", f"--name={name}", *STRICT, "--volume=/usr:/usr:ro", f"--volume={worktree}:/tree")
    command(*bare, image, "/usr/bin/sleep", "1000")()
    yield name
    command("docker", "rm", "--force", name)()
