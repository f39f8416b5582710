"""The demo lays out a repository that looks like somebody's own."""

import subprocess
from pathlib import Path

import pytest

from sandboxes.repository import Repository
from swarm.demo import HISTORY, lay_out
from swarm.errors import UsageError


@pytest.fixture
def laid_out(tmp_path: Path) -> tuple[Path, Path]:
    return lay_out(tmp_path / "new")


def _git(repository: Path, *args: str) -> list[str]:
    return subprocess.run(["git", "-C", repository, *args], check=True, capture_output=True, text=True).stdout.splitlines()


def test_it_is_a_clean_repository_with_a_history(laid_out: tuple[Path, Path]) -> None:
    repository, _ = laid_out
    assert not Repository.at(repository).dirty()
    assert _git(repository, "status", "--porcelain") == []
    assert _git(repository, "log", "--reverse", "--format=%s") == [message for _, message, _ in HISTORY]
    assert set(_git(repository, "log", "--format=%an <%ae> %cn <%ce>")) == {
        "Ada Bookseller <ada@bookshop.example> Ada Bookseller <ada@bookshop.example>"
    }
    assert _git(repository, "symbolic-ref", "HEAD") == ["refs/heads/main"]
    assert _git(repository, "fsck", "--strict") == []


def test_it_is_the_same_every_time(laid_out: tuple[Path, Path], tmp_path: Path) -> None:
    again, _ = lay_out(tmp_path / "again")
    assert Repository.at(again).commit() == Repository.at(laid_out[0]).commit()


def test_the_folder_can_be_named_from_where_one_stands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    repository, issue = lay_out(Path("here"))
    assert repository == tmp_path / "here" / "bookshop"
    assert issue.is_file()
    assert _git(repository, "status", "--porcelain") == []


def test_every_file_is_part_of_it_and_the_report_is_not(laid_out: tuple[Path, Path]) -> None:
    repository, issue = laid_out
    tracked = _git(repository, "ls-files")
    assert {"pyproject.toml", "README.md", "bookshop/stock.py", "tests/test_orders.py", "tests/conftest.py"} <= set(tracked)
    assert len(tracked) == 14
    assert issue.read_text().startswith("# Customers cannot order our last copy of a book\n")
    assert not issue.is_relative_to(repository)


def test_it_does_not_write_into_what_is_there_already(laid_out: tuple[Path, Path], tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="not there yet"):
        lay_out(tmp_path / "new")
    assert not Repository.at(laid_out[0]).dirty()
