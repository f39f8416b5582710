"""Counting tests and edits while they run."""

import json
import sys
import threading
from pathlib import Path

import pytest

from sandboxes.host import Host
from swarm.evidence.pulse import Count, Overheard, Pulse
from swarm.evidence.runners.pytest import PytestRunner


def record(kind: str, **facts: object) -> bytes:
    return json.dumps({"nonce": "n", "count": 0, "at": 0.1, "kind": kind, **facts}).encode() + b"\n"


SLOW = """import time
import pytest

@pytest.mark.parametrize("n", range(4))
def test(n):
    time.sleep(0.2)
"""
PHASES = [record("phase", test="t", when=when, outcome="passed") for when in ("setup", "call", "teardown")]
SURVEYED = record("plain", test="t") + record("traced", test="t") + record("collected", seconds=1.0, missing=["a", "b"])


def test_tests_edits_and_followed_tests_are_counted_from_pieces_of_any_size() -> None:
    told = record("collected", tests=["a[x]", 'b[", "]']) + b"".join(PHASES) + SURVEYED + record("trial", edit=1)

    for size in (1, 7, len(told)):
        count = Count()
        for start in range(0, len(told), size):
            count.take_in(told[start : start + size])
        assert (count.of, count.tests, count.followed, count.edits) == (2, 2, 1, 1)


@pytest.mark.parametrize("said", ['"kind": "trial"', '", "kind": "trial", "', "\n"])
def test_what_a_test_says_is_no_record(said: str) -> None:
    count = Count()
    count.take_in(record("phase", when="call", text=said))

    assert count == Count()


def test_a_record_without_end_is_not_kept() -> None:
    count = Count()
    for _ in range(20):
        count.take_in(b"x" * 2**20)

    assert len(count._rest) < 17 * 2**20


def test_what_is_under_way_is_told_together_and_only_as_long_as_it_runs() -> None:
    pulse = Pulse()
    with pulse.counted() as one, pulse.counted() as other:
        assert pulse.words() == ""
        one.take_in(record("collected", tests=["a", "b", "c"]) + b"".join(PHASES))
        other.take_in(record("trial", edit=1) * 3)
        assert pulse.words() == "1 of 3 tests done, 3 edits tried"
    assert pulse.words() == ""


def test_a_real_run_is_counted_before_it_has_ended(tmp_path: Path) -> None:
    (tmp_path / "test_it.py").write_text(SLOW)
    (tmp_path / "pytest.ini").write_text("[pytest]\naddopts = -p no:hypothesispytest -p no:anyio -p no:timeout\n")
    pulse, seen, over = Pulse(), set[str](), threading.Event()

    def watch() -> None:
        while not over.wait(0.02):
            seen.add(pulse.words())

    thread = threading.Thread(target=watch)
    thread.start()
    with Host().open(tmp_path, ()) as sandbox:
        run = PytestRunner(sys.executable).run(Overheard(sandbox, pulse), timeout=60)
    over.set()
    thread.join()

    assert len(run.passed) == 4
    assert {"1 of 4 tests done", "2 of 4 tests done", "3 of 4 tests done"} <= seen
