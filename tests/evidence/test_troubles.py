"""Suites as they really are: tests that flicker, hang, need what is not there, crash, shout, or are very many."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from sandboxes.bubblewrap import Bubblewrap
from sandboxes.limits import Limits
from swarm.blackboard.candidates import Judgement, Verdict
from swarm.evidence.baseline import Thoroughness, measure
from swarm.evidence.ground import Ground
from swarm.evidence.runner import PLAIN
from swarm.evidence.verdict import judge

SHOP = "def discount(copies):\n    return 10 if copies > 10 else 0\n"
FIXED = SHOP.replace("> 10", ">= 10")
TESTS = "from shop import discount\ndef test_ten(): assert discount(10) == 10\ndef test_one(): assert discount(1) == 0\n"
RED = ("test_shop.py::test_ten",)
BASE = {"shop.py": SHOP, "test_shop.py": TESTS}


class Hasty:
    """A runner that waits less for a sign of life."""

    def __init__(self, runner: Any, silence: float) -> None:
        self.name, self.framework, self._runner, self._silence = runner.name, runner.framework, runner, silence

    def run(self, sandbox: Any, tests: Any = (), *, timeout: float, silence: float | None = None, manner: Any = PLAIN) -> Any:
        return self._runner.run(sandbox, tests, timeout=timeout, silence=min(silence or 1e9, self._silence), manner=manner)


def _judge(bench: Any, ground: Ground, source: str = FIXED) -> Judgement:
    return judge(bench.changed(ground.tree, {"shop.py": source}), ground, RED, keep=bench.keep)


def _counting(path: str, condition: str) -> str:
    """A test that knows how often it was run before."""
    return (
        f"import os\ndef test_flaky():\n    with open({path!r}, 'a') as file: file.write('x')\n"
        f"    n = os.path.getsize({path!r})\n    assert {condition}\n"
    )


def test_a_test_that_fails_every_other_time_is_named_and_never_decides(bench: Any, counter: Callable[[], str]) -> None:
    ground = bench.ground({**BASE, "test_flaky.py": _counting(counter(), "n % 2")}, runs=3)
    judgement = _judge(bench, ground)
    assert judgement.verdict is Verdict.VERIFIED, judgement
    assert json.loads(judgement.record)["varying"] == ["test_flaky.py::test_flaky"]


@pytest.mark.parametrize("failing", [4, 5])
def test_a_test_that_fails_once_in_twenty_times_is_told_from_a_broken_one(
    bench: Any, counter: Callable[[], str], failing: int
) -> None:
    ground = bench.ground({**BASE, "test_flaky.py": _counting(counter(), f"n != {failing}")}, runs=3)
    judgement = _judge(bench, ground)
    assert judgement.verdict is Verdict.VERIFIED, judgement


def test_a_test_whose_time_has_come_since_base_was_measured_is_nobodys_fault(bench: Any, tmp_path: Path) -> None:
    day = tmp_path / "the day has come"
    test = f"import os\ndef test_offer_is_on(): assert not os.path.exists({str(day)!r})\n"
    ground = bench.ground({**BASE, "test_offer.py": test}, runs=2)
    day.touch()
    judgement = _judge(bench, ground)
    assert judgement.verdict is Verdict.VERIFIED, judgement
    assert "test_offer.py::test_offer_is_on passed on base when that was measured" in judgement.record


def test_tests_that_depend_on_their_order_are_found_before_anybody_is_blamed(bench: Any) -> None:
    lines = "".join(f"def test_{n}():\n    SEEN.append({n})\n    assert len(SEEN) == {n + 1}\n" for n in range(8))
    ground = bench.ground({**BASE, "test_order.py": f"SEEN = []\n{lines}"}, runs=3)
    assert len(ground.baseline.varying) > 2
    judgement = _judge(bench, ground)
    assert judgement.verdict is Verdict.VERIFIED, judgement


def test_a_test_that_hangs_on_base_is_left_out_and_the_others_are_judged(bench: Any) -> None:
    files = {**BASE, "test_net.py": "import time\ndef test_hangs(): time.sleep(600)\ndef test_after(): pass\n"}
    tree = bench.tree(files)
    baseline = measure(bench.runner, bench.rooms, tree, Thoroughness(runs=2, silence=6))
    assert baseline.hanging == ("test_net.py::test_hangs",)
    assert "test_net.py::test_after" in baseline.passing
    ground = Ground(base="", tree=tree, rooms=bench.rooms, runner=bench.runner, baseline=baseline)
    judgement = _judge(bench, ground)
    assert judgement.verdict is Verdict.VERIFIED, judgement


def test_a_test_that_hangs_with_the_patch_is_named(bench: Any) -> None:
    ground = bench.ground(BASE)
    hasty = replace(ground, runner=Hasty(bench.runner, 6))
    judgement = _judge(
        bench, hasty, FIXED + "_old = discount\ndef discount(copies):\n    while copies == 1: pass\n    return _old(copies)\n"
    )
    assert (judgement.verdict, judgement.test) == (Verdict.REJECTED, "test_shop.py::test_one"), judgement
    assert "hangs" in judgement.reason


def test_tests_that_need_the_network_fail_on_base_as_well_and_are_nobodys_fault(walled_bench: Any) -> None:
    test = "import socket\ndef test_server(): socket.create_connection(('example.org', 80), timeout=5)\n"
    ground = walled_bench.ground({**BASE, "test_net.py": test})
    judgement = _judge(walled_bench, ground)
    assert "test_net.py::test_server" in ground.baseline.failing
    assert judgement.verdict is Verdict.VERIFIED, judgement


def test_a_patch_that_crashes_the_interpreter_is_rejected(walled_bench: Any) -> None:
    crash = "import os, signal\ndef discount(copies): os.kill(os.getpid(), signal.SIGSEGV)\n"
    judgement = _judge(walled_bench, walled_bench.ground(BASE), crash)
    assert judgement.verdict is Verdict.REJECTED, judgement


def test_a_patch_that_eats_the_memory_is_never_verified(bench: Any) -> None:
    bench.rooms = replace(bench.rooms, backend=Bubblewrap(limits=Limits(memory=400 * 1024 * 1024)))
    ground = bench.ground(BASE)
    judgement = _judge(bench, ground, FIXED + "_all = [bytearray(2**20) for _ in range(2**10)]\n")
    assert judgement.verdict in (Verdict.REJECTED, Verdict.INCONCLUSIVE), judgement


def test_a_hundred_megabytes_of_output_change_nothing(walled_bench: Any) -> None:
    loud = FIXED.replace("    return", "    print('x' * 100_000_000)\n    return")
    judgement = _judge(walled_bench, walled_bench.ground(BASE), loud)
    assert judgement.verdict in (Verdict.VERIFIED, Verdict.INCONCLUSIVE), judgement
    assert len(walled_bench.kept[-1]) < 64 * 1024 * 1024


def test_twenty_thousand_tests_are_no_trouble(bench: Any) -> None:
    many = "import pytest\n@pytest.mark.parametrize('n', range(20_000))\ndef test_many(n): pass\n"
    ground = bench.ground({**BASE, "test_many.py": many})
    assert len(ground.baseline.passing) == 20_001
    judgement = _judge(bench, ground, SHOP + "# looked at\n")
    assert (judgement.verdict, judgement.test) == (Verdict.REJECTED, RED[0])
