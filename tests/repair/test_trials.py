"""Edits are tried on base, in the order of suspicion."""

from pathlib import PurePosixPath

import pytest

from swarm.evidence.ground import Ground
from swarm.repair.edits import Edit, edits
from swarm.repair.locate import locate, python_files
from swarm.repair.ranking import ranked_edits
from swarm.repair.trials import open_trials

PRICES = "shop/prices.py"
SMALL = ("comparison", "off-by-one", "swapped-arguments")


def _edit(source: str) -> Edit:
    return Edit(PRICES, 2, "comparison", "", source.encode())


def test_the_fault_is_located_in_the_function_that_only_the_failing_test_cannot_do_without(ground: Ground) -> None:
    worst = locate(ground)[0]
    assert (worst.path, worst.first, worst.last) == (PRICES, 1, 4)


def test_source_and_tests_are_told_apart(ground: Ground) -> None:
    sources, tests = python_files(ground)
    assert set(sources) == {"shop/__init__.py", PRICES, "shop/delivery.py"}
    assert set(tests) == {"tests/test_shop.py"}


def test_files_of_every_content_are_read_at_once(ground: Ground) -> None:
    mirror = ground.rooms.mirror
    files = {"a.py": b"", "b.py": b"\n\n", "c/d é.py": b"x\n100644 blob\n", "e.py": b"\x00\xff", "f.txt": b"text"}
    tree = mirror.put(mirror.git.text("mktree"), files)
    assert mirror.read_all(tree) == files
    assert mirror.read_all(tree, ".py") == {path: files[path] for path in files if path.endswith(".py")}
    assert mirror.read_all(tree, ".none") == {}


def test_edits_come_by_suspicion_then_by_operator(ground: Ground) -> None:
    sources, _ = python_files(ground)
    ranked = list(ranked_edits(sources, locate(ground), SMALL))
    assert ranked == list(ranked_edits(sources, locate(ground), SMALL))
    assert ranked[0].new_source.count(b"copies >= 10") == 1
    assert {edit.path for edit in ranked} == {PRICES}
    assert len({edit.digest for edit in ranked}) == len(ranked)


def test_only_an_edit_that_pleases_every_test_is_plausible(ground: Ground) -> None:
    sources, _ = python_files(ground)
    found = list(edits(PRICES, sources[PRICES], ["comparison", "comparison-kind"]))
    with open_trials(ground, sources) as trials:
        tried = {edit.description.rpartition("becomes ")[2]: trials.of(edit) for edit in found}
        left = (trials.room.worktree / PurePosixPath(PRICES)).read_bytes()
    assert [name for name, trial in tried.items() if trial.plausible] == ["`if copies >= 10: # from ten on`"]
    overfitted = tried["`if copies == 10: # from ten on`"]
    assert (overfitted.test, overfitted.why) == ("tests/test_shop.py::test_many", "AssertionError: assert 0 == 5")
    assert left == sources[PRICES]


@pytest.mark.parametrize(
    "source",
    ["import os\nos._exit(0)\n", "raise SystemExit(0)\n", "def (", "def discount(copies):\n    raise KeyboardInterrupt\n"],
)
def test_an_edit_that_breaks_the_run_is_not_plausible(ground: Ground, source: str) -> None:
    sources, _ = python_files(ground)
    with open_trials(ground, sources) as trials:
        trial = trials.of(_edit(source))
    assert not trial.plausible
    assert trial.why
