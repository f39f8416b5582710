"""Podman, through the socket on which it answers as Docker does, holds what Docker holds."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import docker
import pytest

from sandboxes.choice import choose
from sandboxes.command import Command
from sandboxes.docker.backend import Docker
from sandboxes.limits import Limits
from sandboxes.probe import prove
from tests.fixtures.container_engine import podman_engine

KIB = 1024


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with tempfile.TemporaryDirectory(prefix="podman-", dir="/var/tmp") as name, podman_engine(Path(name)) as address:
        yield address


@pytest.fixture(autouse=True)
def podman(address: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[docker.DockerClient]:
    monkeypatch.setenv("DOCKER_HOST", address)
    client = docker.DockerClient(address, version="auto", timeout=100)
    yield client
    client.close()


def test_podman_is_taken_where_docker_is_asked_for(podman: docker.DockerClient):
    chosen = choose("docker")

    assert isinstance(chosen, Docker)
    assert any("Podman" in component["Name"] for component in podman.version()["Components"])


def test_no_attack_comes_through_and_no_container_is_left(podman: docker.DockerClient):
    prove(Docker())

    assert podman.containers.list(all=True) == []


def test_a_command_works_on_the_tree_and_meets_its_limits(tmp_path: Path):
    script = "echo kept > kept; id -u; ulimit -v unlimited; exec python3 -c 'bytearray(1 << 30)'"
    with Docker(limits=Limits(memory=256 * KIB * KIB)).open(tmp_path, ()) as sandbox:
        said = sandbox.run(Command(argv=("sh", "-c", script), timeout=60))
        again = sandbox.run(Command(argv=("cat", "kept"), timeout=60))

    assert said.exit_code == 137, said.stderr.text()  # killed for its memory, not refused
    assert said.stdout.text().strip() not in ("", "0")
    assert again.stdout.text() == "kept\n"
