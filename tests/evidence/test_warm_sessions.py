"""Trials that go on from where a session of pytest has begun say what they would say if it had begun for each of them alone."""

import os
import re
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sandboxes.talk import Talk
from swarm.evidence.results import TestRun
from swarm.evidence.runner import Manner
from swarm.evidence.runners.warm import Cold, Start, Warm, warmed
from tests.evidence.conftest import QUICK
from tests.evidence.warming import look, look_often, warm_in

Bench = Any
OTHERWISE = "it would not begin as others do"
SHOP = """import os


def test_price(tmp_path, capsys):
    print('said', tmp_path.name)
    os.write(2, b'written')
    assert 2 == 3
"""
OTHER = """import warnings


def test_other():
    warnings.warn('odd')


def test_more():
    print('printed')
    assert not 1
"""
FILES = {
    "lib/helper.py": "",
    "test_shop.py": SHOP,
    "tests/test_other.py": OTHER,
}


@pytest.fixture(scope="module")
def warm(shared_bench: Bench) -> Iterator[Warm]:
    with warm_in(shared_bench, shared_bench.tree({})) as made:
        yield made


def settled(output: bytes) -> str:
    """What was printed, without what differs from one run to the next."""
    return re.sub(r" in \d+\.\d+s|0x[0-9a-f]+|(?<=rootdir: )\S+|/\S*(?=/test_)", "", output.decode())


@pytest.mark.parametrize(
    "settings",
    [
        QUICK,
        pytest.param(QUICK.replace("addopts =", "addopts = -s"), marks=pytest.mark.thorough),
        QUICK.replace("addopts =", "addopts = -vv -rA --showlocals --capture=sys"),
        QUICK.replace("addopts =", "addopts = -q --import-mode=importlib --lf -p no:terminal"),
        pytest.param(QUICK.replace("addopts =", "addopts = --tb=short") + "pythonpath = lib\n", marks=pytest.mark.thorough),
        QUICK + "testpaths = tests\nfilterwarnings = error\nlog_cli = true\nnonsense = 1\nfaulthandler_timeout = 5\n",
    ],
    ids=["plain", "uncaptured", "wordy", "last failed", "short", "warnings"],
)
def test_it_says_and_prints_what_a_fresh_sandbox_does(walled_bench: Bench, settings: str) -> None:
    tree = walled_bench.tree({**FILES, "pytest.ini": settings})
    homes = ["test_shop.py", "tests/test_other.py"]
    with warm_in(walled_bench, tree) as warm:
        runs, alone, by_themselves = [], [], []
        for asked in (homes, homes[1:], homes[:1], homes):
            runs.append(look(warm, tree, *asked))
            alone.append(warm.alone)
            by_themselves.append(look(warm, tree, *asked, options=("-p", "no:such")))
            alone.append(warm.alone)
    fresh = [fresh_run(walled_bench, tree, asked) for asked in (homes, homes[1:], homes[:1])]
    assert alone == ["", "one has begun otherwise"] * 4
    for run, other, by_itself in zip(runs, [*fresh, fresh[0]], by_themselves, strict=True):
        assert told(run) == told(other) == told(by_itself)
        assert settled(run.output) == settled(by_itself.output)


def fresh_run(bench: Bench, tree: str, tests: list[str]) -> TestRun:
    with bench.rooms.open(tree) as room:
        run: TestRun = bench.runner.run(room.sandbox, tests, timeout=60)
    return run


def told(run: TestRun) -> tuple[object, ...]:
    results = [(test, one.outcome, one.message, settled(one.text.encode())) for test, one in run.results.items()]
    return (run.complete, run.collected, run.exit_code, run.collection_errors, results)


TOML = '[pytest]\npython_functions = ["check"]\naddopts = ["-p", "no:hypothesispytest", "-p", "no:anyio"]\n'
PASSES = "def test_it():\n    assert True\n"


@pytest.mark.parametrize(
    ("files", "why"),
    [
        ({"conftest.py": ""}, OTHERWISE),
        ({"tests/conftest.py": ""}, OTHERWISE),
        ({"tests/tox.ini": "[pytest]\npython_functions = other\n"}, OTHERWISE),
        ({".pytest_cache/v/cache/lastfailed": "{}"}, OTHERWISE),
        ({"plug.py": "", "pytest.ini": f"{QUICK} -p plug\n"}, "it has to do with the tree: open"),
        ({"pytest.ini": f"{QUICK}log_file = a.log\n"}, "it has to do with the tree: open"),
        ({"pytest.ini": f"{QUICK} tests/test_it.py\n"}, "its settings name tests"),
        ({"pytest.ini": f"{QUICK} --traceconfig\n"}, "it lists its plugins"),
        ({"pytest.ini": f"{QUICK} --nonsense\n"}, "it ended early"),
        ({"pytest.ini": f"{QUICK.replace('-p no:timeout', '')}session_timeout = 50\n"}, "its time is limited"),
    ],
    ids=lambda value: value if isinstance(value, str) else " ".join(value),
)
def test_where_the_tree_has_a_say_in_how_it_begins_each_trial_begins_by_itself(
    shared_bench: Bench, warm: Warm, files: dict[str, str], why: str
) -> None:
    tree = shared_bench.tree({"tests/test_it.py": PASSES, **files})
    runs = [look(warm, tree, "tests/test_it.py") for _ in range(2)]
    assert warm.alone.startswith(why)
    assert told(runs[0]) == told(runs[1]) == told(fresh_run(shared_bench, tree, ["tests/test_it.py"]))


@pytest.mark.parametrize(
    ("does", "why"),
    [
        ("import subprocess; subprocess.run(['true'])", "it has to do with the tree: subprocess.Popen"),
        ("import os; os.fork() or os._exit(0)", "it has to do with the tree: os.fork"),
        ("import ctypes; ctypes.CDLL(None).fork() or ctypes.CDLL(None).pause()", "it has children"),
        ("import os; os.listdir('tests')", "it has to do with the tree: os.listdir"),
        ("open('pytest.ini').read(); open('data.txt').read()", "it has to do with the tree: open"),
        ("open('new.txt', 'x').close()", "it has to do with the tree: open"),
        ("import threading; threading.Thread(target=threading.Event().wait, daemon=True).start()", "it has threads"),
        ("import tempfile; config.folder = tempfile.mkdtemp()", "it has left something temporary"),
        ("import os; config.pipe = os.pipe()", "it keeps something open"),
        ("import sys; config.file = open(sys.executable, 'rb')", "it keeps something open"),
        ("import sys; sys.setprofile(lambda *_: None)", "it is traced"),
        ("import pytest; pytest.exit('no')", "it ended early"),
        ("import os; os._exit(3)", "it ended before tests are looked for"),
    ],
)
def test_where_a_plugin_does_more_than_to_begin_each_trial_begins_by_itself(
    shared_bench: Bench, warm: Warm, tmp_path: Path, does: str, why: str
) -> None:
    (tmp_path / "odd_plugin.py").write_text(f"def pytest_sessionstart(session):\n    config = session.config\n    {does}\n")
    looks = "import os\n\n\ndef test_it():\n    assert not os.path.exists('new.txt') or os.path.getsize('new.txt') == 0\n"
    tree = shared_bench.tree({"tests/test_it.py": looks, "data.txt": ""})
    runs = [look(warm, tree, "tests/test_it.py", options=("-p", "odd_plugin"), path=str(tmp_path)) for _ in range(2)]
    assert warm.alone.startswith(why)
    harmless = [look(warm, tree, "tests/test_it.py") for _ in range(2)]
    assert (len(harmless[1].passed), warm.alone) == (1, "")
    assert told(runs[0]) == told(runs[1])


def test_where_a_plugin_draws_lots_each_trial_draws_its_own(shared_bench: Bench, warm: Warm, tmp_path: Path) -> None:
    draws = "import random\n\n\ndef pytest_addoption(parser):\n    parser.addoption('--odd-seed', default=random.randrange(10))\n"
    (tmp_path / "lots_plugin.py").write_text(draws)
    tree = shared_bench.tree({"test_it.py": PASSES})
    for _ in range(2):
        run = look(warm, tree, "test_it.py", options=("-p", "lots_plugin"), path=str(tmp_path))
    assert (len(run.passed), warm.alone) == (1, "it has drawn a number by chance")


def test_where_other_settings_are_named_each_trial_begins_by_itself(shared_bench: Bench, warm: Warm) -> None:
    tree = shared_bench.tree({"test_it.py": "def check_it():\n    pass\n", "my.ini": f"{QUICK}python_functions = check\n"})
    runs = [look(warm, tree, "test_it.py", options=("-c", "my.ini")) for _ in range(2)]
    assert "my.ini" in warm.alone
    assert [len(run.passed) for run in runs] == [1, 1]


def test_what_would_only_end_one_trial_ends_no_other(bench: Bench) -> None:
    crash = "import os\n\n\ndef test_crash():\n    print('before the crash')\n    os.abort()\n"
    tree = bench.tree({"test_crash.py": crash, "test_odd.py": "print('only this')\nimport nothing_like_this\n"})
    with warm_in(bench, tree) as warm:
        runs = [look(warm, tree, test) for test in ("test_odd.py", "test_crash.py", "test_odd.py")]
        assert warm.alone == ""
    assert "exit code 134" in runs[1].why_incomplete
    assert b"only this" in runs[0].output
    assert settled(runs[2].output) == settled(runs[0].output)


def test_other_settings_are_heeded_from_the_first_trial_on(bench: Bench) -> None:
    named = f"{QUICK}python_functions = {{}}*\n"
    both = "def test_one():\n    pass\n\n\ndef check_two():\n    pass\n"
    first = bench.tree({"test_it.py": both, "pytest.ini": named.format("test")})
    other = bench.changed(first, {"pytest.ini": named.format("check")})
    with warm_in(bench, first) as warm:
        seen = []
        for tree in (first, other, first, other, other, other):
            run = look(warm, tree, "test_it.py")
            seen.append((run.passed[0].rpartition("::")[2], warm.alone))
    apart = "one has begun otherwise"
    assert seen == [
        ("test_one", ""),
        ("check_two", apart),
        ("test_one", ""),
        ("check_two", apart),
        ("check_two", ""),
        ("check_two", ""),
    ]


def test_what_is_added_beside_the_settings_may_change_how_it_begins(bench: Bench) -> None:
    first = bench.tree({"test_it.py": PASSES})
    marked = bench.changed(first, {"conftest.py": "def pytest_collection_modifyitems(items):\n    del items[:]\n"})
    named = bench.changed(first, {"pytest.toml": TOML})
    with warm_in(bench, first) as warm:
        runs = [look(warm, tree, "test_it.py") for tree in (first, marked, named, first)]
    assert [len(run.passed) for run in runs] == [1, 0, 0, 1]


def test_what_is_imported_anew_is_found_where_it_is_now(bench: Bench) -> None:
    test = "from shop import price\n\n\ndef test_price():\n    assert price() == 2\n"
    module = bench.tree({"test_shop.py": test, "shop.py": "def price():\n    return 2\n"})
    package = bench.changed(bench.without(module, "shop.py"), {"shop/__init__.py": "def price():\n    return 3\n"})
    with warm_in(bench, module) as warm:
        runs = [look(warm, tree, "test_shop.py") for tree in (module, package, package, module)]
    assert [len(run.failed) for run in runs] == [0, 1, 1, 0]


def test_tests_in_a_folder_that_is_made_anew_between_trials_run_in_it(bench: Bench) -> None:
    where = "import os\n\n\ndef test_where():\n    assert os.listdir() == ['test_where.py'], {}\n"
    first = bench.tree({"inner/test_where.py": where.format(1)})
    other = bench.changed(first, {"inner/test_where.py": where.format(2)})
    with warm_in(bench, first) as warm:
        runs, alone = [], []
        for tree in (first, other, first):
            runs.append(look(warm, tree, "inner/test_where.py", folder="inner"))
            alone.append(warm.alone)
    assert [len(run.passed) for run in runs] == [1, 1, 1], runs[1].results
    assert alone == [""] * 3


def test_what_was_prepared_serves_the_first_trial(bench: Bench) -> None:
    parent = "import os\nfrom pathlib import Path\n\n\ndef test_parent():\n    assert os.getppid() == {}\n"
    first = bench.tree({"test_it.py": parent.format(0)})
    with warmed(bench.rooms, Start(bench.runner.python), Talk()) as warm:
        warm.prepare(bench.runner, bench.mirror.files(first), ["test_it.py"])
        said = look(warm, first, "test_it.py").results["test_it.py::test_parent"].message
        pid = re.findall(r"\d+", said)[0]
        again = look(warm, bench.changed(first, {"test_it.py": parent.format(pid)}), "test_it.py")
        assert (len(again.passed), warm.alone) == (1, "")


def test_a_session_that_is_killed_between_two_trials_leaves_the_next_to_a_fresh_sandbox(bench: Bench) -> None:
    later = "import os, subprocess\n\n\ndef test_it():\n    assert os.getppid() == 0\n"
    tree = bench.tree({"test_it.py": later})
    with warm_in(bench, tree) as warm:
        said = look(warm, tree, "test_it.py").results["test_it.py::test_it"].message
        os.kill(int(re.findall(r"\d+", said)[0]), signal.SIGKILL)
        with pytest.raises(Cold):
            look(warm, tree, "test_it.py")


@pytest.mark.parametrize("first", [True, False])
def test_what_is_reached_is_noted_from_the_beginning(bench: Bench, first: bool) -> None:
    reads = "from shop import price\n\n\ndef test_price():\n    assert price() == 2 and open('data.txt').read() == ''\n"
    tree = bench.tree({"test_it.py": reads, "shop.py": "def price():\n    return 2\n", "data.txt": ""})
    with warm_in(bench, tree) as warm:
        runs = [look(warm, tree, "test_it.py", reach=reach) for reach in (first, True, True, False, True)]
        assert warm.alone == ""
    with bench.rooms.open(tree) as room:
        fresh = bench.runner.run(room.sandbox, ["test_it.py"], timeout=60, manner=Manner(reach=True))
    assert fresh.reached
    assert [run.reached for run in runs] == [fresh.reached if first else {}, fresh.reached, fresh.reached, {}, fresh.reached]


LOOKS = """import os
import pytest


@pytest.mark.parametrize("name", ["mem", "environ", "fd/0"])
def test_look(name):
    open(f"/proc/self/{name}", "rb").close()
    with pytest.raises(PermissionError):
        open(f"/proc/{os.getppid()}/{name}", "rb").close()
"""


@pytest.mark.parametrize("times", [1, 2])
def test_nothing_can_look_into_what_waits(walled_bench: Bench, times: int) -> None:
    tree = walled_bench.tree({"test_look.py": LOOKS})
    with warm_in(walled_bench, tree) as warm:
        runs = look_often(warm, tree, "test_look.py", times=times)
        assert warm.alone == ""
    assert [len(run.passed) for run in runs] == [3] * times, runs[0].results


def test_each_trial_tells_how_long_it_took_itself(bench: Bench) -> None:
    tree = bench.tree({"test_it.py": PASSES})
    with warm_in(bench, tree) as warm:
        look(warm, tree, "test_it.py")
        time.sleep(1.5)
        later = look(warm, tree, "test_it.py")
        assert warm.alone == ""
    assert 0 <= float(re.findall(rb"passed in (\d+\.\d+)s", later.output)[0]) < 1.5
