"""Whatever becomes of a run, and whatever the user does meanwhile: everything of the user's is the same bytes afterwards."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

Swarm = Callable[..., Any]
Look = Callable[[Path], dict[str, str]]
MEANWHILE = ("index", "HEAD", "logs/", "refs/heads/main", "COMMIT_EDITMSG", "refs/remotes/", "FETCH_HEAD", "ORIG_HEAD")
"""What the user's own commits and fetches write."""


def git(folder: Path, *args: str) -> str:
    who = ("-c", "user.name=Ada", "-c", "user.email=ada@example.org")
    return subprocess.run(["git", *who, *args], cwd=folder, capture_output=True, text=True, check=True).stdout.strip()


def unsaved(shop: Path) -> None:
    """Leave work in every state in which work can be lost."""
    (shop / "shop.py").write_text((shop / "shop.py").read_text() + "# stashed\n")
    git(shop, "stash", "push", "-q")
    (shop / "staged.txt").write_text("staged")
    git(shop, "add", "staged.txt")
    (shop / "shop.py").write_text((shop / "shop.py").read_text() + "# not staged\n")
    (shop / "untracked.txt").write_text("untracked")
    (shop / ".git/info/exclude").write_text("ignored.txt\n")
    (shop / "ignored.txt").write_text("ignored")
    git(shop, "tag", "mine")


def started(folder: Path, *more: str) -> subprocess.Popen[bytes]:
    words = [sys.executable, "-m", "swarm", "fix", "Orders of 50 pay shipping", *more]
    return subprocess.Popen(words, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def until_it_works(home: Path, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 60
    while not list(home.glob("state/swarm/*/worktrees/*/*/shop.py")):
        assert process.poll() is None, "it ended too early"
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_after_a_run_that_ends_well(shop: Path, swarm: Swarm, fingerprint: Look):
    unsaved(shop)
    before = fingerprint(shop)
    said = swarm("fix", "Orders of 50 pay shipping", "-q", cwd=shop)

    assert said.code == 0, said.err
    assert fingerprint(shop) == before
    assert git(shop, "for-each-ref", "--format=%(refname)", "refs/heads").count("refs/heads/swarm/") == 1


def test_after_a_run_that_fails(shop: Path, swarm: Swarm, fingerprint: Look):
    (shop / "test_shop.py").write_text("from shop import shipping\n\n\ndef test_it():\n    assert shipping(50) == 'free'\n")
    git(shop, "commit", "-qam", "nothing fixes this")
    unsaved(shop)
    before = fingerprint(shop)
    said = swarm("fix", "Orders of 50 pay shipping", "-q", cwd=shop)

    assert said.code == 4, said.err
    assert fingerprint(shop) == before


def test_after_a_run_that_is_killed_and_resumed_and_killed_again(shop: Path, swarm: Swarm, fingerprint: Look, home: Path):
    unsaved(shop)
    before = fingerprint(shop)
    for _ in range(2):
        process = started(shop)
        until_it_works(home, process)
        process.send_signal(signal.SIGKILL)
        process.wait()
        assert fingerprint(shop) == before
    said = swarm("fix", "Orders of 50 pay shipping", "-q", cwd=shop)

    assert said.code == 0, said.err
    assert fingerprint(shop) == before


def test_while_the_user_commits_and_fetches(shop: Path, fingerprint: Look, tmp_path: Path):
    git(tmp_path, "clone", "-q", str(shop), "upstream")
    git(shop, "remote", "add", "origin", str(tmp_path / "upstream"))
    git(shop, "fetch", "-q", "origin")
    before = fingerprint(shop)
    process, rounds = started(shop), 0
    while process.poll() is None:
        git(tmp_path / "upstream", "commit", "-q", "--allow-empty", "-m", f"theirs {rounds}")
        git(shop, "fetch", "-q", "origin")
        git(shop, "commit", "-q", "--allow-empty", "-m", f"mine {rounds}")
        rounds += 1
        time.sleep(0.2)

    after = fingerprint(shop)
    changed = {name.removeprefix(".git/") for name in {*before, *after} if before.get(name) != after.get(name)}
    assert process.returncode == 0
    assert rounds > 1
    assert {name for name in changed if not name.startswith(MEANWHILE)} == set()
    assert int(git(shop, "rev-list", "--count", "main")) == rounds + 1, "no commit of the user's is lost"
    assert git(shop, "fsck", "--full") == ""
    assert git(shop, "status", "--porcelain") == ""


def test_while_the_user_holds_the_lock_of_the_index(shop: Path, swarm: Swarm, fingerprint: Look):
    unsaved(shop)
    (shop / ".git/index.lock").write_bytes(b"held")
    before = fingerprint(shop)
    said = swarm("fix", "Orders of 50 pay shipping", "-q", cwd=shop)

    assert said.code == 0, said.err
    assert fingerprint(shop) == before
    assert (shop / ".git/index.lock").read_bytes() == b"held"


WITNESS = """#!/bin/sh
handed=no
if [ -n "$GIT_WORK_TREE" ] && [ -e "${{GIT_WORK_TREE%/*}}/.${{GIT_WORK_TREE##*/}}.seen" ]; then handed=yes; fi
printf '%s|%s|%s|%s\\n' "$PWD" "$GIT_DIR" "$GIT_WORK_TREE" "$handed" >>{log}
exec {git} "$@"
"""
"""Stands in for git, and notes before each call where it looks, and whether an agent has had that folder in hand."""


def witness(folder: Path) -> str:
    """Lay the witness out; give the $PATH by which it is found."""
    (folder / "bin").mkdir()
    (folder / "bin/git").write_text(WITNESS.format(log=folder / "calls", git=shutil.which("git")))
    (folder / "bin/git").chmod(0o755)
    return f"{folder / 'bin'}:{os.environ['PATH']}"


def test_no_program_that_the_repository_names_is_started_outside_nor_git_where_an_agent_writes(
    shop: Path, swarm: Swarm, tmp_path: Path
):
    trap, canary = tmp_path / "trap", tmp_path / "canary"
    trap.write_text(f"#!/bin/sh\necho $0 $* >> {canary}\ncat\n")
    trap.chmod(0o755)
    for key in (
        "core.fsmonitor",
        "core.sshCommand",
        "core.pager",
        "core.editor",
        "credential.helper",
        "diff.external",
        "gpg.program",
    ):
        git(shop, "config", key, str(trap))
    for name in ("clean", "smudge", "process"):
        git(shop, "config", f"filter.evil.{name}", str(trap))
    for hook in ("pre-commit", "reference-transaction", "post-checkout", "post-index-change", "pre-auto-gc"):
        (shop / ".git/hooks").mkdir(exist_ok=True)
        (shop / ".git/hooks" / hook).symlink_to(trap)
    hostile = {
        ".gitattributes": "*.py filter=evil diff=evil\n",
        ".env": f"SWARM_SANDBOX=none\nPATH={tmp_path}\n",
        ".envrc": f"touch {canary}\n",
        ".mcp.json": f'{{"mcpServers": {{"x": {{"command": "{trap}"}}}}}}',
        "sitecustomize.py": f"open({str(canary)!r}, 'a').write('sitecustomize')\n",
        "conftest.py": f"try:\n    open({str(canary)!r}, 'a').write('conftest')\nexcept OSError:\n    pass\n",
    }
    for name, text in hostile.items():
        (shop / name).write_text(text)
    plain = (
        "-c",
        "core.fsmonitor=",
        "-c",
        "core.hooksPath=/dev/null",
        "-c",
        "filter.evil.clean=cat",
        "-c",
        "filter.evil.process=",
    )
    git(shop, *plain, "add", "-A")
    git(shop, *plain, "commit", "-qm", "hostile")
    canary.unlink(missing_ok=True)
    (shop / "sitecustomize.py").touch()
    surroundings = {"PYTHONSAFEPATH": "1", "PATH": witness(tmp_path)}
    said = swarm("fix", "Orders of 50 pay shipping", "-q", cwd=shop, env=surroundings)

    assert not canary.exists(), canary.read_text()
    assert said.code == 0, said.err
    calls = [line.split("|") for line in (tmp_path / "calls").read_text().splitlines()]
    assert [call for call in calls if any("/worktrees/" in place for place in call[:2])] == []
    handed = {call[3] for call in calls if "/worktrees/" in call[2]}
    assert handed == {"no"}, "worktrees are laid out by git, and after that it never goes there"


def test_without_a_sandbox_nothing_is_run_and_the_exit_code_is_seven(shop: Path, swarm: Swarm, tmp_path: Path, fingerprint: Look):
    tools = tmp_path / "tools"
    tools.mkdir()
    for place in os.get_exec_path():
        for name in ("git", "sh", "setpriv", "unshare", "env", "apt-get"):
            if Path(place, name).exists() and not (tools / name).exists():
                (tools / name).symlink_to(Path(place, name))
    (shop / "conftest.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w')\n")
    git(shop, "add", "-A")
    git(shop, "commit", "-qm", "tells when it is run")
    before = fingerprint(shop)
    said = swarm(
        "fix", "Orders of 50 pay shipping", "-q", cwd=shop, env={"PATH": str(tools), "DOCKER_HOST": "unix:///nonexistent"}
    )

    assert said.code == 7, (said.out, said.err)
    assert "install" in said.err
    assert not (tmp_path / "ran").exists()
    assert fingerprint(shop) == before
