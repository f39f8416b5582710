"""`swarm verify`, as a maintainer uses it on a patch that somebody else wrote."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

Swarm = Callable[..., Any]

RIGHT = "total >= FREE_SHIPPING"
WRONG = "total > 0"
THRESHOLD = "tests/test_prices.py::test_the_threshold_is_free"
BUG = "from shop.prices import shipping\n\n\ndef test_it():\n    assert [shipping(n) for n in (49, 50, 51)] == [5, 0, 0]\n"
AS_UNITTEST = """\
import unittest

from shop.prices import shipping


class PricesTest(unittest.TestCase):
    def test_small_orders_pay_shipping(self):
        self.assertEqual(shipping(10), 5)
"""


def git(folder: Path, *args: str) -> str:
    return subprocess.run(["git", *args], cwd=folder, capture_output=True, text=True, check=True).stdout


@pytest.fixture
def diff(shop: Path) -> Callable[..., str]:
    """A diff of the shop with another condition and more files, leaving the shop as it was."""

    def make(condition: str, **files: str) -> str:
        prices = shop / "shop/prices.py"
        prices.write_text(prices.read_text().replace("total > FREE_SHIPPING", condition))
        for name, text in files.items():
            (shop / name.replace("__", "/")).with_suffix(".py").write_text(text)
        git(shop, "add", "-A")
        text = git(shop, "diff", "--cached")
        git(shop, "reset", "-q", "--hard")
        return text

    return make


def test_a_right_patch_is_verified_by_a_reproduction(shop: Path, swarm: Swarm, diff: Callable[..., str]) -> None:
    (shop.parent / "fix.diff").write_text(diff(RIGHT))
    (shop.parent / "bug.py").write_text(BUG)

    said = swarm("verify", "../fix.diff", "--reproduction", "../bug.py", "--junit", "../verdict.xml", cwd=shop)

    assert said.code == 0, said.err + said.out
    assert "verdict   verified" in said.out
    assert "bug.py" in said.out
    suite = ET.parse(shop.parent / "verdict.xml").getroot().find("testsuite")
    assert suite is not None
    assert (suite.get("tests"), suite.get("failures")) == ("5", "0")
    assert git(shop, "status", "--porcelain") == ""
    assert git(shop, "branch", "--list").split() == ["*", "main"]


def test_without_a_reproduction_the_best_answer_is_no_regression(shop: Path, swarm: Swarm, diff: Callable[..., str]) -> None:
    said = swarm("verify", "-", "--json", cwd=shop, stdin=diff(RIGHT))

    answer = json.loads(said.out)
    assert (said.code, answer["verdict"], answer["exit_code"]) == (0, "no-regression", 0)
    assert answer["record"]["base"] == git(shop, "rev-parse", "HEAD").strip()


def test_a_wrong_patch_is_rejected_with_the_test_and_the_command_to_see_it(
    shop: Path, swarm: Swarm, diff: Callable[..., str]
) -> None:
    said = swarm("verify", "-", "--junit", "../verdict.xml", cwd=shop, stdin=diff(WRONG))

    assert said.code == 4
    assert "verdict   rejected" in said.out
    assert "see it    python -m pytest tests/test_prices.py::test_small_orders_pay_shipping" in said.out
    assert "assert 0 == 5" in said.out
    failures = [case.get("name") for case in ET.parse(shop.parent / "verdict.xml").iter("testcase") if len(case)]
    assert failures == ["verdict", "test_small_orders_pay_shipping"]


@pytest.mark.parametrize("runner", ["pytest", "unittest"])
def test_the_command_that_is_named_shows_what_decided(shop: Path, swarm: Swarm, diff: Callable[..., str], runner: str) -> None:
    if runner == "unittest":
        (shop / "tests/test_prices.py").write_text(AS_UNITTEST)
        (shop / "tests/__init__.py").touch()
        git(shop, "add", "-A")
        git(shop, "-c", "user.name=a", "-c", "user.email=a@b", "commit", "-q", "-m", "Say it as unittest does.")
    said = swarm("verify", "-", "--json", "--test-cmd", f"python -m {runner}", cwd=shop, stdin=diff(WRONG))
    answer = json.loads(said.out)
    assert (answer["verdict"], answer["test"].rpartition("::")[2]) == ("rejected", "test_small_orders_pay_shipping")

    command = answer["command"]
    assert command.startswith(f"python -m {runner} ")
    path = os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"]))
    for text, shown in ((None, 0), (diff(WRONG), 1)):
        if text:
            subprocess.run(["git", "apply", "-"], cwd=shop, input=text.encode(), check=True)
        ran = subprocess.run(command, shell=True, cwd=shop, env={"PATH": path}, capture_output=True, text=True, check=False)
        assert ran.returncode == shown, ran.stdout + ran.stderr


def test_a_branch_is_judged_from_where_it_left_base(shop: Path, swarm: Swarm, diff: Callable[..., str]) -> None:
    text = diff(RIGHT)
    git(shop, "checkout", "-q", "-b", "fix")
    subprocess.run(["git", "apply", "-"], cwd=shop, input=text, text=True, check=True)
    git(shop, "-c", "user.name=A", "-c", "user.email=a@example.org", "commit", "-qam", "fix")
    git(shop, "checkout", "-q", "main")
    (shop / "NEWS").write_text("more\n")
    git(shop, "add", "NEWS")
    git(shop, "-c", "user.name=A", "-c", "user.email=a@example.org", "commit", "-qm", "news")

    said = swarm("verify", "fix", "--reproduction", THRESHOLD, "--json", cwd=shop)

    answer = json.loads(said.out)
    assert (said.code, answer["verdict"]) == (0, "verified"), said.err
    assert answer["record"]["base"] == git(shop, "rev-parse", "main~1").strip()
    assert answer["record"]["patch"]["source"] == ["shop/prices.py"]


def test_a_patch_that_bends_a_test_needs_a_person(shop: Path, swarm: Swarm, diff: Callable[..., str]) -> None:
    weaker = (shop / "tests/test_prices.py").read_text().replace("shipping(50) == 0", "shipping(50) >= 0")

    said = swarm("verify", "-", "--reproduction", "../bug.py", cwd=shop, stdin=diff(RIGHT, tests__test_prices=weaker))
    assert said.code == 2, said.out
    (shop.parent / "bug.py").write_text(BUG)
    said = swarm("verify", "-", "--reproduction", "../bug.py", cwd=shop, stdin=diff(RIGHT, tests__test_prices=weaker))

    assert said.code == 4
    assert "verdict   needs-review" in said.out
    assert "test_the_threshold_is_free" in said.out


def test_a_reproduction_that_proves_nothing_is_refused_with_the_reason(
    shop: Path, swarm: Swarm, diff: Callable[..., str]
) -> None:
    (shop.parent / "bug.py").write_text(BUG.replace("[5, 0, 0]", "[5, 5, 0]"))

    said = swarm("verify", "-", "--reproduction", "../bug.py", cwd=shop, stdin=diff(RIGHT))

    assert said.code == 9
    assert "it passes on base" in said.err


def test_what_is_no_patch_is_said_to_be_none(shop: Path, swarm: Swarm, diff: Callable[..., str]) -> None:
    assert "is empty" in swarm("verify", "-", cwd=shop, stdin=" \n").err
    assert "There is no diff in" in swarm("verify", "-", cwd=shop, stdin="def price(): pass\n").err
    nowhere = swarm("verify", "no-such-branch", cwd=shop)
    assert (nowhere.code, "no file and no branch `no-such-branch`" in nowhere.err) == (2, True)
    stale = swarm("verify", "-", cwd=shop, stdin=diff(RIGHT).replace("return 5", "return 6"))
    assert stale.code == 6
    assert "does not apply" in stale.err
    outside = diff(RIGHT).replace("b/shop/prices.py", "b/../prices.py").replace("a/shop/prices.py", "a/../prices.py")
    assert swarm("verify", "-", cwd=shop, stdin=outside).code == 6


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("--issue", "-"), "cannot both come from standard input"),
        (("--junit", "nowhere/verdict.xml"), "no folder for `nowhere/verdict.xml`"),
        (("--reproduction", "nowhere.py"), "There is no file `nowhere.py`"),
        (("--reproduction", "tests/test_prices.py::test_nothing"), "no test of this name on base"),
    ],
)
def test_what_cannot_be_done_as_it_was_asked_is_usage(
    shop: Path, swarm: Swarm, diff: Callable[..., str], args: tuple[str, ...], said: str
) -> None:
    answer = swarm("verify", "-", *args, cwd=shop, stdin=diff(RIGHT))
    assert (answer.code, answer.out) == (2, "")
    assert said in answer.err
    assert ("the tests are run" in answer.err) == ("::" in args[-1])


def test_without_a_sandbox_nothing_is_judged(shop: Path, swarm: Swarm, diff: Callable[..., str], tmp_path: Path) -> None:
    only_git = tmp_path / "bin"
    only_git.mkdir()
    (only_git / "git").symlink_to(str(shutil.which("git")))
    answer = swarm("verify", "-", cwd=shop, stdin=diff(RIGHT), env={"PATH": str(only_git), "DOCKER_HOST": "unix:///nowhere"})
    assert (answer.code, answer.out) == (7, "")
