"""`swarm fix`, as its user sees it."""

import hashlib
import json
import re
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from swarm.blackboard.journal import read_line
from swarm.board import Board

Swarm = Callable[..., Any]


def git(folder: Path, *args: str) -> str:
    return subprocess.run(["git", *args], cwd=folder, capture_output=True, text=True, check=True).stdout.strip()


def fingerprint(folder: Path) -> dict[str, str]:
    """Every byte of the user's repository but what swarm may add: objects, refs/swarm, and the new branch."""
    added = (".git/objects/", ".git/refs/swarm/", ".git/refs/heads/swarm/", ".git/logs/refs/heads/swarm/")
    files = (path for path in folder.rglob("*") if path.is_file())
    kept = {str(path.relative_to(folder)): path for path in files}
    return {
        name: hashlib.sha256(path.read_bytes()).hexdigest() + str(path.stat().st_mtime_ns)
        for name, path in kept.items()
        if not name.startswith(added)
    }


def test_a_fix_becomes_a_branch_on_which_all_tests_pass_and_everything_of_the_user_stays_as_it_was(
    shop: Path, swarm: Swarm
) -> None:
    (shop / "shop/prices.py").write_text("unsaved = 'work'\n")
    (shop / "notes.txt").write_text("untracked")
    git(shop, "add", "notes.txt")
    (shop / "more.txt").write_text("not even staged")
    before = fingerprint(shop)

    said = swarm("fix", "-", cwd=shop, stdin="orders \x1b[2J\x1b]0;gone\x07 of exactly fifty pay shipping\n")

    assert said.code == 0, said.err
    assert "uncommitted changes are left alone" in said.err
    assert fingerprint(shop) == before
    assert "\x1b" not in said.out + said.err + git(shop, "log", "-1", "--all", "--format=%B", "--author=swarm")
    assert "\\x1b[2J" in said.err

    listed = json.loads(swarm("ls", "--json", cwd=shop).out)["runs"]
    assert [run["outcome"] for run in listed] == ["fixed"]
    assert listed[0]["branch"] in said.out
    assert json.loads(swarm("show", "last", "c1", "--json", cwd=shop).out)["number"] == 1
    for thing in ("t1", "f1", "c1"):
        assert swarm("show", thing, cwd=shop).code == 0
    watched = swarm("watch", "last", "--plain", cwd=shop)
    streamed = swarm("watch", listed[0]["run"][:4], "--output", "stream-json", cwd=shop)
    assert "run ended: fixed" in watched.out
    assert len(streamed.out.splitlines()) == len(watched.out.splitlines())

    git(shop, "stash", "-q", "--include-untracked")
    git(shop, "checkout", "-q", listed[0]["branch"])
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    tests = subprocess.run(command, cwd=shop, capture_output=True, check=False)
    assert tests.returncode == 0, tests.stdout
    assert "# the threshold itself counts\n    if total >= FREE_SHIPPING:" in (shop / "shop/prices.py").read_text()
    assert "verified" in git(shop, "log", "-1", "--format=%B")


def test_an_exhaustive_run_goes_on_when_a_fix_is_verified(shop: Path, swarm: Swarm) -> None:
    said = swarm("fix", "../ISSUE.md", "--exhaustive", "--quiet", "--json", cwd=shop)

    result = json.loads(said.out)
    assert said.code == 0, said.err
    assert {task["state"] for task in result["tasks"]} == {"done"}
    assert any("round" in task["result"] or "pairs" in task["result"] for task in result["tasks"])
    (chosen,) = [one for one in result["candidates"] if one["chosen"]]
    assert chosen["judgement"]["verdict"] == "verified"
    assert "total >= FREE_SHIPPING" in swarm("diff", cwd=shop).out


def test_programs_read_a_stream_or_one_object_and_a_second_run_takes_a_branch_of_its_own(shop: Path, swarm: Swarm) -> None:
    said = swarm("fix", "../ISSUE.md", "--sandbox", "none", "--output", "stream-json", cwd=shop)

    assert said.code == 0, said.err
    entries = [read_line(line) for line in said.out.splitlines()]
    board = Board().after_all(entry.event for entry in entries)
    assert board.sandbox == "none"
    assert [entry.position for entry in entries] == sorted({entry.position for entry in entries})
    assert board.outcome == "fixed"
    assert board.branch == "swarm/orders-of-exactly-50-pay-shipping"
    assert any(candidate.verdict == "verified" and candidate.chosen for candidate in board.candidates.values())
    assert "NO SANDBOX" in swarm("show", cwd=shop).out

    again = swarm("fix", "../ISSUE.md", "--quiet", "--json", cwd=shop)

    result = json.loads(again.out)
    chosen = [candidate for candidate in result["candidates"] if candidate["chosen"]]
    assert again.code == result["exit_code"] == 0
    assert again.err == ""
    assert (result["schema"], result["outcome"]) == (1, "fixed")
    assert [candidate["judgement"]["verdict"] for candidate in chosen] == ["verified"]
    assert result["branch"] == f"swarm/orders-of-exactly-50-pay-shipping-{result['run']}"

    assert swarm("undo", cwd=shop).code == 0
    assert git(shop, "branch", "--list", "swarm/*", "--format=%(refname:short)") == board.branch


def test_a_fix_that_answers_the_very_case_of_the_test_awaits_a_review(shop_without: Callable[..., Path], swarm: Swarm) -> None:
    prices = "def shipping(total):\n    return {49: 5, 50: 5, 51: 0}[total]\n"
    test = (
        "from shop.prices import shipping\n\n\ndef test_it():\n    assert [shipping(one) for one in (49, 50, 51)] == [5, 0, 0]\n"
    )
    folder = shop_without({"shop/prices.py": prices, "tests/test_prices.py": test})

    said = swarm("fix", "../ISSUE.md", "--json", cwd=folder)

    result = json.loads(said.out)
    assert (said.code, result["exit_code"], result["outcome"]) == (4, 4, "needs-review"), said.err
    assert "swarm merge" in said.err
    assert "--yes" in said.err
    assert result["branch"] == ""
    assert git(folder, "branch", "--list", "swarm/*") == ""
    (number,) = [one["number"] for one in result["candidates"] if one["judgement"]["verdict"] == "needs-review"]
    assert f"attempt   c{number}, needs-review" in swarm("show", cwd=folder).out
    assert swarm("merge", f"c{number}", cwd=folder).code == 4
    assert (folder / "shop/prices.py").read_text() == prices
    assert swarm("merge", f"c{number}", "--yes", cwd=folder).code == 0
    assert (folder / "shop/prices.py").read_text() != prices


def test_a_bug_that_no_small_edit_fixes_ends_without_a_branch(shop_without: Callable[..., Path], swarm: Swarm) -> None:
    folder = shop_without(
        {
            "shop/prices.py": "def shipping(total):\n    return 5 if total < 50 else 0\n",
            "tests/test_prices.py": "from shop.prices import shipping\n\n\ndef test_it():\n    assert shipping(50) == 'free'\n",
        }
    )

    said = swarm("fix", "../ISSUE.md", "--json", cwd=folder)

    assert said.code == 4
    assert json.loads(said.out)["outcome"] == "no-verified-fix"
    assert re.search(r"no candidate was found. \d+ small edits were tried, and none makes the tests pass.*-m MODEL", said.err)
    assert "swarm/" not in git(folder, "branch", "--list")


def test_what_is_not_python_needs_a_model(make_repository: Callable[[Mapping[str, str]], Path], swarm: Swarm) -> None:
    test = "require('node:test')('adds', () => require('node:assert').strictEqual(require('./add.js')(1, 2), 3));\n"
    files = {
        "package.json": '{"name": "add", "version": "1.0.0", "scripts": {"test": "node --test"}}',
        "add.js": "module.exports = (a, b) => a - b;\n",
        "add.test.js": test,
    }

    said = swarm("fix", "add is wrong", cwd=make_repository(files))

    assert said.code == 4
    assert "reads Python alone" in said.err
    assert "-m MODEL" in said.err


def test_without_a_failing_test_there_is_nothing_to_prove_a_fix_with(shop_without: Callable[..., Path], swarm: Swarm) -> None:
    folder = shop_without({"tests/test_prices.py": "def test_nothing():\n    pass\n"})

    said = swarm("fix", "../ISSUE.md", cwd=folder)

    assert said.code == 4
    assert "pass on base" in said.err


def test_without_tests_nothing_can_be_verified(shop_without: Callable[..., Path], swarm: Swarm) -> None:
    folder = shop_without({"tests/test_prices.py": None})

    assert swarm("fix", "../ISSUE.md", cwd=folder).code == 9


@pytest.fixture
def without_a_sandbox(tmp_path: Path) -> dict[str, str]:
    """The surroundings on a machine that has all kinds of programs, but none that could hold a command back."""
    few = tmp_path / "few"
    few.mkdir()
    for program in Path("/usr/bin").iterdir():
        if not program.name.startswith(("bwrap", "docker", "podman")):
            (few / program.name).symlink_to(program)
    return {"PATH": str(few)}


def test_without_a_sandbox_nothing_runs_and_the_remedy_is_named(
    shop: Path, swarm: Swarm, without_a_sandbox: dict[str, str]
) -> None:
    said = swarm("fix", "../ISSUE.md", cwd=shop, env=without_a_sandbox)

    assert said.code == 7
    assert "bubblewrap" in said.err


def test_a_branch_that_cannot_be_made_changes_nothing(shop: Path, swarm: Swarm) -> None:
    git(shop, "branch", "swarm")

    said = swarm("fix", "../ISSUE.md", cwd=shop)

    assert said.code == 6, said.err
    assert git(shop, "for-each-ref", "refs/heads", "--format=%(refname)").split() == ["refs/heads/main", "refs/heads/swarm"]


def test_a_run_that_takes_too_long_reaches_its_limit(shop_without: Callable[..., Path], swarm: Swarm) -> None:
    slow = "import time\n\n\ndef test_slow():\n    time.sleep(2)\n    assert False\n"
    folder = shop_without({"tests/test_slow.py": slow})

    said = swarm("fix", "../ISSUE.md", "--timeout", "3", cwd=folder)

    assert said.code == 5, said.err


def test_bad_input_is_answered_with_what_to_do(shop: Path, swarm: Swarm, home: Path) -> None:
    assert swarm("fix", cwd=shop).code == 2
    assert swarm("fix", "", cwd=shop).code == 2
    assert swarm("fix", "-", cwd=shop, stdin="  \n").code == 2
    assert swarm("fix", "missing.md", cwd=shop).code == 2
    assert swarm("fix", "#12", cwd=shop).code == 2
    assert swarm("show", "nosuchrun", cwd=shop).code != 0
    nowhere = swarm("fix", "text", cwd=home)
    assert nowhere.code != 0
    assert "Traceback" not in nowhere.err
    assert len(nowhere.err.splitlines()) <= 3


def test_settings_that_cannot_be_used_stop_the_run(shop: Path, swarm: Swarm) -> None:
    assert swarm("fix", "../ISSUE.md", cwd=shop, env={"SWARM_AGENTS": "many"}).code == 3
    (shop / ".swarm.toml").write_text("agent = 3\n")
    assert swarm("fix", "../ISSUE.md", cwd=shop).code == 3


def test_commands_from_the_repository_need_trust_once(shop: Path, swarm: Swarm) -> None:
    (shop / ".swarm.toml").write_text('test = "pytest tests"\n')

    untrusted = swarm("fix", "../ISSUE.md", cwd=shop)
    swarm("config", "trust", cwd=shop)
    trusted = swarm("fix", "../ISSUE.md", cwd=shop)

    assert untrusted.code == 3
    assert "swarm config trust" in untrusted.err
    assert trusted.code == 0, trusted.err


@pytest.mark.timeout(600)  # whole runs, which share their cores
def test_the_demo_fixes_its_bundled_bug_even_without_a_sandbox_and_says_so(
    swarm: Swarm, tmp_path: Path, without_a_sandbox: dict[str, str]
) -> None:
    said = swarm("demo", str(tmp_path / "demo"), cwd=tmp_path, env={**without_a_sandbox, "NO_COLOR": "1"})

    assert said.code == 0, said.err
    assert "swarm merge" in said.out
    assert "without a sandbox this once" in said.err
    assert "NO SANDBOX" in said.out
    assert "\x1b" not in said.out + said.err


def test_every_setting_is_shown_with_its_value_and_where_it_comes_from(shop: Path, swarm: Swarm) -> None:
    (shop / ".swarm.toml").write_text("# ours\nagents = 3\n")

    said = swarm("config", "--json", cwd=shop, env={"SWARM_TIMEOUT": "99"})

    rows = {row["key"]: row for row in json.loads(said.out)["settings"]}
    assert (rows["agents"]["value"], rows["agents"]["origin"]) == (3, ".swarm.toml:2")
    assert (rows["timeout"]["value"], rows["timeout"]["origin"]) == (99.0, "SWARM_TIMEOUT")
    assert (rows["sandbox"]["value"], rows["sandbox"]["origin"]) == ("auto", "default")


@pytest.mark.parametrize("damage", [b"this is no database, and it never was one" * 100, b""])
def test_a_damaged_blackboard_is_named_and_left_as_it_is(shop: Path, swarm: Swarm, home: Path, damage: bytes) -> None:
    swarm("ls", cwd=shop)
    (database,) = home.glob("state/swarm/*/blackboard.sqlite3")
    for beside in database.parent.glob("blackboard.sqlite3-*"):
        beside.unlink()
    database.write_bytes(damage)

    said = swarm("ls", "--json", cwd=shop)

    if damage:
        assert said.code == 1
        assert str(database.parent) in said.err
        assert json.loads(said.out)["error"] == "StoreDamaged"
        assert database.read_bytes() == damage
    else:
        assert said.code == 0, said.err
    assert "Traceback" not in said.err


def test_a_reader_that_has_had_enough_is_no_error(shop: Path) -> None:
    command = f"{sys.executable} -m swarm config | head -n 1"

    done = subprocess.run(["bash", "-c", command], cwd=shop, capture_output=True, text=True, check=False)

    assert done.stdout.startswith("agents")
    assert done.stderr == ""
