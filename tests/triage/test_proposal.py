"""`swarm triage --fix`: the fix is a patch on what is staged, and nothing else, also when the search for it was cut off."""

import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from miniatures import PYTEST

from sandboxes.repository import Repository
from swarm.events import PatchWanted, ReproductionGiven
from swarm.fix import begin
from swarm.issue import Issue
from swarm.parts import opened_parts
from swarm.settings.values import Settings
from swarm.triage.comparing import Wish, compare

Git = Callable[..., str]
Look = Callable[[Path], dict[str, str]]
Swarm = Callable[..., Any]
QUICK = {"SWARM_SANDBOX": "none", "SWARM_TIME_BOX": "60"}
FILES = {
    "pytest.ini": PYTEST,
    "shop.py": "LIMIT = 50\n\n\ndef shipping(total):\n    if total >= LIMIT:\n        return 0\n    return 5\n",
    "test_shop.py": "from shop import shipping\n\n\ndef test_threshold():\n    assert shipping(50) == 0\n",
}


@pytest.fixture
def shop(make_repository: Callable[[Mapping[str, str]], Path], git: Git) -> Path:
    """With a wrong change that is staged."""
    top = make_repository(FILES)
    (top / "shop.py").write_text(FILES["shop.py"].replace(">= LIMIT", "> LIMIT"))
    git(top, "add", "shop.py")
    return top


def test_a_fix_of_what_is_broken_is_shown_as_a_diff_and_not_applied(
    shop: Path, git: Git, swarm: Swarm, fingerprint: Look
) -> None:
    tree, before = git(shop, "write-tree"), fingerprint(shop)

    said = swarm("triage", "--fix", "--json", cwd=shop, env=QUICK)

    answer = json.loads(said.out)
    assert said.code == 4, said.err
    assert "+    if total >= LIMIT:" in answer["proposal"]
    assert git(shop, "write-tree") == tree
    assert fingerprint(shop) == before
    assert git(shop, "branch", "--list").split() == ["*", "main"]


def test_a_search_that_was_cut_off_and_is_resumed_ends_with_a_patch_and_not_with_a_branch(
    shop: Path, git: Git, swarm: Swarm, fingerprint: Look
) -> None:
    before = fingerprint(shop)
    run = cut_off(shop)

    resumed = swarm("resume", run, "--json", cwd=shop, env=QUICK)

    assert resumed.code == 0, resumed.err
    assert fingerprint(shop) == before, "no branch, no object, nothing"
    patch = swarm("diff", run, cwd=shop, env=QUICK).out
    assert "+    if total >= LIMIT:" in patch
    (shop / "fix.patch").write_text(patch)
    git(shop, "apply", "--check", "fix.patch")
    merged = swarm("merge", run, "--yes", cwd=shop, env=QUICK)
    assert merged.code == 2
    assert f"swarm diff {run} | git apply" in merged.err


def cut_off(top: Path) -> str:
    """A run as `--fix` begins it, whose process ended before it came to anything."""
    repository = Repository.at(top)
    with opened_parts(repository, Settings(sandbox="none")) as parts:
        compared = compare(repository, parts.mirror, Wish(), os.environ)
        base = parts.mirror.commit(compared.tree, [compared.commit], "what is staged\n", at=0)
        parts.mirror.keep(f"refs/swarm/base/{base}", base)
        issue = Issue("test_shop.py::test_threshold fails", "assert 5 == 0", "swarm triage")
        return begin(parts, issue, PatchWanted(), ReproductionGiven(("test_shop.py::test_threshold",)), base=base).name
