"""What an agent does to git, and what must come of it: nothing in the user's repository, and nothing started outside."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from sandboxes.command import Command
from sandboxes.host import Host
from sandboxes.importer import Unreadable
from sandboxes.mirror import Mirror
from sandboxes.repository import Repository
from sandboxes.sandbox import Backend
from swarm.evidence.patch import split

ROOT = Path(__file__).parents[2]
PAYLOADS = """
for folder in GITDIRS; do
    mkdir -p $folder/hooks $folder/info
    for key in core.fsmonitor core.sshCommand core.pager core.editor diff.external gpg.program credential.helper \\
            filter.x.clean filter.x.smudge diff.x.textconv merge.x.driver; do
        git config --file $folder/config $key 'touch CANARY; cat'
    done
    git config --file $folder/config core.hooksPath $folder/hooks
    git config --file $folder/config alias.st '!touch CANARY'
    for hook in pre-commit post-checkout post-merge post-index-change reference-transaction; do
        printf '#!/bin/sh\\ntouch CANARY\\n' >$folder/hooks/$hook
        chmod +x $folder/hooks/$hook
    done
    echo '* filter=x diff=x merge=x' >$folder/info/attributes
done 2>/dev/null
"""
TRACKED = "echo '* filter=x diff=x merge=x' >.gitattributes; echo better >shop.py\n"
OVERWRITTEN = """
find / -xdev -path '*objects/*' -type f 2>/dev/null | while read -r file; do
    chmod u+w "$file" && echo spoiled >"$file"
done 2>/dev/null
ln OBJECT here 2>/dev/null && echo spoiled >here
true
"""
DAILY = (
    ("status",),
    ("diff",),
    ("log", "-p", "--all"),
    ("commit", "-q", "--allow-empty", "-m", "mine"),
    ("checkout", "-q", "swarm/fix"),
    ("checkout", "-q", "main"),
    ("merge", "-q", "-m", "theirs", "swarm/fix"),
    ("fetch", "-q", "."),
)


def git(folder: Path, *args: str) -> str:
    who = ("-c", "user.name=Ada", "-c", "user.email=ada@example.org")
    return subprocess.run(["git", *who, *args], cwd=folder, capture_output=True, text=True, check=True).stdout.strip()


def attacked(script: str, folders: list[Path], canary: Path, sample: Path) -> str:
    """The script with its words filled in."""
    names = " ".join(map(str, folders))
    return script.replace("GITDIRS", names).replace("CANARY", str(canary)).replace("OBJECT", str(sample))


def objects(folder: Path) -> set[tuple[int, int]]:
    return {(info.st_dev, info.st_ino) for info in (file.stat() for file in folder.glob("objects/**/*") if file.is_file())}


def test_an_agent_that_plants_traps_in_git_and_spoils_objects_reaches_neither_the_user_nor_the_mirror(
    shop: Path, tmp_path: Path, backend: Backend
):
    canary, user = tmp_path / "canary", Repository.at(shop)
    mirror, base = Mirror.at(tmp_path / "state/mirror.git"), user.commit()
    tree, history = mirror.take(user, base), mirror.history(base)
    sample = next(file for file in (shop / ".git/objects").glob("??/*"))
    script = attacked(PAYLOADS + TRACKED + OVERWRITTEN, [Path(".git"), shop / ".git", mirror.folder], canary, sample)
    with (
        mirror.worktree(tree, tmp_path / "state/w", history) as worktree,
        backend.open(worktree, (history.folder,)) as sandbox,
    ):
        ran = sandbox.run(Command(argv=("sh", "-c", script)))
        assert "touch" in (worktree / ".git/config").read_text(), "the agent's own git folder is its own to spoil"
        after = mirror.bring_in(worktree, tree)
    fix = mirror.commit(after, [base], "fix\n")
    user.receive(mirror.folder, fix, "refs/swarm/1/best")
    user.create_branch(mirror.folder, "swarm/fix", fix)
    for command in DAILY:
        git(shop, *command)

    assert ran.ok, ran.stderr.text()
    assert not canary.exists()
    assert git(shop, "show", "main:shop.py") == "better"
    assert [git(folder, "fsck", "--full", "--no-dangling") for folder in (shop, mirror.folder, history.folder)] == ["", "", ""]
    assert objects(shop / ".git") & objects(mirror.folder) == set(), "an object that two repositories share, one can spoil"


@pytest.mark.parametrize("command", DAILY[:4], ids=lambda command: command[0])
def test_the_same_traps_would_catch_the_user_where_an_agent_reaches_his_repository(
    shop: Path, tmp_path: Path, command: tuple[str, ...]
):
    canary = tmp_path / "canary"
    with Host().open(shop, ()) as room:
        room.run(Command(argv=("sh", "-c", attacked(PAYLOADS + TRACKED, [shop / ".git"], canary, shop))))
    canary.unlink(missing_ok=True)
    subprocess.run(["git", *command], cwd=shop, capture_output=True, check=False, stdin=subprocess.DEVNULL)

    assert canary.exists()


def test_git_is_started_in_one_place_only():
    """Whoever names git in the words of a process goes around the hardened way; what runs inside a sandbox may."""
    starters = {"run", "Popen", "check_output", "check_call", "call", "execvp", "system"}
    found = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for room in ("swarm", "sandboxes", "tui")
        for path in (ROOT / room).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in starters
        and ast.unparse(node.func).startswith(("subprocess.", "os."))
        and any(isinstance(part, ast.Constant) and part.value == "git" for part in ast.walk(node))
    ]

    assert found == []


SWAPPING = """
import os, sys
secret, count = sys.argv[1], 0
targets = (secret, "../../secret", "/proc/self/environ", "/proc/1/environ", "/etc/shadow")
os.makedirs("d/real", exist_ok=True)
open("d/real/secret", "w").close()
while count < 1000:
    for number in range(50):
        name = f"f{number}"
        os.symlink(targets[count % len(targets)], name + ".new")
        os.rename(name + ".new", name)
        with open(name + ".new", "w") as file:
            file.write("plain")
        os.rename(name + ".new", name)
        count += 1
    os.rename("d/real", "d/gone")
    os.symlink(os.path.dirname(secret), "d/real")
    os.unlink("d/real")
    os.rename("d/gone", "d/real")
"""


def test_files_that_are_swapped_while_they_are_brought_out_lead_nowhere_else(
    shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """A thousand races: what is not a plain file of the tree is left out, whatever it was when its folder was listed."""
    monkeypatch.setenv("CANARY_KEY", "canary-4711")
    secret = tmp_path / "secret"
    secret.write_text("canary-4711")
    user, mirror = Repository.at(shop), Mirror.at(tmp_path / "state/mirror.git")
    tree, brought = mirror.take(user, user.commit()), 0
    with mirror.worktree(tree, tmp_path / "state/w") as worktree:
        words = [sys.executable, "-c", SWAPPING, str(secret)]  # outside of any sandbox, where every link leads somewhere
        with subprocess.Popen(words, cwd=worktree) as agent:
            while agent.poll() is None:
                try:
                    after = mirror.bring_in(worktree, tree)
                except Unreadable:
                    continue
                brought += 1
                assert b"canary" not in b"".join(mirror.read_all(after).values())

    assert agent.returncode == 0
    assert brought > 0, "if everything is refused, nothing is proven"


ACTING_LATER = {
    "a workflow of CI": ".github/workflows/x.yml",
    "another CI": ".gitlab-ci.yml",
    "attributes": ".gitattributes",
    "submodules": ".gitmodules",
    "what git ignores": "deep/.gitignore",
    "hooks": ".husky/pre-commit",
    "hooks of a framework": ".pre-commit-config.yaml",
    "the build": "setup.py",
    "the project": "pyproject.toml",
    "a makefile": "Makefile",
    "an image": "Dockerfile",
    "fixtures of tests": "tests/conftest.py",
    "the runner": "pytest.ini",
    "variables": ".env",
    "an editor": ".vscode/tasks.json",
    "a container of an editor": ".devcontainer/devcontainer.json",
    "instructions for agents": "AGENTS.md",
    "tools of agents": ".mcp.json",
    "start-up of Python": "sitecustomize.py",
    "a path file of Python": "lib/x.pth",
    "a binary": "native.so",
    "dependencies": "requirements.txt",
}


def test_a_patch_that_adds_what_acts_later_is_for_a_person_to_see(shop: Path, tmp_path: Path):
    user, mirror = Repository.at(shop), Mirror.at(tmp_path / "state/mirror.git")
    tree = mirror.take(user, user.commit())
    seen = {
        kind: split(mirror, tree, mirror.put(tree, {path: b"x\n", "shop.py": b"better\n"})) for kind, path in ACTING_LATER.items()
    }
    with mirror.worktree(tree, tmp_path / "state/w") as worktree:
        (worktree / "link").symlink_to("shop.py")
        (worktree / "shop.py").chmod(0o755)
        of_kinds = split(mirror, tree, mirror.bring_in(worktree, tree))

    assert {kind: patch.sensitive for kind, patch in seen.items()} == {kind: (path,) for kind, path in ACTING_LATER.items()}
    assert set(of_kinds.sensitive) == {"link", "shop.py"}
