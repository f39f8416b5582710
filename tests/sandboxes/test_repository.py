"""The user's repository: found from anywhere, read without a trace, and given references only."""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from sandboxes.git import Git, GitTrouble
from sandboxes.mirror import Mirror
from sandboxes.repository import BranchExists, NoCommit, NotARepository, NotYours, RefMoved, Repository
from sandboxes.revision import blob_id

HOSTILE = {
    "core.fsmonitor": "touch {canary}; true",
    "core.hooksPath": "{hooks}",
    "core.sshCommand": "touch {canary}",
    "core.pager": "touch {canary}",
    "core.editor": "touch {canary}",
    "core.askPass": "touch {canary}",
    "core.alternateRefsCommand": "touch {canary}; true",
    "diff.external": "touch {canary}",
    "diff.evil.textconv": "touch {canary}; cat",
    "diff.evil.command": "touch {canary}",
    "filter.evil.clean": "touch {canary}; cat",
    "filter.evil.smudge": "touch {canary}; cat",
    "filter.evil.process": "touch {canary}",
    "filter.evil.required": "true",
    "merge.evil.driver": "touch {canary}",
    "gpg.program": "touch {canary}",
    "commit.gpgSign": "true",
    "credential.helper": "!touch {canary}",
    "uploadpack.packObjectsHook": "touch {canary}",
    "alias.status": "!touch {canary}",
}


def everything(folder: Path, *but: str) -> dict[str, object]:
    """Read all there is of a folder: content, kind, mode and time of every file."""
    seen: dict[str, object] = {}
    for place, folders, files in os.walk(folder):
        for name in (*folders, *files):
            path = Path(place, name)
            short = str(path.relative_to(folder))
            if not short.startswith(but):
                info = path.lstat()
                data = path.readlink() if path.is_symlink() else path.read_bytes() if path.is_file() else None
                seen[short] = (info.st_mode, info.st_mtime_ns if path.is_file() else 0, data)
    return seen


def test_a_repository_is_found_from_a_folder_inside_it(checkout):
    found = Repository.at(checkout.folder / "shop")
    assert (found.top, found.git_dir, found.name, found.bare) == (checkout.folder, checkout.folder / ".git", "bookshop", False)
    assert (found.place, Repository.at(checkout.folder).place) == ("shop", "")


def test_a_linked_worktree_is_a_repository_of_its_own_with_the_same_identity(checkout, tmp_path: Path):
    checkout.git("worktree", "add", "-q", str(tmp_path / "linked"), "-b", "other")
    linked = Repository.at(tmp_path / "linked")
    assert linked.top == tmp_path / "linked"
    assert Repository.at(linked.top / "shop").place == "shop"
    assert linked.common_dir == checkout.folder / ".git"
    assert linked.identity == checkout.repository.identity
    assert linked.commit() == checkout.repository.commit()
    (linked.top / "README").write_text("changed")
    assert linked.dirty()
    assert not checkout.repository.dirty()


def test_a_bare_repository_is_one_too(checkout, tmp_path: Path):
    subprocess.run(["git", "clone", "-q", "--bare", checkout.folder, tmp_path / "shop.git"], check=True)
    found = Repository.at(tmp_path / "shop.git")
    assert (found.bare, found.top, found.name, found.dirty()) == (True, tmp_path / "shop.git", "shop", False)
    assert found.commit() == checkout.repository.commit()


def test_a_repository_through_a_link_is_the_same_repository(checkout, tmp_path: Path):
    (tmp_path / "link").symlink_to(checkout.folder)
    assert Repository.at(tmp_path / "link").identity == checkout.repository.identity


def test_two_repositories_of_one_name_are_told_apart(tmp_path: Path):
    for place in ("one", "two"):
        subprocess.run(["git", "init", "-q", str(tmp_path / place / "shop")], check=True)
    one, two = (Repository.at(tmp_path / place / "shop") for place in ("one", "two"))
    assert one.identity != two.identity
    assert one.identity.startswith("shop-")


def test_no_repository_is_said_clearly(tmp_path: Path):
    with pytest.raises(NotARepository, match="There is no git repository at") as trouble:
        Repository.at(tmp_path)
    assert trouble.value.exit_code == 2
    with pytest.raises(NotARepository, match="no such folder"):
        Repository.at(tmp_path / "nowhere")


def test_a_repository_without_a_commit_is_said_clearly(tmp_path: Path):
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    with pytest.raises(NoCommit, match="has no commit 'HEAD'"):
        Repository.at(tmp_path).commit()


@pytest.mark.parametrize("name", ["no-such-branch", "--help", "HEAD~99", "HEAD:README", "", "\n"])
def test_a_commit_that_is_not_there_is_said_clearly(checkout, name: str):
    with pytest.raises(NoCommit):
        checkout.repository.commit(name)


def test_a_commit_is_named_in_full_whatever_it_was_called_by(checkout):
    full = checkout.git("rev-parse", "HEAD")
    checkout.git("tag", "-a", "-m", "first", "v1")
    checkout.git("checkout", "-q", "--detach")
    assert {checkout.repository.commit(name) for name in ("HEAD", "main", "v1", full[:10], "refs/heads/main")} == {full}


def test_a_repository_of_another_user_needs_their_trust(tmp_path: Path, checkout, monkeypatch: pytest.MonkeyPatch):
    checkout.git("worktree", "add", "-q", str(linked := tmp_path / "linked"))
    git = tmp_path / "bin" / "git"
    git.parent.mkdir()
    git.write_text(f'#!/bin/sh\nGIT_TEST_ASSUME_DIFFERENT_OWNER=1 exec {shutil.which("git")} "$@"\n')
    git.chmod(0o755)
    monkeypatch.setenv("PATH", f"{git.parent}:{os.environ['PATH']}")  # whoever owns it, git now takes it for somebody else's
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "config"))
    (tmp_path / "config").write_text("")
    with pytest.raises(NotYours, match="belongs to another user"):
        Repository.at(linked)
    (tmp_path / "config").write_text(f"[safe]\n\tdirectory = {linked}\n")
    assert Repository.at(linked).top == linked


@pytest.mark.parametrize("how", ["changed", "staged", "untracked", "deleted"])
def test_a_dirty_tree_is_noticed_and_the_index_left_alone(checkout, how: str):
    match how:
        case "changed":
            checkout.write("README", "other\n")
        case "staged":
            checkout.write("README", "other\n")
            checkout.git("add", "README")
        case "untracked":
            checkout.write("new", "new\n")
        case _:
            (checkout.folder / "README").unlink()
    before = everything(checkout.folder)
    assert checkout.repository.dirty()
    assert everything(checkout.folder) == before


def test_a_clean_tree_is_clean_even_when_its_times_are_new(checkout):
    time.sleep(0.01)
    os.utime(checkout.folder / "README")
    before = everything(checkout.folder)
    assert not checkout.repository.dirty()
    assert everything(checkout.folder) == before


def test_nothing_that_settings_name_is_ever_run(checkout, mirror: Mirror, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    canary, hooks = tmp_path / "canary", tmp_path / "hooks"
    hooks.mkdir()
    for name in ("reference-transaction", "post-checkout", "pre-auto-gc", "post-index-change", "fsmonitor-watchman"):
        (hooks / name).write_text(f"#!/bin/sh\ntouch {canary}\n")
        (hooks / name).chmod(0o755)
        shutil.copy(hooks / name, checkout.folder / ".git" / "hooks" / name)
    checkout.write(".gitattributes", "* filter=evil diff=evil merge=evil ident\n")
    commit = checkout.commit()
    for place in (tmp_path / "global", checkout.folder / ".git" / "config"):
        for key, value in HOSTILE.items():
            subprocess.run(["git", "config", "--file", place, key, value.format(canary=canary, hooks=hooks)], check=True)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "global"))
    monkeypatch.setenv("GIT_EXTERNAL_DIFF", f"touch {canary}")
    monkeypatch.setenv("GIT_SSH_COMMAND", f"touch {canary}")
    canary.unlink(missing_ok=True)
    repository = Repository.at(checkout.folder)
    tree = mirror.take(repository, repository.commit())
    os.utime(checkout.folder / "README")
    (checkout.folder / "shop" / "cart.py").write_text("changed\n")
    assert repository.dirty()
    with mirror.worktree(tree, tmp_path / "w") as worktree:
        (worktree / "README").write_text("fixed\n")
        after = mirror.bring_in(worktree, tree)
    assert mirror.diff(tree, after)
    fixed = mirror.commit(after, [commit], "fix\n")
    repository.receive(mirror.folder, fixed, "refs/swarm/1/best")
    repository.create_branch(mirror.folder, "swarm/fix", fixed)
    repository.delete_ref("refs/swarm/1/best", fixed)
    assert not canary.exists()
    subprocess.run(["git", "-C", checkout.folder, "diff"], capture_output=True, check=False)
    assert canary.exists(), "these settings would run nothing anyway, so this test proves nothing"


def test_a_delivery_changes_no_byte_of_the_user_but_its_references(checkout, mirror: Mirror):
    checkout.write("staged", "1\n")
    checkout.git("add", "staged")
    checkout.write("README", "stash me\n")
    checkout.git("stash", "push", "-q", "--", "README")
    checkout.write("README", "dirty\n")
    checkout.write("untracked", "mine\n")
    checkout.write(".git/index.lock")
    base = checkout.repository.commit()
    own = (".git/refs/swarm", ".git/refs/heads/swarm", ".git/objects", ".git/logs/refs/heads/swarm")
    before = everything(checkout.folder, *own)
    tree = mirror.take(checkout.repository, base)
    fixed = mirror.commit(mirror.put(tree, {"README": b"fixed\n"}), [base], "fix\n")
    assert checkout.repository.dirty()
    checkout.repository.receive(mirror.folder, fixed, "refs/swarm/1/best")
    checkout.repository.create_branch(mirror.folder, "swarm/1-fix", fixed)
    assert everything(checkout.folder, *own) == before
    (checkout.folder / ".git" / "index.lock").unlink()
    assert checkout.git("show", "swarm/1-fix:README") == "fixed"
    assert checkout.git("rev-parse", "refs/swarm/1/best") == fixed
    assert checkout.git("log", "-1", "--format=%an <%ae>", "swarm/1-fix") == "swarm <swarm@localhost>"
    checkout.git("fsck", "--full", "--strict")


def test_a_branch_that_exists_is_never_moved(checkout, mirror: Mirror):
    base = checkout.repository.commit()
    mirror.take(checkout.repository, base)
    fixed = mirror.commit(mirror.tree(base), [base], "nothing\n")
    with pytest.raises(BranchExists, match="main exists already") as trouble:
        checkout.repository.create_branch(mirror.folder, "main", fixed)
    assert trouble.value.exit_code == 6
    assert checkout.git("rev-parse", "main") == base


@pytest.mark.parametrize("branch", ["-x", "a..b", "a b", "x.lock", "a//b", "@{-1}", ""])
def test_a_name_that_is_none_for_a_branch_is_refused(checkout, mirror: Mirror, branch: str):
    base = checkout.repository.commit()
    mirror.take(checkout.repository, base)
    before = checkout.git("for-each-ref")
    with pytest.raises(GitTrouble):
        checkout.repository.create_branch(mirror.folder, branch, base)
    assert checkout.git("for-each-ref") == before


def test_a_reference_is_deleted_only_where_it_is_expected(checkout, mirror: Mirror):
    base = checkout.repository.commit()
    mirror.take(checkout.repository, base)
    checkout.repository.receive(mirror.folder, base, "refs/swarm/1/base")
    other = checkout.commit("another")
    with pytest.raises(RefMoved):
        checkout.repository.delete_ref("refs/swarm/1/base", other)
    checkout.repository.delete_ref("refs/swarm/1/base", base)
    assert "refs/swarm" not in checkout.git("for-each-ref")


def test_a_user_who_fetches_and_commits_meanwhile_is_not_disturbed(checkout, mirror: Mirror, tmp_path: Path):
    subprocess.run(["git", "clone", "-q", checkout.folder, tmp_path / "clone"], check=True)
    base = checkout.repository.commit()
    tree = mirror.take(checkout.repository, base)
    commit = "git -c user.name=A -c user.email=a@b commit -q --allow-empty -m $i"
    script = f"for i in 1 2 3 4 5 6 7 8; do git fetch -q ../clone && {commit} || exit 1; done"
    user = subprocess.Popen(["sh", "-c", script], cwd=checkout.folder, stderr=subprocess.PIPE)
    with user:
        for number in range(8):
            fixed = mirror.commit(mirror.put(tree, {"n": str(number).encode()}), [base], "fix\n")
            checkout.repository.receive(mirror.folder, fixed, f"refs/swarm/1/{number}")
        _, said = user.communicate(timeout=60)
    assert (user.returncode, said) == (0, b"")
    assert len(checkout.git("for-each-ref", "refs/swarm").splitlines()) == 8
    assert len(checkout.git("log", "--oneline").splitlines()) == 9


def test_git_says_what_went_wrong_in_its_own_words(checkout):
    with pytest.raises(GitTrouble, match="git cat-file blob no-such") as trouble:
        checkout.repository.git.run("cat-file", "blob", "no-such")
    assert "It said: fatal: " in str(trouble.value)


def test_git_that_hangs_is_ended(checkout):
    reader, writer = os.pipe()
    with os.fdopen(reader, "rb") as never, os.fdopen(writer, "wb"), pytest.raises(GitTrouble, match="nothing within"):
        Git(checkout.repository.git_dir, timeout=0.3).run("cat-file", "--batch", stdin=never)


def test_gits_environment_holds_nothing_of_ours(checkout, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("CANARY_KEY", "canary-4711")
    monkeypatch.setenv("GIT_DIR", "/nonexistent")
    listed = checkout.repository.git.run("-c", "alias.x=!env", "x").decode()
    assert "canary-4711" not in listed
    assert f"GIT_DIR={checkout.folder}/.git" in listed


def test_help_and_other_small_things_do_not_load_gitpython():
    code = "import sys, sandboxes.choice, sandboxes.mirror, sandboxes.environment; assert 'git' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True, cwd=Path(__file__).parent.parent.parent)


def test_our_name_for_content_is_gits(checkout):
    data = b"some\0bytes\n"
    assert blob_id(data, "sha1") == checkout.repository.git.text("hash-object", "-t", "blob", "--stdin", stdin=data)


WAITS = """
import os, sys
from pathlib import Path
from sandboxes.git import Git
never, _ = os.pipe()
with os.fdopen(never, "rb") as stdin:
    print("ready", flush=True)
    Git(Path(sys.argv[1]), timeout=600).run("cat-file", "--batch", stdin=stdin)
"""


def test_whoever_interrupts_does_not_wait_for_the_time_out_of_git(checkout):
    argv = [sys.executable, "-c", WAITS, str(checkout.repository.git_dir)]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as waiting:
        assert waiting.stdout
        assert waiting.stdout.readline() == b"ready\n"
        time.sleep(1)
        waiting.send_signal(signal.SIGINT)
        assert waiting.wait(timeout=60) == -signal.SIGINT
