"""What a sandbox of a container engine leaves behind, what it shows, and how it fails."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import docker
import pytest

from sandboxes.command import MEBIBYTE, Command, Ending, Ran
from sandboxes.docker import owner
from sandboxes.docker.backend import Docker
from sandboxes.docker.owner import BOOT, PROCESS, SPACE, STARTED
from sandboxes.docker.userland import NAME
from sandboxes.limits import Limits
from sandboxes.sandbox import NoSandbox, SandboxTrouble

ROOT = Path(__file__).parent.parent.parent
SWARM = """
import sys
from pathlib import Path
from sandboxes.docker.backend import Docker
from sandboxes.command import Command
with Docker().open(Path(sys.argv[1]), ()) as sandbox:
    print("open", flush=True)
    sandbox.run(Command(argv=("sh", "-c", "(setsid sh -c 'trap \\"\\" TERM; sleep %s; sleep %s' &) ; sleep %s")))
"""

pytestmark = pytest.mark.usefixtures("engine")


def run(worktree: Path, *argv: str, backend: Docker | None = None, toolchain: tuple[Path, ...] = (), **limits: float) -> Ran:
    with (backend or Docker()).open(worktree, toolchain) as sandbox:
        return sandbox.run(Command(argv=argv, **limits))


@pytest.fixture
def scratch(tmp_path: Path) -> Iterator[Path]:
    """A folder for temporary things in which only this test makes any."""
    folder = tmp_path / "scratch"
    folder.mkdir()
    before, tempfile.tempdir = tempfile.tempdir, str(folder)
    yield folder
    tempfile.tempdir = before


@pytest.fixture
def containers(engine: docker.DockerClient) -> Callable[[], list[str]]:
    """Name the containers that are there, running or not."""
    return lambda: [found["Id"] for found in engine.api.containers(all=True)]


@pytest.fixture
def make_container(engine: docker.DockerClient, worktree: Path) -> Iterator[Callable[[dict[str, str]], str]]:
    """Make a container with labels that something else than this process would have given it."""
    run(worktree, "true")  # so that there is an image
    image = engine.images.list(filters={"reference": f"{NAME}-*"})[0].id
    made = []

    def make(labels: dict[str, str]) -> str:
        made.append(engine.api.create_container(image, ["/usr/bin/true"], labels=labels)["Id"])
        return made[-1]

    yield make
    for container in made:
        with contextlib.suppress(docker.errors.NotFound):
            engine.api.remove_container(container, force=True)


def test_killing_swarm_itself_ends_all_that_ran_inside_and_the_next_start_removes_the_rest(
    worktree: Path, processes_with, containers, engine_address: str
):
    seconds = f"{600 + os.getpid()}.4712"
    with tempfile.TemporaryDirectory() as elsewhere:  # its scratch folder cannot be removed by the killed
        swarm = subprocess.Popen(
            [sys.executable, "-c", SWARM % (seconds, seconds, seconds), str(worktree)],
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": str(ROOT), "TMPDIR": elsewhere, "DOCKER_HOST": engine_address},
            start_new_session=True,
        )
        with swarm:
            assert swarm.stdout is not None
            assert swarm.stdout.readline() == b"open\n"
            deadline = time.monotonic() + 10
            while len(processes_with(f"sleep\0{seconds}")) < 2 and time.monotonic() < deadline:
                time.sleep(0.02)
            assert len(processes_with(f"sleep\0{seconds}")) == 2
            assert Docker().sweep() == []  # it lives
            os.kill(swarm.pid, signal.SIGKILL)
        deadline = time.monotonic() + 1
        while processes_with(seconds) and time.monotonic() < deadline:
            time.sleep(0.02)
        assert processes_with(seconds) == []
    assert len(Docker().sweep()) == 1
    assert containers() == []


def test_after_every_kind_of_end_nothing_is_left(worktree: Path, scratch: Path, processes_with, containers):
    def left() -> tuple[object, ...]:
        return containers(), list(scratch.iterdir()), threading.active_count()

    before = left()
    scripts = {
        "true": Ending.EXITED,
        "exit 3": Ending.EXITED,
        "kill -9 $$": Ending.KILLED,
        "yes": Ending.FLOODED,
        "sleep 99": Ending.TIMED_OUT,
    }
    for script, ending in scripts.items():
        with Docker().open(worktree, ()) as sandbox:
            ran = sandbox.run(Command(argv=("sh", "-c", f"(setsid sleep 97 &); {script}"), timeout=0.3, flood=MEBIBYTE))
            assert processes_with("sleep\x0097") == []  # not even while the container still is there
        assert ran.ending is ending
    with contextlib.suppress(KeyError), Docker().open(worktree, ()):
        raise KeyError
    assert left() == before


def test_file_descriptors_are_given_back(worktree: Path):
    with Docker().open(worktree, ()) as sandbox:
        sandbox.run(Command(argv=("true",), report=True))
        before = len(os.listdir("/proc/self/fd"))  # noqa: PTH208
        for _ in range(10):
            sandbox.run(Command(argv=("cat",), stdin=b"x", report=True))
        assert len(os.listdir("/proc/self/fd")) == before  # noqa: PTH208


def test_only_what_a_dead_swarm_of_this_machine_left_is_swept(make_container, containers):
    ours = owner.labels()
    gone = subprocess.Popen(["true"])
    gone.wait()
    kept = [
        make_container(ours),
        make_container({**ours, PROCESS: str(gone.pid), SPACE: "pid:[1]"}),
        make_container({"somebody": "else's"}),
    ]
    dead = [
        make_container({**ours, PROCESS: str(gone.pid)}),
        make_container({**ours, STARTED: "1"}),
        make_container({**ours, BOOT: "another"}),
    ]
    assert len(Docker().sweep()) == len(dead)
    assert sorted(containers()) == sorted(kept)


def test_two_worktrees_are_strangers_to_each_other(tmp_path: Path):
    one, two = tmp_path / "one", tmp_path / "two"
    for folder in (one, two):
        folder.mkdir()
        (folder / "file").write_text(folder.name)
    with Docker().open(one, ()) as first, Docker().open(two, ()) as second:
        first.run(Command(argv=("sh", "-c", "echo x > /tmp/planted; echo x > $HOME/planted; echo x > planted")))
        ran = second.run(Command(argv=("sh", "-c", "cat file; ls -A /tmp $HOME . | grep planted")))
    assert ran.stdout.text() == "two"
    assert not (two / "planted").exists()


def test_each_command_finds_fresh_scratch_and_the_same_files(worktree: Path):
    plant = """
import os
for place in ("/tmp", os.environ["HOME"], "/run", "/dev/shm"):
    os.chdir(place)
    open(".hidden", "w").close()
    os.symlink("/swarm/tree", "link")
    os.mkfifo("fifo")
    for _ in range(1500):
        os.mkdir("deep")
        os.chdir("deep")
    os.chmod(place + "/deep", 0)
open("/swarm/tree/kept", "w").close()
"""
    look = "ls -A /tmp $HOME /run /dev/shm && touch $HOME/a /tmp/a /run/a /dev/shm/a && stat -c %a /tmp $HOME /run /dev/shm && ls"
    with Docker().open(worktree, ()) as sandbox:
        first = sandbox.run(Command(argv=("sh", "-c", look)))
        assert sandbox.run(Command(argv=("/usr/bin/env", "python3", "-c", plant))).ok
        second = sandbox.run(Command(argv=("sh", "-c", look)))
    assert first.ok
    assert second.stdout.text() == first.stdout.text() + "kept\n"


def test_a_toolchain_is_seen_at_its_own_path_and_cannot_be_written(worktree: Path, tmp_path: Path):
    tools = tmp_path / "deep" / "tools"
    tools.mkdir(parents=True)
    (tools / "hammer").write_text("#!/bin/sh\necho bang\n")
    (tools / "hammer").chmod(0o777)
    ran = run(worktree, "sh", "-c", f"{tools}/hammer; echo x >> {tools}/hammer; ls {tmp_path}", toolchain=(tools,))
    assert ran.stdout.text() == "bang\ndeep\n"
    assert "Read-only file system" in ran.stderr.text()


def test_a_folder_that_does_not_exist_is_trouble_and_is_not_made(worktree: Path, tmp_path: Path):
    with pytest.raises(SandboxTrouble, match="/missing"):
        run(worktree, "true", toolchain=(tmp_path / "missing",))
    assert not (tmp_path / "missing").exists()


def test_an_image_brings_its_own_programs_and_its_own_path(worktree: Path, debian: str):
    (worktree / "file").write_text("here")
    script = (
        "cat file; echo $PATH; git --version; python3 -c 'import sys; print(sys.prefix)'; test -e /etc/debian_version && echo own"
    )
    ran = run(worktree, "sh", "-c", script, backend=Docker(image=debian))
    lines = ran.stdout.text().splitlines()
    assert lines[0] == "here/opt/own:/usr/bin:/bin", ran.stderr.text()
    assert lines[1].startswith("git version")
    assert lines[2:] == ["/usr", "own"]


def test_an_image_that_is_not_there_is_named_with_the_way_to_get_it(worktree: Path):
    with pytest.raises(NoSandbox, match="has no image no-such/image:7") as trouble:
        run(worktree, "true", backend=Docker(image="no-such/image:7"))
    assert "docker pull no-such/image:7" in str(trouble.value)


def test_an_image_without_python_says_that_it_needs_one(worktree: Path, engine: docker.DockerClient):
    run(worktree, "true")
    empty = engine.images.list(filters={"reference": f"{NAME}-*"})[0].tags[0]
    with pytest.raises(SandboxTrouble, match="python3"):
        run(worktree, "true", backend=Docker(image=empty))


def test_an_image_whose_first_process_fails_lets_it_say_why(worktree: Path, debian: str, engine: docker.DockerClient):
    breaking = "mkdir -p /opt/own; printf '#!/bin/sh\\necho broken >&2; exit 3' > /opt/own/python3; chmod 755 /opt/own/python3"
    made = engine.api.create_container(debian, ["sh", "-c", breaking], network_disabled=True)
    engine.api.start(made)
    engine.api.wait(made)
    engine.api.commit(made, "swarm-test-broken", "1")
    engine.api.remove_container(made)
    with pytest.raises(SandboxTrouble, match="did not start: broken"):
        run(worktree, "true", backend=Docker(image="swarm-test-broken:1"))


def test_no_proxy_of_the_user_is_told_to_a_container(worktree: Path, home: Path):
    (home / ".docker").mkdir()
    settings = {"proxies": {"default": {"httpProxy": "http://ann:canary-4711@proxy.example"}}}
    (home / ".docker" / "config.json").write_text(json.dumps(settings))
    script = "cat /proc/*/environ | tr '\\0' '\\n' | grep -i -e proxy -e canary || echo nothing"
    assert run(worktree, "sh", "-c", script).stdout.text() == "nothing\n"


def test_the_socket_to_swarm_has_no_name_when_commands_run(worktree: Path):
    script = """
import os, socket
print(os.path.exists("/swarm/door/socket"))
try:
    os.kill(1, 9)
    os.kill(1, 15)
except OSError as error:
    print(error.errno)
try:
    os.listdir("/proc/1/fd")
except OSError as error:
    print(error.errno)
"""
    with Docker().open(worktree, ()) as sandbox:
        ran = sandbox.run(Command(argv=("python3", "-c", script)))
        assert ran.stdout.text().split() == ["False", "13"], ran.stderr.text()
        assert sandbox.run(Command(argv=("true",))).ok  # the first process is alive


def test_a_container_that_is_removed_meanwhile_is_trouble_and_no_result(worktree: Path, engine: docker.DockerClient, containers):
    with ThreadPoolExecutor() as pool, Docker().open(worktree, ()) as sandbox:
        running = pool.submit(sandbox.run, Command(argv=("sleep", "600")))
        time.sleep(0.3)
        for container in containers():
            engine.api.remove_container(container, force=True)
        with pytest.raises(SandboxTrouble, match="the container ended"):
            running.result(timeout=10)
        with pytest.raises(SandboxTrouble, match="the container ended"):
            sandbox.run(Command(argv=("true",)))


def test_a_folder_that_is_not_there_is_trouble_and_the_next_command_runs(worktree: Path):
    with Docker().open(worktree, ()) as sandbox:
        with pytest.raises(SandboxTrouble, match="no-such-folder"):
            sandbox.run(Command(argv=("true",), folder="no-such-folder"))
        assert sandbox.run(Command(argv=("true",))).ok


def test_after_a_fork_bomb_the_container_serves_on(worktree: Path):
    with Docker(limits=Limits(processes=64)).open(worktree, ()) as sandbox:
        ran = sandbox.run(Command(argv=("bash", "-c", "bomb() { bomb | bomb & bomb; }; bomb"), timeout=2))
        assert not ran.ok
        assert sandbox.run(Command(argv=("echo", "here"))).stdout.text() == "here\n"


def test_after_memory_ran_out_the_container_serves_on(worktree: Path):
    script = "kept = []\nwhile True: kept.append(bytearray(2**24))"
    with Docker(limits=Limits(memory=256 * MEBIBYTE)).open(worktree, ()) as sandbox:
        ran = sandbox.run(Command(argv=("sh", "-c", f"/usr/bin/env python3 -c '{script}'; exit $?")))
        assert (ran.ending, ran.exit_code) == (Ending.KILLED, 137)
        assert sandbox.run(Command(argv=("echo", "here"))).stdout.text() == "here\n"


def test_processors_are_limited(worktree: Path, engine: docker.DockerClient, containers):
    with Docker(cpus=0.5).open(worktree, ()):
        settings = engine.api.inspect_container(containers()[0])["HostConfig"]
    assert settings["NanoCpus"] == 5e8
    assert settings["Memory"] == settings["MemorySwap"] == Limits().memory


def test_an_engine_that_is_not_there_does_not_answer(worktree: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/none.sock")
    with pytest.raises(NoSandbox, match="does not answer") as trouble:
        run(worktree, "true")
    assert "systemctl start docker" in str(trouble.value)


def test_an_engine_that_hangs_is_not_waited_for(worktree: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/hung.sock")
    with socket.socket(socket.AF_UNIX) as hung:
        hung.bind(f"{tmp_path}/hung.sock")
        hung.listen()
        began = time.monotonic()
        with pytest.raises(NoSandbox, match="timed out"):
            run(worktree, "true")
    assert time.monotonic() - began < 4


def test_an_engine_on_another_machine_is_refused(worktree: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("DOCKER_HOST", "tcp://192.0.2.1:2375")
    with pytest.raises(NoSandbox, match="does not share this machine's files"):
        run(worktree, "true")


def test_who_may_not_speak_to_the_engine_is_told_how_to_be_allowed(engine_address: str):
    program = "from sandboxes.docker.backend import Docker\nDocker().sweep()"
    stranger = ["setpriv", "--reuid=23456", "--regid=23456", "--clear-groups", "/usr/bin/python3", "-c", program]
    if os.geteuid() != 0:
        pytest.fail("only root can become a stranger")
    packages = next(Path(sys.prefix).glob("lib/python3*/site-packages"))
    done = subprocess.run(
        stranger,
        env={
            "PYTHONPATH": f"{ROOT}:{packages}",
            "DOCKER_HOST": engine_address,
            "PATH": os.environ["PATH"],
            "HOME": "/nonexistent",
        },
        cwd="/",
        capture_output=True,
        text=True,
        check=False,
    )
    assert "you may not speak to the engine" in done.stderr
    assert "usermod -aG docker" in done.stderr


def test_eight_sandboxes_at_once_get_their_own_answers(tmp_path: Path, containers):
    def one(number: int) -> str:
        folder = tmp_path / f"w{number}"
        folder.mkdir()
        return run(folder, "sh", "-c", f"echo {number} > file; cat file").stdout.text()

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(one, range(8))) == [f"{number}\n" for number in range(8)]
    assert containers() == []
