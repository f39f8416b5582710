"""Where swarm keeps what is the user's."""

import os
import subprocess
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from swarm.errors import StoreReadOnly, shown
from swarm.settings.places import config_file, identity_of, state_folder, state_place


def test_the_state_of_a_repository_lies_in_a_folder_that_only_its_user_sees(tmp_path: Path):
    environ = {"XDG_STATE_HOME": str(tmp_path / "deep" / "state")}
    folder = state_folder("book-1234", environ)
    assert folder == tmp_path / "deep" / "state" / "swarm" / "book-1234"
    assert [oct(place.stat().st_mode & 0o777) for place in (folder, folder.parent)] == ["0o700", "0o700"]
    assert state_folder("book-1234", environ) == folder


def test_looking_where_it_would_lie_makes_nothing(tmp_path: Path):
    assert not state_place("book", {"XDG_STATE_HOME": str(tmp_path / "state")}).exists()
    assert not (tmp_path / "state").exists()


@pytest.mark.parametrize("identity", ["", ".", "..", "../x", "a/b", ".hidden", "a\nb", "a\x00", "ü", "-rf"])
def test_an_identity_is_the_name_of_one_folder(tmp_path: Path, identity: str):
    with pytest.raises(ValueError, match="not the name of a folder"):
        state_place(identity, {"XDG_STATE_HOME": str(tmp_path)})


@pytest.mark.parametrize(
    "relative", [{}, {"XDG_CONFIG_HOME": "", "XDG_STATE_HOME": ""}, {"XDG_CONFIG_HOME": "x", "XDG_STATE_HOME": "./y"}]
)
def test_without_a_usable_variable_the_platform_decides(tmp_path: Path, relative: dict[str, str]):
    program = (
        "import os; from swarm.settings.places import *; print(config_file(os.environ)); print(state_place('book', os.environ))"
    )
    environ = {"HOME": str(tmp_path), "PATH": os.environ["PATH"], **relative}
    answer = subprocess.run([sys.executable, "-c", program], env=environ, check=True, capture_output=True, text=True, timeout=60)
    mac = "Library/Application Support"
    config, state = (mac, mac) if sys.platform == "darwin" else (".config", ".local/state")
    assert answer.stdout.splitlines() == [f"{tmp_path}/{config}/swarm/config.toml", f"{tmp_path}/{state}/swarm/book"]


def test_the_users_file_follows_its_variable(tmp_path: Path):
    assert config_file({"XDG_CONFIG_HOME": str(tmp_path)}) == tmp_path / "swarm" / "config.toml"


def test_a_state_folder_that_cannot_be_made_is_trouble_that_says_what_to_do(tmp_path: Path):
    (tmp_path / "swarm").write_text("a file")
    with pytest.raises(StoreReadOnly) as trouble:
        state_folder("book", {"XDG_STATE_HOME": str(tmp_path)})
    assert f"{tmp_path}/swarm" in shown(trouble.value)
    assert "XDG_STATE_HOME" in shown(trouble.value)


def test_a_state_folder_where_nobody_may_write_is_trouble(
    open_folder: Path, powerless: Callable[[], AbstractContextManager[None]]
):
    open_folder.chmod(0o555)
    with powerless(), pytest.raises(StoreReadOnly, match="Permission denied"):
        state_folder("book", {"XDG_STATE_HOME": str(open_folder)})


def test_two_repositories_of_one_name_have_two_identities(tmp_path: Path):
    one, other = tmp_path / "a" / "book", tmp_path / "b" / "book"
    for place in (one, other):
        (place / ".git").mkdir(parents=True)
    assert identity_of(one).startswith("book-")
    assert identity_of(one / ".git").startswith("book-")
    assert identity_of(one) != identity_of(other)


def test_one_repository_has_one_identity_however_it_is_reached(tmp_path: Path):
    (tmp_path / "book").mkdir()
    (tmp_path / "link").symlink_to("book")
    assert identity_of(tmp_path / "link") == identity_of(tmp_path / "book") == identity_of(tmp_path / "book" / ".." / "book")


@pytest.mark.parametrize("name", ["..x", "-n", "buch für alle", "例", "a" * 200, "x\ny", os.fsdecode(b"\xff")])
def test_any_folder_has_an_identity_that_can_be_a_folder(tmp_path: Path, name: str):
    (tmp_path / name).mkdir()
    identity = identity_of(tmp_path / name)
    assert identity.isascii()
    assert len(identity) < 60
    assert state_place(identity, {"XDG_STATE_HOME": str(tmp_path)}).name == identity
