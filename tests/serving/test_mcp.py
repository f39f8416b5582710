"""Swarm as a tool of other agents: the real server, asked by the official SDK's own client over standard input and output."""

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import mcp
import pytest
from mcp import Client, StdioServerParameters

from sandboxes.mirror import Mirror
from sandboxes.repository import Repository
from swarm.blackboard.candidates import Judgement, NewCandidate, Verdict
from swarm.blackboard.runs import NewRun
from swarm.blackboard.sqlite import SqliteStore
from swarm.blackboard.tasks import NewTask
from swarm.settings.places import MIRROR, state_folder

SHOP = {
    "pytest.ini": "[pytest]\naddopts = -p no:hypothesispytest -p no:anyio -p no:timeout\n",
    "shop.py": "def shipping(total):\n    if total > 50:\n        return 0\n    return 5\n",
    "test_shop.py": (
        "from shop import shipping\n\n\ndef test_small():\n    assert shipping(49) == 5\n\n\n"
        "def test_threshold():\n    assert shipping(50) == 0\n"
    ),
}
DIFF = """--- a/shop.py
+++ b/shop.py
@@ -1,4 +1,4 @@
 def shipping(total):
-    if total > 50:
+    if total >= 50:
         return 0
     return 5
"""


@pytest.fixture
def shop(make_repository: Callable[[Mapping[str, str]], Path]) -> Path:
    return make_repository(SHOP)


def git(top: Path, *args: str) -> str:
    return subprocess.run(["git", *args], cwd=top, capture_output=True, text=True, check=True).stdout.strip()


@asynccontextmanager
async def client(top: Path, *flags: str) -> AsyncIterator[Client]:
    """Somebody who uses the server."""
    arguments = ["-m", "swarm", "-C", str(top), "mcp", "--sandbox", "none", *flags]
    parameters = StdioServerParameters(command=sys.executable, args=arguments, env=dict(os.environ), cwd=top.parent)
    async with Client(parameters) as connected:
        yield connected


async def refused(asked: Client, tool: str, **arguments: Any) -> str:
    answer = await asked.call_tool(tool, arguments)
    assert answer.is_error, answer
    return str(answer.content[0].text)  # type: ignore[union-attr]  # an error is a text


def test_a_fix_goes_on_when_its_client_has_gone_and_is_found_by_the_next_one(
    make_repository: Callable[[Mapping[str, str]], Path],
) -> None:
    sound = make_repository({**SHOP, "shop.py": SHOP["shop.py"].replace(">", ">=")})
    heard: list[str] = []

    async def hear(progress: float, total: float | None, message: str | None) -> None:  # noqa: ARG001 - the SDK calls it so
        heard.append(message or "")

    async def begin() -> str:
        async with client(sound, "-n", "1") as first:
            answer = await first.call_tool("fix", {"issue": "Shipping is wrong\n\nSomehow."})
            assert not answer.is_error, answer
            return str((answer.structured_content or {})["run"])

    async def follow(run: str) -> dict[str, Any]:
        async with client(sound) as second:
            answer = await second.call_tool("status", {"run": run, "wait_seconds": 220}, progress_callback=hear)
            return dict(answer.structured_content or {})

    status = asyncio.run(follow(asyncio.run(begin())))

    assert (status["outcome"], status["exit_code"], status["working"]) == ("no-verified-fix", 4, False)
    assert (status["source"], status["title"]) == ("mcp", "Shipping is wrong")
    assert any("run ended: no-verified-fix" in line for line in heard)


def test_the_status_of_a_fixed_run_has_its_patch(shop: Path) -> None:
    repository = Repository.at(shop)
    folder = state_folder(repository.identity, os.environ)
    mirror, base = Mirror.at(folder / MIRROR), repository.commit()
    tree = mirror.put(mirror.take(repository, base), {"shop.py": SHOP["shop.py"].replace(">", ">=").encode()})
    store = SqliteStore.open(folder)
    run = store.start_run(NewRun(title="Shipping", issue="", source="mcp", base=base, sandbox="docker", workers=1)).name
    store.add_task(run, NewTask(kind="fix", goal="fix it"))
    claimed = store.claim(run, "w1", ("fix",), lease_seconds=60)
    assert claimed is not None
    new = NewCandidate(tree=tree, base=base, summary="at least 50", author="repairer@w1", added=1, removed=1)
    candidate = store.submit(claimed[1], new)
    store.judge(run, candidate.number, Judgement(verdict=Verdict.VERIFIED, rule="red, green", reason="it was red"))
    store.choose(run, candidate.number, "the only one")
    store.end_run(run, outcome="fixed", exit_code=0, sentence="at least 50", branch="swarm/shipping")
    store.close()

    async def ask() -> dict[str, Any]:
        async with client(shop) as asked:
            return dict((await asked.call_tool("status", {})).structured_content or {})

    status = asyncio.run(ask())

    assert (status["outcome"], status["branch"]) == ("fixed", "swarm/shipping")
    assert "+    if total >= 50:" in status["patch"]
    assert status["candidates"][0]["verdict"] == "verified"


def test_a_change_is_triaged_and_a_patch_is_verified(shop: Path) -> None:
    (shop / "shop.py").write_text(SHOP["shop.py"].replace("return 5", "return 6"))
    git(shop, "add", "-A")
    heard: list[str] = []

    async def hear(progress: float, total: float | None, message: str | None) -> None:  # noqa: ARG001 - the SDK calls it so
        heard.append(message or "")

    async def ask() -> tuple[dict[str, Any], dict[str, Any]]:
        async with client(shop) as asked:
            change = await asked.call_tool("triage", {})
            reproductions = ["test_shop.py::test_threshold"]
            patch = await asked.call_tool("verify", {"diff": DIFF, "reproductions": reproductions}, progress_callback=hear)
            return dict(change.structured_content or {}), dict(patch.structured_content or {})

    change, patch = asyncio.run(ask())

    assert (change["verdict"], change["exit_code"]) == ("guilty", 4)
    assert change["guilty"][0]["tests"] == ["test_shop.py::test_small"]
    assert (patch["verdict"], patch["exit_code"]) == ("verified", 0)
    assert any(line.startswith("judging standard input") for line in heard)


def test_nobody_gets_out_of_the_repository_or_past_the_cap(shop: Path, tmp_path: Path) -> None:
    (tmp_path / "secret.py").write_text("def test_it():\n    assert False\n")
    (shop / "link.py").symlink_to(tmp_path / "secret.py")

    async def ask() -> dict[str, str]:
        async with client(shop, "--max-cost", "1") as asked:
            tools = {tool.name for tool in (await asked.list_tools()).tools}
            assert tools == {"fix", "status", "triage", "verify"}
            paths = ("../secret.py", str(tmp_path / "secret.py"), "link.py", ".git/config", "", "../secret.py::test_it")
            said = {path: await refused(asked, "verify", diff=DIFF, reproductions=[path]) for path in paths}
            return said | {
                "cost": await refused(asked, "fix", issue="x", max_cost=1.5),
                "negative": await refused(asked, "fix", issue="x", max_cost=-1),
                "nan": await refused(asked, "fix", issue="x", max_cost="nan"),
                "empty": await refused(asked, "fix", issue="  "),
                "both": await refused(asked, "verify", diff=DIFF, branch="main"),
                "option": await refused(asked, "verify", branch="--upload-pack=touch /tmp/owned"),
                "range": await refused(asked, "triage", commits="--output=/tmp/owned"),
                "run": await refused(asked, "status", run="nobody"),
                "type": await refused(asked, "status", wait_seconds="long"),
            }

    said = asyncio.run(ask())

    assert all("is no file of this repository" in said[path] for path in list(said)[:6])
    assert "at most 1.0 may be spent" in said["cost"]
    assert "may be spent" in said["negative"]
    assert "may be spent" in said["nan"]
    assert "is empty" in said["empty"]
    assert "either a diff or a branch" in said["both"]
    assert "no commit" in said["option"]
    assert "exit code 2" in said["range"]
    assert "There is no run" in said["run"]
    assert "wait_seconds" in said["type"]


def test_without_the_sdk_it_says_what_to_install(shop: Path, tmp_path: Path) -> None:
    installed = Path(mcp.__file__).parents[1]
    for place in installed.iterdir():
        if place.name != "mcp" and place.suffix != ".pth":
            (tmp_path / "packages").mkdir(exist_ok=True)
            (tmp_path / "packages" / place.name).symlink_to(place)
    path = {"PYTHONPATH": f"{tmp_path / 'packages'}:{Path(__file__).parents[2]}"}

    done = subprocess.run(
        [sys.executable, "-S", "-m", "swarm", "-C", str(shop), "mcp"],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **path},
    )

    assert done.returncode == 7, done.stderr
    assert "pip install 'swarm-fix[mcp]'" in done.stderr
    assert done.stdout == ""
