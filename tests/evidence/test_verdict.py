"""Whom the judge believes."""

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import Any, cast

import pytest

from swarm.blackboard.candidates import Judgement, Verdict
from swarm.evidence.ground import Ground
from swarm.evidence.runner import PLAIN
from swarm.evidence.verdict import judge

SHOP = "def discount(copies):\n    return 10 if copies > 10 else 0\n"
FIXED = "def discount(copies):\n    return 10 if copies >= 10 else 0\n"
TESTS = """
from shop import discount
def test_ten_copies_are_cheaper(): assert discount(10) == 10
def test_few_copies_are_not(): assert discount(1) == 0
def test_many_copies_are(): assert discount(11) == 10
"""
RED = "test_shop.py::test_ten_copies_are_cheaper"
BASE = {"shop.py": SHOP, "test_shop.py": TESTS}
FORGER = """
import pytest
@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport():
    outcome = yield
    outcome.get_result().outcome = "passed"
"""


@pytest.fixture(scope="module")
def ground(shared_bench: Any) -> Ground:
    """The shop with its bug, measured once."""
    return cast("Ground", shared_bench.ground(BASE))


def _judge(bench: Any, ground: Ground, files: dict[str, str], *gone: str, red: tuple[str, ...] | None = None) -> Judgement:
    tree = bench.changed(ground.tree, files)
    tree = bench.without(tree, *gone) if gone else tree
    return judge(tree, ground, ground.baseline.red if red is None else red, keep=bench.keep)


def test_a_right_fix_is_verified(walled_bench: Any) -> None:
    ground = walled_bench.ground(BASE, runs=2)
    assert ground.baseline.red == (RED,)
    judgement = _judge(walled_bench, ground, {"shop.py": FIXED})
    assert judgement.verdict is Verdict.VERIFIED, judgement
    assert (judgement.passed, judgement.failed) == (3, 0)
    assert judgement.seconds > 0


def test_the_record_tells_all_that_was_done(shared_bench: Any, ground: Ground) -> None:
    judgement = _judge(shared_bench, ground, {"shop.py": FIXED, "test_more.py": "def test_more(): pass\n"})
    record = json.loads(judgement.record)
    assert judgement.verdict is Verdict.VERIFIED, judgement
    assert (record["base"], record["base_tree"]) == (ground.base, ground.tree)
    assert record["judged"] == shared_bench.changed(ground.tree, {"shop.py": FIXED}) != record["candidate"]
    assert record["reproductions"] == [RED]
    assert (record["sandbox"], record["runner"], record["environment"]) == ("none", "pytest", ground.rooms.environment.identity)
    purposes = [run["purpose"] for run in record["runs"]]
    assert Counter(purposes) - Counter(["reproduction"]) == Counter(whole=2, plain=1, control=2)  # more of them on a slow machine
    assert len({run["hash_seed"] for run in record["runs"]}) == len(purposes)
    assert record["planted"] == {
        "canaries": 18,
        "held": 0,
        "copies": 2,
        "twins": 1,
        "twisted": 1,
        "inner": 0,
        "strict": 1,
        "alone": 1,
    }
    assert record["patch"]["tests"] == ["test_more.py"]
    assert judgement.output == f"output {len(shared_bench.kept)}"
    assert b" failed, " in shared_bench.kept[-1]  # the canaries that must


def test_a_wrong_fix_is_rejected_with_the_test_and_what_it_said(walled_bench: Any) -> None:
    judgement = _judge(walled_bench, walled_bench.ground(BASE), {"shop.py": "def discount(copies):\n    return 10\n"})
    assert (judgement.verdict, judgement.rule) == (Verdict.REJECTED, "nothing else is broken")
    assert judgement.test == "test_shop.py::test_few_copies_are_not"
    assert "assert 10 == 0" in judgement.text
    assert (judgement.passed, judgement.failed) == (2, 1)


def test_what_fixes_nothing_is_rejected(shared_bench: Any, ground: Ground) -> None:
    judgement = _judge(shared_bench, ground, {"shop.py": SHOP + "# looked at\n"})
    assert (judgement.verdict, judgement.rule, judgement.test) == (Verdict.REJECTED, "the reproduction is green", RED)


@pytest.mark.parametrize(
    ("files", "gone"),
    [
        ({"shop.py": SHOP + "#\n"}, ("test_shop.py",)),
        ({"shop.py": SHOP + "#\n", "test_shop.py": "def test_ten_copies_are_cheaper(): pass\n"}, ()),
        ({"shop.py": SHOP + "#\n", "test_shop.py": TESTS.replace("== 10", ">= 0")}, ()),
        ({"shop.py": SHOP + "#\n", "test_shop.py": "import pytest\npytestmark = pytest.mark.skip\n" + TESTS}, ()),
        ({"shop.py": SHOP + "#\n", "conftest.py": FORGER}, ()),
        ({"shop.py": SHOP + "#\n", "pytest.ini": "[pytest]\naddopts = -k few\n"}, ()),
        ({"shop.py": SHOP + "#\n", "tox.ini": "[pytest]\naddopts = -p forger\n", "forger.py": FORGER}, ()),
        ({"shop.py": SHOP + "#\n", "pytest.py": "raise SystemExit(0)\n"}, ()),
    ],
    ids=["deleted", "emptied", "weakened", "skipped", "conftest", "deselected", "plugin", "runner"],
)
def test_bending_the_tests_does_not_help(shared_bench: Any, ground: Ground, files: dict[str, str], gone: tuple[str, ...]) -> None:
    judgement = _judge(shared_bench, ground, files, *gone)
    assert judgement.verdict is Verdict.REJECTED
    assert judgement.test == RED


@pytest.mark.parametrize(
    "source",
    [
        "import os\nos._exit(0)\n",
        FIXED + "import atexit, os\natexit.register(os._exit, 0)\n",
        "def discount(copies):\n    import os\n    os._exit(0)\n",
        "def discount(copies):\n    import pytest\n    pytest.exit('fine', returncode=0)\n",
        "def discount(copies):\n    import pytest\n    pytest.skip()\n",
        "def discount(copies):\n    import pytest\n    pytest.xfail()\n",
        "print('3 passed in 0.01s')\nraise SystemExit(0)\n",
    ],
)
def test_ending_the_run_is_not_passing_it(shared_bench: Any, ground: Ground, source: str) -> None:
    judgement = _judge(shared_bench, ground, {"shop.py": source})
    assert judgement.verdict is Verdict.REJECTED
    assert judgement.reason


def test_tests_that_cannot_be_collected_any_more_are_named(bench: Any) -> None:
    files = {**BASE, "other.py": "x = 1\n", "test_other.py": "import other\ndef test_x(): assert other.x\n"}
    judgement = _judge(bench, bench.ground(files), {"shop.py": FIXED, "other.py": "import nowhere\n"})
    assert (judgement.verdict, judgement.rule, judgement.test) == (Verdict.REJECTED, "every test is collected", "test_other.py")
    assert "nowhere" in judgement.text


def test_a_test_that_is_not_there_any_more_is_missed(bench: Any) -> None:
    files = {**BASE, "cases.py": "CASES = [1, 2]\n"}
    files["test_cases.py"] = "import cases, pytest\n@pytest.mark.parametrize('x', cases.CASES)\ndef test_x(x): pass\n"
    judgement = _judge(bench, bench.ground(files), {"shop.py": FIXED, "cases.py": "CASES = [1]\n"})
    assert (judgement.verdict, judgement.rule, judgement.test) == (
        Verdict.REJECTED,
        "no test is missing",
        "test_cases.py::test_x[2]",
    )


def test_tests_alone_fix_nothing(shared_bench: Any, ground: Ground) -> None:
    assert _judge(shared_bench, ground, {}).reason == "The candidate changes nothing."
    judgement = _judge(shared_bench, ground, {"test_shop.py": "def test_few_copies_are_not(): pass\n", "setup.py": "x\n"})
    assert (judgement.verdict, judgement.rule) == (Verdict.REJECTED, "it changes source")
    assert (judgement.output, judgement.seconds) == ("", 0)


@pytest.mark.parametrize(
    ("file", "rule"),
    [
        ("conftest.py", "no sensitive file is touched"),
        ("test_shop.py", "no test is bent"),
        ("pyproject.toml", "no sensitive file is touched"),
    ],
)
def test_a_right_fix_that_touches_more_is_for_a_person_to_see(shared_bench: Any, ground: Ground, file: str, rule: str) -> None:
    judgement = _judge(shared_bench, ground, {"shop.py": FIXED, file: "# a comment\n"})
    assert (judgement.verdict, judgement.rule) == (Verdict.NEEDS_REVIEW, rule)
    assert file in judgement.reason


def test_a_candidate_that_never_ends_is_tried_twice_and_rejected(shared_bench: Any, ground: Ground) -> None:
    short = replace(ground, runner=_Impatient(shared_bench.runner, 8))
    judgement = _judge(shared_bench, short, {"shop.py": "def discount(copies):\n    while True: pass\n"})
    assert (judgement.verdict, judgement.rule) == (Verdict.REJECTED, "the run comes to its end")
    assert len(json.loads(judgement.record)["runs"]) == 2


def test_without_a_reproduction_nobody_can_tell_whether_it_fixes_anything(shared_bench: Any, ground: Ground) -> None:
    assert _judge(shared_bench, ground, {"shop.py": FIXED}, red=()).verdict is Verdict.NO_REGRESSION
    assert _judge(shared_bench, ground, {"shop.py": "def discount(copies): return 0\n"}, red=()).verdict is Verdict.REJECTED


def test_a_reproduction_that_does_not_fail_on_base_proves_nothing(shared_bench: Any, ground: Ground) -> None:
    judgement = _judge(shared_bench, ground, {"shop.py": FIXED}, red=("test_shop.py::test_many_copies_are",))
    assert (judgement.verdict, judgement.rule) == (Verdict.INCONCLUSIVE, "the reproduction is red on base")


def test_what_failed_before_is_not_blamed_on_the_candidate(bench: Any) -> None:
    files = {**BASE, "test_other.py": "def test_broken_before(): assert False\ndef test_fine(): pass\n"}
    judgement = _judge(bench, bench.ground(files), {"shop.py": FIXED}, red=(RED,))
    assert judgement.verdict is Verdict.VERIFIED, judgement
    assert (judgement.passed, judgement.failed) == (4, 1)


def test_a_test_that_fails_once_gets_a_second_chance(bench: Any, counter: Callable[[], str]) -> None:
    path = counter()
    flaky = f"""
import os
def test_flaky():
    with open({path!r}, "a") as file:
        file.write("x")
    assert os.path.getsize({path!r}) != 2
"""
    judgement = _judge(bench, bench.ground({**BASE, "test_flaky.py": flaky}), {"shop.py": FIXED})
    assert judgement.verdict is Verdict.VERIFIED, judgement
    purposes = [run["purpose"] for run in json.loads(judgement.record)["runs"]]
    assert purposes.count("whole") == 3


class _Impatient:
    """A runner that waits less than others."""

    def __init__(self, runner: Any, timeout: float) -> None:
        self.name, self.framework, self._runner, self._timeout = runner.name, runner.framework, runner, timeout

    def run(self, sandbox: Any, tests: Any = (), *, timeout: float, silence: float | None = None, manner: Any = PLAIN) -> Any:
        return self._runner.run(sandbox, tests, timeout=min(timeout, self._timeout), silence=silence, manner=manner)
