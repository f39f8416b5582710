"""Which sandbox is chosen, and that a missing one stops everything."""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from sandboxes.bubblewrap import Bubblewrap
from sandboxes.choice import choose, installation
from sandboxes.docker.backend import Docker
from sandboxes.environment import Environment, own
from sandboxes.host import Host
from sandboxes.probe import Leaky, prove
from sandboxes.sandbox import NoSandbox


def fake(folder: Path, name: str, script: str) -> None:
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(f"#!/bin/sh\n{script}\n")
    (folder / name).chmod(0o755)


@pytest.fixture
def reachable() -> Iterator[Path]:
    """A folder that any user may reach, so that a program in it can be started by one."""
    with tempfile.TemporaryDirectory(dir="/tmp") as name:
        Path(name).chmod(0o755)
        yield Path(name)


@pytest.fixture
def no_engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever this machine has, in this test no engine answers."""
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/no-engine.sock")


@pytest.mark.usefixtures("no_engine")
@pytest.mark.parametrize("name", ["auto", "bubblewrap"])
def test_bubblewrap_is_chosen_where_it_works_and_no_engine_answers(name: str):
    assert isinstance(choose(name), Bubblewrap)


@pytest.mark.usefixtures("engine")
@pytest.mark.parametrize("name", ["auto", "docker"])
def test_docker_is_chosen_where_an_engine_answers(name: str):
    assert isinstance(choose(name), Docker)


@pytest.mark.usefixtures("no_engine")
def test_docker_is_never_replaced_by_something_else():
    with pytest.raises(NoSandbox, match="does not answer") as trouble:
        choose("docker")
    assert "--sandbox bubblewrap" in str(trouble.value)


@pytest.mark.usefixtures("no_engine")
def test_where_there_is_neither_both_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(NoSandbox, match=r"bubblewrap is not installed, and the engine at .* does not answer"):
        choose("auto")


def test_no_sandbox_is_chosen_only_by_its_name():
    assert isinstance(choose("none"), Host)


def test_what_cannot_be_chosen_says_so():
    with pytest.raises(NoSandbox, match="no kind of sandbox called 'podman'") as trouble:
        choose("podman")
    assert trouble.value.exit_code == 7


@pytest.mark.usefixtures("no_engine")
@pytest.mark.parametrize(
    ("manager", "command"),
    [
        ("apt-get", "apt-get install -y bubblewrap"),
        ("dnf", "dnf install -y bubblewrap"),
        ("pacman", "pacman -S --noconfirm bubblewrap"),
    ],
)
def test_without_bubblewrap_the_command_that_installs_it_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, manager: str, command: str
):
    fake(tmp_path / "bin", manager, "exit 0")
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    with pytest.raises(NoSandbox, match="bubblewrap is not installed") as trouble:
        choose("auto")
    assert command in str(trouble.value)
    assert "--sandbox none" in str(trouble.value)
    assert installation() == (command if os.geteuid() == 0 else f"sudo {command}")


def test_an_unknown_machine_is_told_what_to_look_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert "github.com/containers/bubblewrap" in installation()


@pytest.mark.usefixtures("no_engine")
@pytest.mark.parametrize(
    ("script", "why"),
    [
        ("echo 'bwrap: No permissions to create new namespace' >&2; exit 1", "user namespaces: sudo sysctl"),
        ("echo 'bwrap: Unknown option --disable-userns' >&2; exit 1", "0.8 or newer"),
        ("exit 0", "status 0 before the start"),
        ("exit 1", "status 1 before the start"),
        ('while [ "$1" != -- ]; do shift; done; shift 5; exec "$@"', "bubblewrap does not work here"),
    ],
)
def test_a_bubblewrap_that_does_not_work_is_none(reachable: Path, monkeypatch: pytest.MonkeyPatch, script: str, why: str):
    fake(reachable, "bwrap", script)
    monkeypatch.setenv("PATH", f"{reachable}:{os.environ['PATH']}")
    with pytest.raises(NoSandbox) as trouble:
        choose("auto")
    assert why in str(trouble.value)


FORGED = """#!{python}
# A launcher that isolates nothing, but says all that bubblewrap would say.
import json, os, subprocess, sys
given = os.fdopen(int(sys.argv[2]), "rb").read().decode().split("\\0")
variables = {{given[at + 1]: given[at + 2] for at, word in enumerate(given) if word == "--setenv"}}
status = int(given[given.index("--json-status-fd") + 1])
tree = given[given.index("/swarm/tree") - 1]
report = int(variables["SWARM_REPORT_FD"])
here = dict(variables, HOME=tree, TMPDIR=tree)
code = subprocess.run(["/bin/sh", *sys.argv[5:]], cwd=tree, env=here, pass_fds=(report,)).returncode
os.write(status, json.dumps({{"exit-code": code}}).encode())
sys.exit(code)
"""


def test_a_launcher_that_only_pretends_is_found_out(reachable: Path, monkeypatch: pytest.MonkeyPatch):
    fake(reachable, "bwrap", "")
    python = _anybodys_python()
    (reachable / "bwrap").write_text(FORGED.format(python=python))
    monkeypatch.setenv("PATH", f"{reachable}:{os.environ['PATH']}")
    with pytest.raises(Leaky) as trouble:
        prove(Bubblewrap(), Environment(python, (), "any"))
    said = str(trouble.value)
    for attack in (
        "read a file outside",
        "wrote a file outside",
        "reached the network",
        "socket of the machine",
        "filter of system calls",
    ):
        assert attack in said
    assert "still running" in said
    assert trouble.value.exit_code == 7


SPOILT = """#!{python}
# Starts the real bubblewrap with a filter of system calls that is none.
import os, sys
args = int(sys.argv[2])
given = os.fdopen(os.dup(args), "rb").read().decode().split("\\0")
os.pwrite(int(given[given.index("--seccomp") + 1]), b"\\xff" * 64, 0)
os.lseek(args, 0, 0)
os.execv({bwrap!r}, sys.argv)
"""


def test_a_filter_that_the_kernel_refuses_is_no_sandbox(reachable: Path, monkeypatch: pytest.MonkeyPatch):
    fake(reachable, "bwrap", "")
    (reachable / "bwrap").write_text(SPOILT.format(python=_anybodys_python(), bwrap=shutil.which("bwrap")))
    monkeypatch.setenv("PATH", f"{reachable}:{os.environ['PATH']}")
    with pytest.raises(NoSandbox, match=r"(?i)seccomp"):
        choose("bubblewrap")


@pytest.mark.parametrize(
    ("users", "why"),
    [("0 0 2000000000", "user namespaces: sudo sysctl"), ("0 0 1", "no other user is left")],
    ids=["for everybody", "and root is alone"],
)
def test_where_user_namespaces_are_off_there_is_no_bubblewrap(users: str, why: str):
    program = "from sandboxes.choice import choose; choose('bubblewrap')"
    off = 'set -e; echo 0 >/proc/sys/user/max_user_namespaces; exec "$0" -c "$1"'
    wait = 'echo; read -r _; exec "$@"'  # its rights come with the next program that it starts, when it has got its users
    words = ["unshare", "--user", "sh", "-c", wait, "sh", "sh", "-c", off, sys.executable, program]
    here, pipe = Path(__file__).parents[2], subprocess.PIPE
    with subprocess.Popen(words, stdin=pipe, stdout=pipe, stderr=pipe, text=True, cwd=here) as done:
        assert done.stdout is not None
        assert done.stdout.readline() == "\n"
        for table in ("uid_map", "gid_map"):
            Path(f"/proc/{done.pid}/{table}").write_text(users)
        _, said = done.communicate("\n")
    assert done.returncode != 0
    assert "sandboxes.sandbox.NoSandbox" in said
    assert why in said


def _anybodys_python() -> str:
    """Find a Python that a user without rights can start."""
    places = [Path(sys.executable).resolve(), *(Path(place, "python3") for place in ("/usr/local/bin", "/usr/bin"))]
    return next(str(place) for place in places if place.exists() and all(up.stat().st_mode & 1 for up in place.parents))


def test_the_host_would_not_pass_for_a_sandbox():
    with pytest.raises(Leaky, match="it reached the network"):
        prove(Host())


def test_what_came_through_counts_though_the_attacker_never_ended(tmp_path: Path):
    attacker = tmp_path / "python"
    attacker.write_text("#!/bin/sh\necho it reached the network >/dev/fd/$SWARM_REPORT_FD; exit 1\n")
    attacker.chmod(0o755)
    with pytest.raises(Leaky, match="it reached the network"):
        prove(Host(), replace(own(), python=str(attacker)))


def test_a_socket_in_reach_is_told():
    with tempfile.TemporaryDirectory(prefix="swarm-listens-") as folder, socket.socket(socket.AF_UNIX) as listener:
        place = f"{folder}/agent"
        listener.bind(place)
        with pytest.raises(Leaky, match=f"it sees the socket {place}"):
            prove(Host())


def test_a_bubblewrap_that_works_passes():
    prove(Bubblewrap())
