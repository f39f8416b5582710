"""A repository that lies plainly is found without git, and exactly as git finds it; where only git can say, git is asked."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from sandboxes.plain import plain_top
from sandboxes.repository import Repository


def told_by_git(folder: Path, what: str) -> Path:
    asked = ["git", "-c", "safe.bareRepository=all", "rev-parse", "--path-format=absolute", what]
    return Path(subprocess.run(asked, cwd=folder, check=True, capture_output=True, text=True).stdout.removesuffix("\n"))


@pytest.mark.parametrize("inside", [".", "shop"])
@pytest.mark.parametrize(
    "prepared",
    [
        (),
        ("checkout", "-q", "--detach"),
        ("config", "user.name", 'Ann "the" Smith'),
        ("config", "branch.main.remote", "origin"),
        ("config", "core.worktree", "../shop"),
        ("config", "core.bare", "no"),
        ("config", "--unset", "core.bare"),
        ("config", "include.path", "more"),
        ("config", "core.repositoryformatversion", "1"),
        ("config", "extensions.worktreeConfig", "true"),
    ],
    ids=" ".join,
)
def test_it_is_found_as_git_finds_it(checkout, prepared: tuple[str, ...], inside: str):
    if prepared:
        checkout.git(*prepared)
    found = Repository.at(checkout.folder / inside)
    assert found.top == told_by_git(checkout.folder / "shop", "--show-toplevel")
    assert found.git_dir == told_by_git(checkout.folder / "shop", "--git-dir")
    assert found.common_dir == told_by_git(checkout.folder / "shop", "--git-common-dir")
    assert found.object_format == str(told_by_git(checkout.folder / "shop", "--show-object-format"))


def test_git_is_not_even_loaded_to_find_it(checkout):
    look = "import sys; from pathlib import Path; from sandboxes.repository import Repository"
    asked = [sys.executable, "-c", f"{look}; Repository.at(Path.cwd()).object_format; print('git' in sys.modules)"]
    assert subprocess.run(asked, cwd=checkout.folder, check=True, capture_output=True, text=True).stdout == "False\n"


def with_settings(text: str) -> Callable[[Path], None]:
    def write(inside: Path) -> None:
        with (inside / "config").open("a") as settings:
            settings.write(text)

    return write


def with_head(text: str) -> Callable[[Path], object]:
    return lambda inside: (inside / "HEAD").write_text(text)


def moved(inside: Path) -> None:
    elsewhere = inside.rename(inside.parent / "elsewhere")
    inside.symlink_to(elsewhere)


@pytest.mark.parametrize(
    "change",
    [
        with_settings("[Core] Bare = true\n"),
        with_settings("[core]\n\tbare\n"),
        with_settings("[core]\n\tBARE=true\n"),
        with_settings("[core]\r\n\tworktree = ../shop\r\n"),
        with_settings("[core]\n\tWorkTree = ../shop\n"),
        with_settings('[includeIf "gitdir:/"]\n\tpath = more\n'),
        with_settings('[user]\n\tname = "a \\\n[core]\n\tbare = true\n'),
        with_settings("[extensions]\n\tobjectFormat = sha1\n"),
        with_settings("what is this\n"),
        with_head("ref: elsewhere\n"),
        with_head(""),
        lambda inside: (inside / "HEAD").unlink(),
        lambda inside: (inside / "config").unlink(),
        lambda inside: (inside / "commondir").write_text("../other\n"),
        lambda inside: (inside / "refs").rename(inside / "no-refs"),
        moved,
    ],
)
def test_what_is_not_plain_is_left_to_git(checkout, change: Callable[[Path], object]):
    assert plain_top(checkout.folder, os.geteuid()) == checkout.folder
    change(checkout.folder / ".git")
    assert plain_top(checkout.folder, os.geteuid()) is None


def test_a_repository_in_a_repository_and_the_inside_of_one_are_left_to_git(checkout, tmp_path: Path):
    checkout.git("worktree", "add", "-q", str(checkout.folder / "linked"))
    checkout.git("init", "-q", "--bare", "inner.git")
    others = (checkout.folder / "linked", checkout.folder / "inner.git" / "refs", checkout.folder / ".git" / "refs", tmp_path)
    assert [plain_top(other, os.geteuid()) for other in others] == [None] * 4


def test_a_repository_of_another_user_is_left_to_git(checkout):
    assert plain_top(checkout.folder, os.geteuid()) == checkout.folder
    assert plain_top(checkout.folder, os.geteuid() + 1) is None
