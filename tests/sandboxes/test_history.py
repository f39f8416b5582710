"""The git folder of an agent: all of git works in it, and nothing of it reaches anybody else."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from sandboxes.bubblewrap import Bubblewrap
from sandboxes.command import Command, Ran
from sandboxes.mirror import Mirror
from sandboxes.repository import Repository


@pytest.fixture
def base(checkout) -> str:
    checkout.write("README", "a better shop\n")
    base = checkout.commit("better")
    checkout.write("fix", "the fix\n")
    checkout.commit("FUTURE")
    checkout.git("tag", "v2")
    return base


@pytest.fixture
def agent(checkout, mirror: Mirror, base: str, tmp_path: Path):
    """Run a script in a worktree with a git folder, in a sandbox."""
    tree = mirror.take(checkout.repository, base)
    mirror.take(checkout.repository, checkout.repository.commit())
    history = mirror.history(base)
    with (
        mirror.worktree(tree, tmp_path / "w", history) as worktree,
        Bubblewrap().open(worktree, (history.folder,)) as sandbox,
    ):
        yield lambda script: sandbox.run(Command(argv=("sh", "-ec", script)))


Agent = Callable[[str], Ran]


def test_an_agent_sees_a_clean_tree_and_its_history(agent: Agent):
    ran = agent("git status --porcelain; git log --format=%s; git blame -s README; git diff HEAD~1 --stat | tail -1")
    lines = ran.stdout.text().splitlines()
    assert lines[:2] == ["better", "the shop"], ran.stderr.text()
    assert lines[2].endswith("a better shop")
    assert lines[3] == " 1 file changed, 1 insertion(+), 1 deletion(-)"


def test_an_agent_can_commit_branch_stash_and_go_back(agent: Agent):
    ran = agent("""
echo x >> README; git stash -q; git stash pop -q; git add -A; git commit -qm mine; git switch -qc side
git rm -q shop/cart.py; git commit -qm gone; git checkout -q main; git log --all --format=%s; git status --porcelain; ls shop
""")
    assert ran.ok, ran.stderr.text()
    assert set(ran.stdout.text().split("\n")) >= {"mine", "gone", "better", "the shop", "cart.py"}


def test_no_later_commit_can_be_found(agent: Agent, checkout):
    future = checkout.repository.commit()
    ran = agent(f"""
git log --all --format=%s; git tag; git fsck --unreachable --no-progress || true
git cat-file --batch-all-objects --batch-check; git cat-file -t {future} || echo not there
""")
    assert "FUTURE" not in ran.stdout.text()
    assert future not in ran.stdout.text()
    assert "not there" in ran.stdout.text()


def test_the_history_cannot_be_written(agent: Agent, mirror: Mirror, base: str):
    objects = mirror.history(base).folder / "objects"
    before = sorted((path, path.stat().st_mtime_ns) for path in mirror.history(base).folder.rglob("*"))
    ran = agent(
        f"for f in $(find {objects} -type f); do echo x >> $f && echo WROTE; done 2>/dev/null; touch {objects}/x || echo refused"
    )
    assert ran.stdout.text() == "refused\n"
    assert sorted((path, path.stat().st_mtime_ns) for path in mirror.history(base).folder.rglob("*")) == before


def test_what_an_agent_does_to_its_git_folder_changes_nothing_for_the_importer(
    agent: Agent, mirror: Mirror, base: str, tmp_path: Path
):
    canary = tmp_path / "canary"
    ran = agent(f"""
git config core.fsmonitor 'touch {canary}'; git config filter.x.clean 'touch {canary}'; echo '* filter=x' > .git/info/attributes
echo new > new; rm -rf .git/objects; git init -q sub; echo y > sub/file
""")
    assert ran.ok, ran.stderr.text()
    tree = mirror.tree(base)
    after = mirror.bring_in(tmp_path / "w", tree)
    assert [change.path for change in mirror.changes(tree, after)] == ["new", "sub/file"]
    assert not canary.exists()


def test_a_shallow_history_stays_shallow(checkout, mirror: Mirror, tmp_path: Path):
    checkout.write("x", "1")
    checkout.commit()
    subprocess.run(["git", "clone", "-q", "--depth=1", f"file://{checkout.folder}", tmp_path / "shallow"], check=True)
    repository = Repository.at(tmp_path / "shallow")
    base = repository.commit()
    tree, history = mirror.take(repository, base), mirror.history(base)
    with mirror.worktree(tree, tmp_path / "w", history) as worktree, Bubblewrap().open(worktree, (history.folder,)) as sandbox:
        ran = sandbox.run(Command(argv=("git", "log", "--format=%H")))
    assert ran.stdout.text() == f"{base}\n", ran.stderr.text()


def test_a_worktree_without_a_history_has_no_git_folder(checkout, mirror: Mirror, tmp_path: Path):
    tree = mirror.take(checkout.repository, checkout.repository.commit())
    with mirror.worktree(tree, tmp_path / "w") as worktree:
        assert not (worktree / ".git").exists()
