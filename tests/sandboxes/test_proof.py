"""A proof that is kept counts only as long as nothing has changed that it depends on."""

import os
import time
from pathlib import Path

import pytest

from sandboxes import proof
from sandboxes.bubblewrap import Bubblewrap
from sandboxes.docker.places import anywhere
from sandboxes.host import Host
from sandboxes.proof import Proofs


def test_a_proof_is_known_until_the_next_day(tmp_path: Path) -> None:
    proofs = Proofs(tmp_path / "proofs")
    assert not proofs.has(Bubblewrap())
    proofs.add(Bubblewrap())
    assert proofs.has(Bubblewrap())
    assert not proofs.has(Host()), "it proves nothing of another kind"

    (place,) = (tmp_path / "proofs").iterdir()
    yesterday = time.time() - proof.DAY - 1
    os.utime(place, (yesterday, yesterday))

    assert not proofs.has(Bubblewrap())
    os.utime(place, (time.time() + 3600, time.time() + 3600))
    assert not proofs.has(Bubblewrap()), "nor one from the future, which would never be a day old"


def test_a_program_that_makes_the_sandbox_and_is_not_what_it_was_needs_a_new_proof(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    programs = tmp_path / "bin"
    programs.mkdir()
    (programs / "bwrap").write_text("#!/bin/sh\n")
    (programs / "bwrap").chmod(0o755)
    monkeypatch.setenv("PATH", f"{programs}:{os.environ['PATH']}")
    proofs = Proofs(tmp_path / "proofs")
    proofs.add(Bubblewrap())
    assert proofs.has(Bubblewrap())

    (programs / "bwrap").write_text("#!/bin/sh\nexit 0\n")

    assert not proofs.has(Bubblewrap())


def test_an_engine_may_be_where_the_user_says_so_without_anybody_asking_it(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", "unix:///nowhere.sock")
    assert anywhere()
    monkeypatch.delenv("DOCKER_HOST")
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(home))
    (home / "docker.sock").touch()
    assert anywhere()
    (home / "docker.sock").unlink()
    (home / ".docker").mkdir()
    (home / ".docker/config.json").write_text('{"currentContext": "desktop"}')
    assert anywhere()
