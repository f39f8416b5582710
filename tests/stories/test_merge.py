"""From a fix to the person's own branch and back."""

import hashlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Swarm = Callable[..., Any]
BRANCH = "swarm/orders-of-exactly-50-pay-shipping"


def git(folder: Path, *args: str) -> str:
    who = ["-c", "user.name=Ada", "-c", "user.email=ada@example.org"]
    return subprocess.run(["git", *who, *args], cwd=folder, capture_output=True, text=True, check=True).stdout.strip()


def fingerprint(folder: Path) -> dict[str, str]:
    """Every byte of the repository but its objects and swarm's own references."""
    files = (str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())
    kept = [name for name in files if not name.startswith((".git/objects/", ".git/refs/swarm/"))]
    return {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in kept}


def commit(shop: Path, path: str, text: str) -> str:
    (shop / path).write_text(text)
    git(shop, "add", path)
    git(shop, "commit", "-qm", f"change {path}")
    return git(shop, "rev-parse", "HEAD")


def test_a_fix_is_looked_at_merged_once_and_taken_back(shop: Path, swarm: Swarm) -> None:
    swarm("fix", "../ISSUE.md", "-q", cwd=shop)
    before, untouched = git(shop, "rev-parse", "HEAD"), (shop / "shop/prices.py").read_text()

    patch = swarm("diff", cwd=shop)
    stat = swarm("diff", "c1", "--stat", cwd=shop)
    value = json.loads(swarm("diff", "last", "c1", "--json", cwd=shop).out)
    applied = subprocess.run(["git", "apply", "--check", "-"], cwd=shop, input=patch.out, text=True, check=False)
    assert applied.returncode == 0, patch.out
    assert value["diff"] == patch.out
    assert "shop/prices.py | 2 +-" in stat.out

    merged = swarm("merge", "--json", cwd=shop)
    again = swarm("merge", "--json", cwd=shop)
    assert (merged.code, again.code) == (0, 0), merged.err + again.err
    assert [json.loads(said.out)["done"] for said in (merged, again)] == [True, False]
    assert ">= FREE_SHIPPING" in (shop / "shop/prices.py").read_text()
    assert git(shop, "status", "--porcelain") == ""
    assert "merged into main" in swarm("watch", "--plain", cwd=shop).out

    undone, twice = swarm("undo", cwd=shop), swarm("undo", "--json", cwd=shop)
    assert (undone.code, twice.code) == (0, 0), undone.err + twice.err
    assert json.loads(twice.out)["done"] is False
    assert git(shop, "rev-parse", "HEAD") == before
    assert (shop / "shop/prices.py").read_text() == untouched
    assert git(shop, "status", "--porcelain") == ""


def test_what_is_in_the_way_changes_nothing_and_a_head_that_moved_is_merged_with(shop: Path, swarm: Swarm) -> None:
    swarm("fix", "../ISSUE.md", "-q", cwd=shop)

    text = (shop / "shop/prices.py").read_text()
    commit(shop, "shop/prices.py", text.replace("total > FREE_SHIPPING", "total > FREE_SHIPPING + 0"))
    before = fingerprint(shop)
    conflict = swarm("merge", cwd=shop)
    assert conflict.code == 6, conflict.err
    assert "shop/prices.py" in conflict.err
    assert fingerprint(shop) == before
    git(shop, "reset", "-q", "--hard", "HEAD~1")

    moved = commit(shop, "shop/news.py", "NEWS = 'fresh'\n")
    (shop / "shop/prices.py").write_text("unsaved = 'work'\n")
    before = fingerprint(shop)
    refused = swarm("merge", cwd=shop)
    assert refused.code == 6, refused.err
    assert "shop/prices.py" in refused.err
    assert fingerprint(shop) == before
    git(shop, "checkout", "-q", "shop/prices.py")

    command = [sys.executable, "-m", "swarm", "merge"]
    with subprocess.Popen(command, cwd=shop, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True) as process:
        assert process.stderr is not None
        assert any("judged again" in line for line in process.stderr)
        moved = commit(shop, "shop/news.py", "NEWS = 'fresher'\n")
        rest = process.stderr.read()
    assert process.returncode == 6, rest
    assert git(shop, "rev-parse", "HEAD") == moved
    assert git(shop, "status", "--porcelain") == ""

    merged = swarm("merge", cwd=shop)
    assert merged.code == 0, merged.err
    assert git(shop, "rev-parse", "HEAD^1", "HEAD^2").split() == [moved, git(shop, "rev-parse", BRANCH)]
    assert git(shop, "status", "--porcelain") == ""

    later = commit(shop, "shop/more.py", "MORE = 1\n")
    undone = swarm("undo", cwd=shop)
    assert undone.code == 6
    assert "git revert -m 1" in undone.err
    assert git(shop, "rev-parse", "HEAD") == later


def test_a_merge_that_is_killed_is_brought_to_its_end_or_never_was(shop: Path, swarm: Swarm) -> None:
    swarm("fix", "../ISSUE.md", "-q", cwd=shop)
    command = [sys.executable, "-m", "swarm", "merge"]
    with subprocess.Popen(command, cwd=shop, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True) as process:
        assert process.stderr is not None
        for line in process.stderr:
            if "is about to go" in line:
                os.kill(process.pid, signal.SIGKILL)
        process.wait()

    said = swarm("merge", cwd=shop)

    assert said.code == 0, said.err
    assert ">= FREE_SHIPPING" in (shop / "shop/prices.py").read_text()
    assert git(shop, "rev-parse", "HEAD") == git(shop, "rev-parse", BRANCH)
    assert git(shop, "status", "--porcelain") == ""


def test_fix_merges_at_once_if_it_is_told_to(shop: Path, swarm: Swarm) -> None:
    said = swarm("fix", "../ISSUE.md", "--merge", "--json", cwd=shop)

    assert said.code == 0, said.err
    assert json.loads(said.out)["merge"]["branch"] == "main"
    assert git(shop, "rev-parse", "HEAD") == git(shop, "rev-parse", BRANCH)
    assert git(shop, "status", "--porcelain") == ""


@pytest.mark.timeout(600)  # whole runs, which share their cores
def test_a_fix_that_no_test_tells_from_another_is_delivered_but_never_merged_on_its_own(
    make_repository: Callable[..., Path], swarm: Swarm
) -> None:
    folder = make_repository({
        "area.py": "def area(width, height):\n    return width - height\n",
        "test_area.py": "from area import area\n\n\ndef test_a_square():\n    assert area(2, 2) == 4\n",
    })  # fmt: skip
    before = git(folder, "rev-parse", "HEAD")
    said = swarm("fix", "the area of a square is wrong", "--merge", cwd=folder)

    assert said.code == 4, said.err
    assert "a person has to look first: no test tells it from another that is nearly as likely: area(" in said.err
    assert "\ndoubt     no test tells it from another" in swarm("show", cwd=folder).out
    assert json.loads(swarm("show", "--json", cwd=folder).out)["doubts"]
    assert git(folder, "rev-parse", "HEAD") == before
    assert git(folder, "branch", "--list", "swarm/*")
    assert swarm("merge", cwd=folder).code == 0
    assert git(folder, "rev-parse", "HEAD") != before
