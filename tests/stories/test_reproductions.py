"""How a run finds out by which tests the bug of the issue shows."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

Swarm = Callable[..., Any]
Change = Callable[..., Path]
UNRELATED = "def test_the_moon_is_full():\n    assert 'moon' == 'full'\n"
BLIND = "from shop.prices import shipping\n\n\ndef test_small_orders_pay_shipping():\n    assert shipping(49) == 5\n"
BRANCH = "swarm/orders-of-exactly-50-pay-shipping"


def show(folder: Path, what: str) -> str:
    done = subprocess.run(["git", "show", what], cwd=folder, capture_output=True, text=True, check=True)
    return done.stdout


def test_the_issue_or_the_person_says_which_failing_test_counts_in_two_runs_at_once(shop_without: Change, swarm: Swarm) -> None:
    shop = shop_without({"tests/test_moon.py": UNRELATED})
    passing = swarm("fix", "something is wrong", "--test", "test_discount", cwd=shop)
    missing = swarm("fix", "something is wrong", "--test", "test_nothing", cwd=shop)
    assert (passing.code, missing.code) == (4, 2)
    assert "does not fail on base" in passing.err

    command = [sys.executable, "-m", "swarm", "fix", "../ISSUE.md", "--test", "test_the_threshold_is_free", "--json"]
    with subprocess.Popen(command, cwd=shop, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        said = swarm("fix", "../ISSUE.md", "--json", cwd=shop)
        out, err = other.communicate()

    assert (said.code, other.returncode) == (0, 0), said.err + err
    assert "known to fail, and left alone: tests/test_moon.py" in said.err
    assert "the issue speaks of" in said.err
    assert "they were given with --test" in err
    assert len({json.loads(text)["branch"] for text in (said.out, out)}) == 2


def test_a_session_in_the_issue_becomes_a_test_that_is_not_delivered(shop_without: Change, swarm: Swarm) -> None:
    shop = shop_without({"tests/test_prices.py": BLIND})
    issue = "Orders of exactly 50 pay shipping\n\n\x1b[2J\n>>> shipping(50)\n5\n\nExpected: 0\n\n" + "noise \x07\n" * 800_000

    said = swarm("fix", "-", cwd=shop, stdin=issue)
    merged = swarm("merge", cwd=shop)

    assert said.code == 0, said.err
    assert "the issue expects 0 of shipping(50)" in said.err
    assert "test_swarm_reproduction" not in show(shop, f"{BRANCH}:tests") + show(shop, BRANCH)
    assert "\x1b" not in said.out + said.err
    assert merged.code == 0, merged.err
    assert ">= FREE_SHIPPING" in (shop / "shop/prices.py").read_text()
    assert not list(shop.rglob("test_swarm*"))


def test_what_the_person_gives_as_reproduction_counts(shop_without: Change, swarm: Swarm) -> None:
    shop = shop_without({"tests/test_prices.py": BLIND})
    (shop.parent / "repro.py").write_text("import sys\n\nfrom shop.prices import shipping\n\nsys.exit(shipping(50) != 0)\n")
    (shop.parent / "green.py").write_text("def test_green():\n    pass\n")

    said = swarm("fix", "something is wrong", "--reproduction", "../repro.py", cwd=shop)
    green = swarm("fix", "something is wrong", "--reproduction", "../green.py", cwd=shop)

    assert said.code == 0, said.err
    assert "was given with --reproduction" in said.err
    assert green.code == 9
    assert "it passes on base" in green.err


def test_without_a_reproduction_the_run_ends_at_once_and_says_how_to_give_one(shop_without: Change, swarm: Swarm) -> None:
    shop = shop_without({"tests/test_prices.py": BLIND})

    said = swarm("fix", "It crashes:\n\nTraceback (most recent call last):\nValueError: no", cwd=shop)

    assert said.code == 4
    assert "--reproduction FILE" in said.err
    assert "not what should come instead" in said.err
