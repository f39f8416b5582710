"""Tests that are run several times at once say what as many runs of their own would say."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from swarm.evidence.runners.warm import Cold, Warm
from tests.evidence.warming import look, look_often, warm_in

Bench = Any
COUNTS = "with open({counter!r}, 'a') as file:\n    file.write('imported\\n')\n"
FAILS = """import os
import warnings


def test_fails(tmp_path, capsys):
    print('said', tmp_path.name, os.getppid())
    warnings.warn('odd')
    assert os.environ.setdefault('RAN', 'here') is None


def test_passes():
    pass
"""


@pytest.fixture(scope="module")
def warm(shared_bench: Bench) -> Iterator[Warm]:
    with warm_in(shared_bench, shared_bench.tree({})) as made:
        yield made


@pytest.fixture
def imports(tmp_path: Path) -> Path:
    """Where a line is written for each time that the tests are imported."""
    return tmp_path / "imports"


def counted(imports: Path, text: str) -> str:
    return COUNTS.format(counter=str(imports)) + text


def times_in(imports: Path) -> int:
    return len(imports.read_text().splitlines())


def test_each_repetition_reports_all_of_it_but_the_tests_are_looked_for_once(
    shared_bench: Bench, warm: Warm, imports: Path
) -> None:
    tree = shared_bench.tree({"test_it.py": counted(imports, FAILS)})
    alone = look(warm, tree, "test_it.py")
    runs = look_often(warm, tree, "test_it.py", times=3)
    assert times_in(imports) == 2
    assert [run.complete for run in runs] == [True] * 3
    for run in runs:
        assert (run.collected, run.passed, run.failed) == (alone.collected, alone.passed, alone.failed)
        assert run.output.count(b"test session starts") == run.output.count(b"said test_fails0") == 1
        assert run.output.count(b"UserWarning: odd") == alone.output.count(b"UserWarning: odd")


@pytest.mark.parametrize("manner", [{"only": ("test_it.py::test_passes",)}, {"reach": True}, {"shuffle": "7"}])
def test_repetitions_are_run_in_the_manner_that_is_asked_for(shared_bench: Bench, warm: Warm, manner: dict[str, object]) -> None:
    tree = shared_bench.tree({"test_it.py": FAILS})
    alone = look(warm, tree, "test_it.py", **manner)
    runs = look_often(warm, tree, "test_it.py", times=2, **manner)
    for run in runs:
        assert (run.collected, run.reached, list(run.results)) == (alone.collected, alone.reached, list(alone.results))


@pytest.mark.parametrize(
    "does",
    [
        "import random\nNUMBER = random.random()\n",
        "from random import Random\nNUMBERS = Random()\n",
        "import threading\nthreading.Thread(target=threading.Event().wait, daemon=True).start()\n",
        "import subprocess\nSLEEPER = subprocess.Popen(['sleep', '100'])\n",
        "import tempfile\nFOLDER = tempfile.mkdtemp()\n",
        "import os\nPIPE = os.pipe()\n",
        "import sys\nsys.setprofile(lambda *_: None)\n",
    ],
    ids=lambda text: text.split()[1],
)
def test_what_importing_them_sets_going_is_set_going_for_each(shared_bench: Bench, warm: Warm, imports: Path, does: str) -> None:
    tree = shared_bench.tree({"test_it.py": counted(imports, f"{does}\n\ndef test_it():\n    pass\n")})
    runs = look_often(warm, tree, "test_it.py", times=2)
    assert [(run.complete, len(run.passed)) for run in runs] == [(True, 1)] * 2
    assert times_in(imports) == 2


LEAVES = """import os, tempfile
from pathlib import Path


def test_leaves():
    assert not Path({path}).exists()
    Path({path}).write_text('left')
    os.environ['LEFT'] = 'left'
"""


@pytest.mark.parametrize(
    ("path", "imported"),
    [("tempfile.gettempdir(), 'left'", 1), ("Path.home(), 'left'", 1), ("'left'", 3)],
    ids=["tmp", "home", "tree"],
)
def test_a_repetition_finds_nothing_of_the_one_before(
    shared_bench: Bench, warm: Warm, imports: Path, path: str, imported: int
) -> None:
    tree = shared_bench.tree({"test_it.py": counted(imports, LEAVES.format(path=path))})
    runs = look_often(warm, tree, "test_it.py", times=3)
    assert [len(run.passed) for run in runs] == [1] * 3, [run.results for run in runs]
    assert times_in(imports) == imported


def test_what_a_repetition_changes_in_the_tree_is_put_right_for_the_next(shared_bench: Bench, warm: Warm) -> None:
    spoils = "def test_it():\n    assert open('data.txt').read() == ''\n    open('data.txt', 'w').write('more')\n"
    tree = shared_bench.tree({"test_it.py": spoils, "data.txt": ""})
    assert [len(run.passed) for run in look_often(warm, tree, "test_it.py", times=3)] == [1] * 3


@pytest.mark.parametrize("text", ["import os\n\n\ndef test_it():\n    os.abort()\n", "import os\n\nos.abort()\n"])
def test_every_repetition_tells_of_its_own_crash(shared_bench: Bench, warm: Warm, text: str) -> None:
    tree = shared_bench.tree({"test_it.py": text})
    alone = look(warm, tree, "test_it.py")
    for run in look_often(warm, tree, "test_it.py", times=2):
        assert (run.why_incomplete, run.collected, run.unfinished) == (alone.why_incomplete, alone.collected, alone.unfinished)
    assert "exit code 134" in alone.why_incomplete


def test_what_cannot_be_loaded_is_told_in_every_repetition(shared_bench: Bench, warm: Warm) -> None:
    tree = shared_bench.tree({"test_it.py": "import nothing_like_this\n"})
    alone = look(warm, tree, "test_it.py")
    runs = look_often(warm, tree, "test_it.py", times=2)
    assert alone.collection_errors
    assert [(run.collection_errors, run.exit_code) for run in runs] == [(alone.collection_errors, alone.exit_code)] * 2


def test_where_a_trial_begins_by_itself_so_does_every_repetition(shared_bench: Bench, warm: Warm, imports: Path) -> None:
    tree = shared_bench.tree({"test_it.py": counted(imports, FAILS), "conftest.py": ""})
    runs = look_often(warm, tree, "test_it.py", times=3)
    assert (len(runs), [len(run.passed) for run in runs], times_in(imports)) == (3, [1] * 3, 3)


def test_after_a_repetition_that_hangs_there_is_none(bench: Bench) -> None:
    tree = bench.tree({"test_it.py": "import time\n\n\ndef test_it():\n    time.sleep(1000)\n"})
    with warm_in(bench, tree) as warm:
        runs = look_often(warm, tree, "test_it.py", times=3, silence=3)
    assert [(run.timed_out, run.hung) for run in runs] == [(True, "test_it.py::test_it")]


def test_a_repetition_that_ends_its_parent_leaves_all_to_a_fresh_sandbox(bench: Bench) -> None:
    killer = "import os, signal, time\n\n\ndef test_it():\n    os.kill(os.getppid(), signal.SIGKILL)\n    time.sleep(1)\n"
    tree = bench.tree({"test_it.py": killer})
    with warm_in(bench, tree) as warm, pytest.raises(Cold):
        look_often(warm, tree, "test_it.py", times=2)
