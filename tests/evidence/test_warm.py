"""A sandbox that is used again: a trial in it says what it would say in one of its own, whatever ran there before."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from sandboxes.talk import Talk
from swarm.evidence.results import TestRun
from swarm.evidence.runner import Manner
from swarm.evidence.runners.warm import Cold, Start, warmed
from swarm.triage.site import Workshop
from swarm.triage.warmth import FEW, Warmth, warmth
from tests.evidence.warming import look, warm_in

Bench = Any
FILES = {
    "shop.py": "def price():\n    return 2\n",
    "test_shop.py": "from shop import price\n\n\ndef test_price():\n    assert price() == 2\n",
}
MESSY = """import contextlib, os, subprocess, sys, tempfile
from pathlib import Path


def test_mess():
    Path("data.txt").write_text("other")
    Path("gone.txt").unlink()
    Path("left").mkdir()
    Path("left/more.txt").write_text("left")
    Path("folder/inner.txt").unlink()
    Path("folder").rmdir()
    Path("script.sh").chmod(0o600)
    Path("link").unlink()
    Path("link").symlink_to("/etc")
    Path(tempfile.gettempdir(), "lock").write_text("left")
    Path.home().joinpath("lock").write_text("left")
    os.environ["MESS"] = sys.modules["json"].mess = "left"
    subprocess.Popen(["sleep", "98765.4321"], start_new_session=True)


def test_order():
    import json

    assert Path("data.txt").read_text() == "data" and Path("gone.txt").read_text() == "here"
    assert Path("folder/inner.txt").read_text() == "inner"
    assert oct(Path("script.sh").stat().st_mode)[-3:] == "755"
    assert os.readlink("link") == "data.txt"
    assert sorted(path.name for path in Path().iterdir() if path.name != ".pytest_cache") == [
        "data.txt", "folder", "gone.txt", "link", "pytest.ini", "script.sh", "test_mess.py"
    ]
    assert not Path(tempfile.gettempdir(), "lock").exists() and not Path.home().joinpath("lock").exists()
    assert "MESS" not in os.environ and not hasattr(json, "mess")
    for place in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            assert b"98765.4321" not in place.read_bytes()
"""


def test_each_trial_sees_its_own_tree_and_tells_what_a_fresh_sandbox_tells(any_bench: Bench) -> None:
    right = any_bench.tree(FILES)
    wrong = any_bench.changed(right, {"shop.py": "def price():\n    return 3\n"})
    moved = any_bench.changed(any_bench.without(right, "shop.py"), {"shop/__init__.py": "def price():\n    return 2\n"})
    with warm_in(any_bench, right) as warm:
        runs = [look(warm, tree, "test_shop.py", reach=True) for tree in (right, wrong, moved, right)]
    assert [len(run.failed) for run in runs] == [0, 1, 0, 0]
    with any_bench.rooms.open(wrong) as room:
        alone = any_bench.runner.run(room.sandbox, ["test_shop.py"], timeout=60, manner=Manner(reach=True))
    told, fresh = runs[1].results["test_shop.py::test_price"], alone.results["test_shop.py::test_price"]
    assert (told.outcome, told.message, told.text, told.frames) == (fresh.outcome, fresh.message, fresh.text, fresh.frames)
    assert runs[1].reached == alone.reached
    assert all(run.complete for run in runs)


def test_a_sandbox_that_was_opened_before_anybody_knew_the_tree_is_told_all_of_it(any_bench: Bench) -> None:
    tree = with_modes(any_bench, any_bench.tree({**FILES, "data.txt": "data", "script.sh": ""}))
    look_around = "import os\n\n\ndef test_all():\n    assert os.access('script.sh', os.X_OK) and open('link').read() == 'data'\n"
    tree = any_bench.changed(tree, {"test_around.py": look_around})
    with warmed(any_bench.rooms, Start(any_bench.runner.python), Talk()) as warm:
        warm.prepare(any_bench.runner, any_bench.mirror.files(tree), ["test_shop.py"])
        run = look(warm, tree, "test_shop.py", "test_around.py")
    assert (run.complete, len(run.passed)) == (True, 2), run.results


def test_a_sandbox_that_was_prepared_for_one_tree_runs_another_as_well(bench: Bench) -> None:
    right = bench.tree(FILES)
    wrong = bench.changed(right, {"shop.py": "def price():\n    return 3\n"})
    with warmed(bench.rooms, Start(bench.runner.python), Talk()) as warm:
        warm.prepare(bench.runner, bench.mirror.files(wrong), ["test_shop.py"])
        runs = [look(warm, tree, "test_shop.py") for tree in (right, wrong)]
    assert [len(run.failed) for run in runs] == [0, 1]


def lent(warm: Warmth, bench: Bench, tree: str, test: str) -> list[TestRun]:
    """Run a file of tests once on a tree, in whichever sandbox is lent for that."""
    files: Any = bench.mirror.files(tree)
    return warm.runs(files, [test], times=1, timeout=60, silence=20, manner=Manner())


def test_what_was_begun_serves_if_it_is_what_is_needed(bench: Bench) -> None:
    tree, runner = bench.tree(FILES), bench.runner
    seeded = replace(runner, environment={"PYTHONHASHSEED": "7"})
    large = bench.tree({**FILES, **{f"data/{number}.txt": str(number) for number in range(FEW)}})
    with closing(Warmth(bench.rooms, Start(runner.python))) as begun:
        wanted = [(runner, tree), (seeded, tree), (runner, large)]
        served = []
        for one, on in wanted:
            with warmth(Workshop(bench.rooms, one, ""), on, begun) as warm:
                assert warm is not None
                (run,) = lent(warm, bench, on, "test_shop.py")
                served.append((warm is begun, len(run.passed)))
    assert served == [(True, 1), (False, 1), (False, 1)]


def test_two_trials_run_side_by_side(bench: Bench, tmp_path: Path) -> None:
    meets = """import time
from pathlib import Path


def test_meets():
    Path({own!r}).touch()
    while not Path({other!r}).exists():
        time.sleep(0.01)
"""
    names = [str(tmp_path / name) for name in ("here", "there")]
    pairs = zip(("test_here.py", "test_there.py"), (names, names[::-1]), strict=True)
    tree = bench.tree({test: meets.format(own=own, other=other) for test, (own, other) in pairs})
    with warmth(Workshop(bench.rooms, bench.runner, ""), tree) as warm, ThreadPoolExecutor(2) as pool:
        assert warm is not None

        runs = list(pool.map(lambda test: lent(warm, bench, tree, test), ("test_here.py", "test_there.py")))
    assert [len(run.passed) for (run,) in runs] == [1, 1]


def test_a_trial_is_lent_the_sandbox_in_which_its_tree_lies(bench: Bench) -> None:
    one = bench.tree(FILES)
    other = bench.changed(one, {"shop.py": "def price():\n    return 3\n"})
    with warmth(Workshop(bench.rooms, bench.runner, ""), one) as warm:
        assert warm is not None
        warm.expect()
        assert warm.warmed()
        there = []
        for tree in (one, other, other, one, one):
            lent(warm, bench, tree, "test_shop.py")
            there.append([held.there == bench.mirror.files(tree) for held, _ in warm._idle])
    assert [sorted(lies) for lies in there[1:]] == [[False, True]] * 4, "each tree stays where it is"


def test_nothing_that_a_test_leaves_behind_is_there_for_the_next_trial(any_bench: Bench) -> None:
    files = {"test_mess.py": MESSY, "data.txt": "data", "gone.txt": "here", "folder/inner.txt": "inner", "script.sh": ""}
    tree = with_modes(any_bench, any_bench.tree(files))
    with warm_in(any_bench, tree) as warm:
        first = look(warm, tree, "test_mess.py", only=("test_mess.py::test_order",))
        mess = look(warm, tree, "test_mess.py", only=("test_mess.py::test_mess",))
        after = look(warm, tree, "test_mess.py", only=("test_mess.py::test_order",))
    assert not first.failed, first.results
    assert len(mess.passed) == 1, mess.results
    assert not after.failed, after.results


def with_modes(bench: Bench, tree: str) -> str:
    """The tree with a script that can be run and a link."""
    listed = bench.mirror.git.text("ls-tree", tree)
    link = bench.mirror.git.text("hash-object", "-w", "--stdin", stdin=b"data.txt")
    listed = "\n".join(line.replace("100644", "100755") if line.endswith("script.sh") else line for line in listed.splitlines())
    made: str = bench.mirror.git.text("mktree", stdin=f"{listed}\n120000 blob {link}\tlink\n".encode())
    return made


def test_a_crash_ends_only_its_own_trial(bench: Bench) -> None:
    tree = bench.tree({**FILES, "test_crash.py": "import os\n\n\ndef test_crash():\n    os.abort()\n"})
    with warm_in(bench, tree) as warm:
        crashed = look(warm, tree, "test_crash.py")
        fine = look(warm, tree, "test_shop.py")
    assert not crashed.complete
    assert "crashed with exit code 134" in crashed.why_incomplete
    assert (fine.complete, len(fine.passed)) == (True, 1)


def test_a_test_that_ends_the_whole_sandbox_leaves_the_trial_to_a_fresh_one(bench: Bench) -> None:
    killer = "import os, signal\n\n\ndef test_killer():\n    os.kill(os.getppid(), signal.SIGKILL)\n"
    tree = bench.tree({"test_killer.py": killer})
    with warm_in(bench, tree) as warm, pytest.raises(Cold):
        look(warm, tree, "test_killer.py")


def test_a_trial_without_a_sign_of_life_is_cut_and_its_sandbox_is_given_up(bench: Bench) -> None:
    tree = bench.tree({"test_hang.py": "import time\n\n\ndef test_hang():\n    time.sleep(1000)\n"})
    with warm_in(bench, tree) as warm:
        run = warm.run(bench.runner, bench.mirror.files(tree), ["test_hang.py"], timeout=60, silence=3, manner=Manner())
        assert (run.timed_out, run.complete, run.passed) == (True, False, ())
        assert warm.talk.enough.is_set()


def test_where_none_can_be_opened_the_trial_is_told_to_do_without(bench: Bench, tmp_path: Path) -> None:
    tree = bench.tree(FILES)
    nothing = type(bench.runner)(str(tmp_path / "no-python"))
    with warmth(Workshop(bench.rooms, nothing, ""), tree) as warm:
        assert warm is not None
        assert lent(warm, bench, tree, "test_shop.py") == []


def test_a_trial_after_the_last_one_is_told_to_do_without(bench: Bench) -> None:
    tree = bench.tree(FILES)
    with warmth(Workshop(bench.rooms, bench.runner, ""), tree) as warm:
        assert warm is not None
        runs = []
        for _ in range(2):
            runs.append(lent(warm, bench, tree, "test_shop.py"))
            warm.dismiss()
    assert [len(run.passed) for run in runs[0]] == [1]
    assert runs[1] == []


def test_a_trial_ends_as_an_interpreter_does(bench: Bench) -> None:
    late = "import atexit, threading, time\n\n\ndef say(word):\n    time.sleep(0.2)\n    print(word)\n\n\n"
    test = "def test_late():\n    atexit.register(say, 'at exit')\n    threading.Thread(target=say, args=('threads',)).start()\n"
    tree = bench.tree({"test_late.py": late + test, "pytest.ini": "[pytest]\naddopts = -s\n"})
    with warm_in(bench, tree) as warm:
        run = look(warm, tree, "test_late.py")
    assert run.complete
    assert [line for line in run.output.splitlines() if line in (b"threads", b"at exit")] == [b"threads", b"at exit"]


def test_a_test_file_is_rewritten_once_for_all_trials_of_it(bench: Bench) -> None:
    hinder = "from _pytest.assertion import rewrite\n\nrewrite.rewrite_asserts = None\n"
    tree = bench.tree({**FILES, "conftest.py": hinder})
    with warm_in(bench, tree) as warm:
        runs = [look(warm, tree, "test_shop.py") for _ in range(2)]
        with bench.rooms.open(tree) as room:
            alone = bench.runner.run(room.sandbox, ["test_shop.py"], timeout=60)
    assert [len(run.passed) for run in runs] == [1, 1]
    assert not alone.passed  # pytest would have had to do it there


def test_a_test_file_that_was_edited_is_not_taken_for_what_it_was(bench: Bench) -> None:
    right = bench.tree(FILES)
    wrong = bench.changed(right, {"test_shop.py": FILES["test_shop.py"].replace("== 2", "== 3")})
    with warm_in(bench, right) as warm:
        runs = [look(warm, tree, "test_shop.py") for tree in (right, wrong, right, wrong)]
    assert [len(run.failed) for run in runs] == [0, 1, 0, 1]
    assert "assert 2 == 3" in runs[1].results["test_shop.py::test_price"].message


WORDS = """import pytest


def test_words():
    with pytest.raises(AssertionError, match="assert 1 == 2"):
        assert 1 == 2
"""
HOOKED = """def pytest_assertion_pass(item, expl):
    print("passed:", expl)
"""


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"test_it.py": WORDS}, ""),
        ({"test_it.py": "def test_it():\n    assert (1, 'always')\n"}, "assertion is always true"),
        ({"test_it.py": "def test_it():\n    assert '\\d'\n"}, "invalid escape sequence"),
        ({"test_it.py": "def test_it():\n    assert (\n"}, "was never closed"),
        (
            {
                "test_it.py": "def test_it():\n    assert 1 + 1 == 2\n",
                "conftest.py": HOOKED,
                "pytest.ini": "[pytest]\naddopts = -s\nenable_assertion_pass_hook = true\n",
            },
            "passed: (1 + 1) == 2",
        ),
    ],
    ids=["the words of an assertion", "always true", "a strange escape", "no Python", "a hook for assertions that hold"],
)
def test_what_rewriting_has_to_say_is_said_in_every_trial(walled_bench: Bench, files: dict[str, str], said: str) -> None:
    tree = walled_bench.tree({"pytest.ini": "[pytest]\nfilterwarnings = error\n", **files})
    with warm_in(walled_bench, tree) as warm:
        runs = [look(warm, tree, "test_it.py") for _ in range(2)]
    with walled_bench.rooms.open(tree) as room:
        alone = walled_bench.runner.run(room.sandbox, ["test_it.py"], timeout=60)
    for run in runs:
        assert (run.passed, run.collection_errors) == (alone.passed, alone.collection_errors)
        assert said in "".join(run.collection_errors.values()) + run.output.decode()


def test_a_trial_collects_its_garbage_as_ever(bench: Bench) -> None:
    tree = bench.tree({"test_gc.py": "import gc\n\n\ndef test_gc():\n    assert gc.isenabled()\n"})
    with warm_in(bench, tree) as warm:
        assert look(warm, tree, "test_gc.py").passed


def test_in_brief_a_failure_is_told_by_what_is_raised_where_and_the_next_one_is_told_whole(any_bench: Bench) -> None:
    wrong = any_bench.changed(any_bench.tree(FILES), {"shop.py": "def price():\n    return 3\n"})

    with warm_in(any_bench, wrong) as warm:
        brief, whole = (look(warm, wrong, "test_shop.py", brief=one) for one in (True, False))

    (short,), (long,) = ([run.results[test] for test in run.failed] for run in (brief, whole))
    assert (short.error, short.message, short.frames) == (long.error, long.message, long.frames)
    assert "def test_price" in long.text
    assert "def test_price" not in short.text
    assert brief.complete
