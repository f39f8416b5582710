"""Commits that are looked at first: by the plain hook and by the pre-commit framework, with the real `git commit`."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from miniatures import PYTEST

from sandboxes.hooks import HooksOfAll
from sandboxes.repository import Repository
from swarm.hook import HookInTheWay, install, remove

Git = Callable[..., str]
Swarm = Callable[..., Any]
HOOKS = Path(__file__).parents[2] / ".pre-commit-hooks.yaml"
FILES = {
    "pytest.ini": PYTEST,
    "shop.py": "LIMIT = 50\n\n\ndef shipping(total):\n    if total >= LIMIT:\n        return 0\n    return 5\n",
    "test_shop.py": "from shop import shipping\n\n\ndef test_threshold():\n    assert shipping(50) == 0\n",
}
PLAIN = {"SWARM_SANDBOX": "none", "SWARM_TIME_BOX": "60"}


@pytest.fixture
def shop(make_repository: Callable[[Mapping[str, str]], Path]) -> Path:
    return make_repository(FILES)


def commit(top: Path, **env: str) -> subprocess.CompletedProcess[str]:
    who = ["-c", "user.name=Ada", "-c", "user.email=ada@example.org"]
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    surroundings = {**os.environ, **PLAIN, "PATH": path, **env}
    return subprocess.run(
        ["git", *who, "commit", "-qm", "change"], cwd=top, capture_output=True, text=True, check=False, env=surroundings
    )


def stage(top: Path, git: Git, old: str, new: str) -> None:
    text = (top / "shop.py").read_text()
    assert old in text
    (top / "shop.py").write_text(text.replace(old, new))
    git(top, "add", "shop.py")


def test_the_plain_hook_refuses_a_guilty_commit_and_is_silent_about_an_innocent_one(shop: Path, git: Git, swarm: Swarm) -> None:
    said = swarm("init", "--hook", cwd=shop)
    assert said.code == 0, said.err
    before = git(shop, "rev-parse", "HEAD")

    stage(shop, git, ">= LIMIT", "> LIMIT")
    refused = commit(shop)
    spoken = (refused.stdout + refused.stderr).splitlines()
    assert refused.returncode != 0
    assert "shop.py:5 breaks test_shop.py::test_threshold" in refused.stdout + refused.stderr
    assert len(spoken) <= 10
    assert git(shop, "rev-parse", "HEAD") == before

    stage(shop, git, "total > LIMIT", "not total < LIMIT")
    accepted = commit(shop)
    assert (accepted.returncode, accepted.stdout, accepted.stderr) == (0, "", "")
    assert git(shop, "rev-parse", "HEAD~1") == before


def test_the_framework_refuses_a_guilty_commit_and_accepts_an_innocent_one(shop: Path, git: Git, tmp_path: Path) -> None:
    source = tmp_path / "hooks"
    source.mkdir()
    shutil.copy(HOOKS, source / ".pre-commit-hooks.yaml")
    git(source, "init", "-q")
    git(source, "add", "-A")
    git(source, "commit", "-qm", "hooks")
    config = f"repos:\n- repo: {source}\n  rev: {git(source, 'rev-parse', 'HEAD')}\n  hooks:\n  - id: swarm-triage\n"
    (shop / ".pre-commit-config.yaml").write_text(config)
    git(shop, "add", "-A")
    git(shop, "commit", "-qm", "use pre-commit")
    cache = {"PRE_COMMIT_HOME": str(tmp_path / "cache")}
    installed = [sys.executable, "-m", "pre_commit", "install"]
    subprocess.run(installed, cwd=shop, check=True, capture_output=True, env={**os.environ, **cache})

    stage(shop, git, ">= LIMIT", "> LIMIT")
    (shop / "shop.py").write_text((shop / "shop.py").read_text() + "# not staged\n")
    refused = commit(shop, **cache)
    assert refused.returncode == 1
    assert "shop.py:5 breaks test_shop.py::test_threshold" in refused.stdout + refused.stderr
    assert (shop / "shop.py").read_text().endswith("# not staged\n")

    (shop / "shop.py").write_text(FILES["shop.py"].replace("LIMIT = 50", "LIMIT = 5 * 10"))
    git(shop, "add", "shop.py")
    accepted = commit(shop, **cache)
    assert accepted.returncode == 0, accepted.stdout + accepted.stderr


@pytest.mark.parametrize(("policy", "code"), [("open", 0), ("closed", 7)])
def test_trouble_of_the_hooks_own_lets_a_commit_through_or_not_as_it_is_set(
    shop: Path, git: Git, swarm: Swarm, policy: str, code: int
) -> None:
    stage(shop, git, ">= LIMIT", "> LIMIT")

    said = swarm("triage", "--hook", "--env", "inherit", cwd=shop, env={**PLAIN, "SWARM_HOOK": policy})

    assert said.code == code
    assert "no environment to inherit" in said.err


def hook_of(top: Path) -> str:
    return (top / ".git/hooks/pre-commit").read_text()


def test_a_hook_that_was_there_is_called_first_and_comes_back(shop: Path, git: Git) -> None:
    place = shop / ".git/hooks/pre-commit"
    place.parent.mkdir(exist_ok=True)
    place.write_text("#!/bin/sh\necho theirs >&2\nexit 3\n")
    place.chmod(0o755)
    theirs = hook_of(shop)
    repository = Repository.at(shop)

    done = install(repository, {})
    assert (done.place, done.before) == (place, place.with_name("pre-commit.before-swarm"))
    assert install(repository, {}).place == place, "doing it again changes nothing"
    stage(shop, git, ">= LIMIT", "> LIMIT")
    refused = commit(shop)
    assert "theirs" in refused.stderr
    assert "breaks" not in refused.stdout + refused.stderr

    remove(repository, {})
    assert hook_of(shop) == theirs
    assert os.access(place, os.X_OK)
    with pytest.raises(HookInTheWay):
        remove(repository, {})
    assert hook_of(shop) == theirs


def test_without_a_hook_before_none_is_left(shop: Path) -> None:
    repository = Repository.at(shop)
    place = install(repository, {}).place
    remove(repository, {})
    assert not place.exists()


def test_a_hook_that_somebody_changed_since_is_left_alone(shop: Path) -> None:
    repository = Repository.at(shop)
    place = install(repository, {}).place
    place.write_text(place.read_text() + "echo mine\n")
    with pytest.raises(HookInTheWay, match="by hand"):
        remove(repository, {})
    assert place.read_text().endswith("echo mine\n")


def test_the_folder_of_hooks_that_the_repository_names_is_used(shop: Path, git: Git) -> None:
    git(shop, "config", "core.hooksPath", "tools/hooks")
    assert install(Repository.at(shop), {}).place == shop / "tools/hooks/pre-commit"


def test_a_folder_for_the_hooks_of_all_repositories_is_not_touched(shop: Path, tmp_path: Path, home: Path) -> None:
    (home / ".gitconfig").write_text(f"[core]\n\thooksPath = {tmp_path / 'all'}\n")
    with pytest.raises(HooksOfAll):
        install(Repository.at(shop), {"HOME": str(home)})
    assert not (tmp_path / "all").exists()


def test_a_linked_worktree_shares_the_hook(shop: Path, git: Git, tmp_path: Path) -> None:
    git(shop, "worktree", "add", "-q", str(tmp_path / "linked"))
    assert install(Repository.at(tmp_path / "linked"), {}).place == shop / ".git/hooks/pre-commit"


def test_a_swarm_that_is_gone_lets_commits_through_and_says_so(shop: Path, git: Git) -> None:
    place = install(Repository.at(shop), {}).place
    place.write_text(place.read_text().replace(f"python={sys.executable}", "python=/nonexistent/python"))
    stage(shop, git, ">= LIMIT", "> LIMIT")
    accepted = commit(shop)
    assert accepted.returncode == 0
    assert "not installed any more" in accepted.stderr


def test_a_module_of_the_repository_cannot_take_the_place_of_one_of_ours(
    make_repository: Callable[[Mapping[str, str]], Path], git: Git
) -> None:
    top = make_repository({**FILES, "click.py": "raise SystemExit('owned')\n", "json.py": "raise SystemExit('owned')\n"})
    install(Repository.at(top), os.environ)
    stage(top, git, "return 5", "return 6")

    done = commit(top)

    assert done.returncode == 0, done.stderr
    assert "owned" not in done.stdout + done.stderr
