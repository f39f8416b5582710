"""Files are put into a worktree in which somebody else's code runs."""

import os
from pathlib import Path

import pytest

from swarm.repair.planting import NotPlanted, plant, planted


@pytest.fixture
def worktree(tmp_path: Path) -> Path:
    worktree = tmp_path / "worktree"
    (worktree / "shop").mkdir(parents=True)
    (worktree / "shop" / "stock.py").write_text("before")
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "stock.py").write_text("mine")
    return worktree


def test_a_file_has_another_content_for_a_while(worktree: Path) -> None:
    place = worktree / "shop" / "stock.py"
    with planted(worktree, "shop/stock.py", b"after", b"before"):
        assert place.read_text() == "after"
    assert place.read_text() == "before"
    assert [entry.name for entry in (worktree / "shop").iterdir()] == ["stock.py"]


@pytest.mark.parametrize("mode", [0o644, 0o755])
def test_a_script_stays_one(worktree: Path, mode: int) -> None:
    place = worktree / "shop" / "stock.py"
    place.chmod(mode)
    plant(worktree, "shop/stock.py", b"after")
    assert place.stat().st_mode & 0o777 == mode
    plant(worktree, "shop/new.py", b"new")
    assert (worktree / "shop" / "new.py").stat().st_mode & 0o777 == 0o644


def test_it_comes_back_even_if_something_goes_wrong(worktree: Path) -> None:
    with pytest.raises(KeyError), planted(worktree, "shop/stock.py", b"after", b"before"):
        raise KeyError
    assert (worktree / "shop" / "stock.py").read_text() == "before"


def test_a_link_in_its_place_is_replaced_and_not_followed(worktree: Path, tmp_path: Path) -> None:
    place = worktree / "shop" / "stock.py"
    place.unlink()
    place.symlink_to(tmp_path / "outside" / "stock.py")
    plant(worktree, "shop/stock.py", b"after")
    assert not place.is_symlink()
    assert place.read_text() == "after"
    assert (tmp_path / "outside" / "stock.py").read_text() == "mine"


def test_another_name_of_the_same_file_is_left_alone(worktree: Path, tmp_path: Path) -> None:
    place = worktree / "shop" / "stock.py"
    place.unlink()
    place.hardlink_to(tmp_path / "outside" / "stock.py")
    plant(worktree, "shop/stock.py", b"after")
    assert (tmp_path / "outside" / "stock.py").read_text() == "mine"


def test_a_link_on_the_way_is_refused(worktree: Path, tmp_path: Path) -> None:
    (worktree / "shop" / "stock.py").unlink()
    (worktree / "shop").rmdir()
    (worktree / "shop").symlink_to(tmp_path / "outside")
    with pytest.raises(NotPlanted, match=r"shop/stock\.py"):
        plant(worktree, "shop/stock.py", b"after")
    assert (tmp_path / "outside" / "stock.py").read_text() == "mine"


def test_a_pipe_in_its_place_does_not_make_anybody_wait(worktree: Path) -> None:
    place = worktree / "shop" / "stock.py"
    place.unlink()
    os.mkfifo(place)
    plant(worktree, "shop/stock.py", b"after")
    assert place.read_text() == "after"


def test_a_folder_in_its_place_is_refused_and_nothing_is_left_behind(worktree: Path) -> None:
    (worktree / "shop" / "stock.py").unlink()
    (worktree / "shop" / "stock.py").mkdir()
    with pytest.raises(NotPlanted):
        plant(worktree, "shop/stock.py", b"after")
    assert [entry.name for entry in (worktree / "shop").iterdir()] == ["stock.py"]


@pytest.mark.parametrize("path", ["../stock.py", "/etc/stock.py", "shop/../../stock.py", "shop/", ".."])
def test_names_that_lead_elsewhere_are_refused(worktree: Path, path: str) -> None:
    with pytest.raises(NotPlanted, match="leads elsewhere"):
        plant(worktree, path, b"after")
