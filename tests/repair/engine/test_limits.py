"""Whatever an edit does, nothing hangs, nothing leaks into the next trial, and the answer says what happened."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from swarm.repair.edits import Edit
from swarm.repair.trial import Fate

Put = Callable[[Mapping[str, str]], Any]

WILD = """
import os
import random
import time

STATE = {"calls": 0}
LOG = []
RIGHT = 3


def value(n):
    while n > 5:
        n -= 1
    return 2


def depth(n):
    return 0 if n == 0 else 1 + depth(n - 1)


def numbers():
    return [random.random() for _ in range(3)]


def many(n):
    return list(range(n))


def remember(x):
    return x
"""
TESTS = """
import random
from wild import STATE, LOG, value, depth, numbers, many, remember

def test_red():
    assert value(9) == 3 and not LOG and STATE["calls"] == 0

def test_depth(): assert depth(20) == 20
def test_many(): assert many(3) == [0, 1, 2]
def test_remember(): assert remember(1) == 1 and not LOG
def test_random():
    assert len(numbers()) == 3
"""
BODY = "        n -= 1\n    return 2"
RIGHT = "        n -= 1\n    return 3"
EDITS = {
    "right": RIGHT,
    "endless loop": "        n += 1\n    return 3",
    "endless loop that catches everything": "        try: n += 1\n        except BaseException: pass\n    return 3",
    "endless loop without a body of its own": "        n -= 1\n    return sum(iter(lambda: 1, 2))",
    "sleep": "        time.sleep(1000)\n    return 3",
    "endless recursion": "        return value(n)\n    return 3",
    "memory": "        n -= 1\n    x = [0] * (1 << 40)\n    return 3",
    "much memory by and by": "        LOG.append(' ' * (1 << 24))\n    return 3",
    "exit": "        os._exit(0)\n    return 3",
    "system exit": "        raise SystemExit(0)\n    return 3",
    "signal": "        os.kill(os.getpid(), 9)\n    return 3",
    "fork": "        n -= 1\n        if os.fork() == 0: time.sleep(1000)\n    return 2",
    "closed files": "        n -= 1\n    os.closerange(0, 256)\n    return 2",
    "another folder": "        n -= 1\n    os.chdir('/')\n    return 2",
    "a global": "        n -= 1\n    STATE['calls'] += 1\n    return 2",
    "a list": "        n -= 1\n    LOG.append(1)\n    return 2",
    "right again": "        n -= 1\n    return 1 + 2",
}


@pytest.fixture(scope="module")
def wild(bench: Put) -> Mapping[str, Any]:
    project = bench({"wild.py": WILD, "test_wild.py": TESTS})
    assert project.truth.failed == ("test_wild.py::test_red",)
    trials = project.tries(*(("wild.py", BODY, new) for new in EDITS.values()))
    assert len(trials) == len(EDITS)
    return dict(zip(EDITS, trials, strict=True))


@pytest.mark.parametrize("name", [name for name in EDITS if name.startswith("endless loop") or name == "sleep"])
def test_what_does_not_end_is_ended(wild: Mapping[str, Any], name: str):
    assert wild[name].fate is Fate.TIMED_OUT


@pytest.mark.parametrize("name", ["endless recursion", "memory", "much memory by and by", "system exit"])
def test_what_eats_without_end_fails(wild: Mapping[str, Any], name: str):
    assert wild[name].fate in (Fate.FAILED, Fate.TIMED_OUT)


@pytest.mark.parametrize("name", ["exit", "signal"])
def test_a_process_that_ends_is_no_passing_test(wild: Mapping[str, Any], name: str):
    assert wild[name].fate is Fate.DIED


@pytest.mark.parametrize("name", ["fork", "closed files", "another folder", "a global", "a list"])
def test_what_only_leaves_traces_just_fails(wild: Mapping[str, Any], name: str):
    assert wild[name].fate is Fate.FAILED


@pytest.mark.parametrize("name", ["another folder", "a global", "a list"])
def test_a_process_that_was_changed_tries_nothing_more(wild: Mapping[str, Any], name: str):
    assert wild[name].left


@pytest.mark.parametrize("name", ["right", "right again"])
def test_what_is_right_is_found_beside_all_that(wild: Mapping[str, Any], name: str):
    assert wild[name].plausible


HIDDEN = """
import itertools
TICKS = itertools.count()  # nobody can look into it without changing it

def answer():
    return 41

def used():
    return next(TICKS)
"""


def test_a_child_that_was_spoiled_unseen_notices_and_its_trials_are_done_again(bench: Put):
    tests = "from hidden import answer, used\ndef test_red(): assert answer() == 42\n"
    tests += "def test_green(): assert used() == 0 and answer()\n"
    project = bench({"hidden.py": HIDDEN, "test_hidden.py": tests})
    line = "    return 41"
    spoiling = [("hidden.py", line, f"    return next(TICKS) + {number}") for number in range(200, 230)]
    trials = project.tries(*spoiling, ("hidden.py", line, "    return 42"))
    assert [trial.plausible for trial in trials] == [False] * 30 + [True]


def test_code_that_compiles_the_same_is_tried_once(bench: Put):
    project = bench({"m.py": "def f(x):\n    return x + 2\n", "test_m.py": "from m import f\ndef test_f(): assert f(1) == 2\n"})
    same = ["x + 1", "(x + 1)", "x + 1  # one more", "x+1", "x + 3", "(x) + 3"]
    trials = project.tries(*(("m.py", "x + 2", text) for text in same))
    assert [trial.plausible for trial in trials] == [True, True, True, True, False, False]
    assert [trial.twin.description if trial.twin else "" for trial in trials] == [
        "",
        *["x + 2 becomes x + 1"] * 3,
        "",
        "x + 2 becomes x + 3",
    ]


def test_it_ends_early_when_enough_are_plausible(bench: Put):
    project = bench({"m.py": "def f(x):\n    return x + 2\n", "test_m.py": "from m import f\ndef test_f(): assert f(1) > 3\n"})
    trials = project.tries(*(("m.py", "x + 2", f"x + {number}") for number in range(10, 400)), enough=2)
    assert 2 <= sum(trial.plausible for trial in trials) <= 4
    assert len(trials) < 100


HOSTILE = {
    "prints": "print('x' * 30_000_000)",
    "threads": "import threading, time\nthreading.Thread(target=lambda: time.sleep(1000), daemon=True).start()",
    "processes": "import os, time\nif os.fork() == 0:\n    time.sleep(1000)\n    os._exit(0)",
    "signals": "import signal\nfor one in ('INT', 'PROF', 'CHLD'): signal.signal(getattr(signal, 'SIG' + one), 1)",
    "folder": "import os\nos.chdir('/')",
    "builtins": "import json, time, os\njson.dumps = lambda *a, **k: 'patched'\ntime.perf_counter = time.monotonic = lambda: 0",
    "random": "import random\nrandom.seed(1)\nLUCK = random.random()",
    "a trace function": "import sys\nsys.settrace(None)\nsys.setrecursionlimit(400)",
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_project_that_is_a_bad_neighbour_is_tried_all_the_same(bench: Put, kind: str):
    code = f"{HOSTILE[kind]}\n\ndef answer():\n    return 41\n"
    project = bench({"bad.py": code, "test_bad.py": "from bad import answer\ndef test_answer(): assert answer() == 42\n"})
    wrong, right = project.tries(("bad.py", "return 41", "return 43"), ("bad.py", "return 41", "return 42"))
    assert (wrong.fate, right.fate) == (Fate.FAILED, Fate.PLAUSIBLE)


def test_a_file_in_another_encoding_is_tried_in_it(bench: Put):
    source = "# coding: latin-1\nclass A:\n    def size(self, text='\xe4\xe4'):\n        return len(text) + 1  # \xe4\n".encode(
        "latin-1"
    )
    tests = "from dish import A\ndef test_size(): assert A().size() == 2 and A().size('') == 0\n"
    project = bench({"dish.py": source, "test_dish.py": tests})
    right = Edit("dish.py", 4, "hand", "no more", source.replace(b" + 1", b""))
    wrong = Edit("dish.py", 4, "hand", "another", source.replace(b"len(text) + 1", b"len(text + '\xe4')"))
    assert [trial.plausible for trial in project.tries_edits([right, wrong])] == [True, False]
