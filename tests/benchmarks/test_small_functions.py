"""Forty small functions with one line gone wrong: whether a right repair is found, and whether it is the first in rank."""

import subprocess
import sys
import time
from pathlib import Path

import pytest
from small_functions import CASES, Case

from sandboxes.environment import inherited
from sandboxes.host import Host
from sandboxes.mirror import Mirror
from swarm.code.survey import Survey
from swarm.evidence.baseline import Baseline
from swarm.evidence.ground import Ground
from swarm.evidence.results import Outcome, TestResult
from swarm.evidence.rooms import Room, Rooms
from swarm.evidence.runners.pytest import PytestRunner
from swarm.repair.engine.survey import survey
from swarm.repair.knowledge import learned
from swarm.repair.search import Search
from swarm.repair.source import Source
from swarm.repair.weighing import Weighed, weighed

pytestmark = [pytest.mark.benchmark, pytest.mark.timeout(1200)]

QUICK = "[pytest]\naddopts = -p no:hypothesispytest -p no:anyio -p no:timeout\n"
ROUND = 2_500
"""Edits that are tried of each function."""
ASKED = """
import copy, sys
def answers(source, name, calls):
    space = {}
    exec(source, space)
    for call in calls:
        try:
            yield repr(eval(f"{name}({call})", space))
        except Exception as error:
            yield type(error).__name__
right, other, name, *calls = eval(sys.stdin.read())
sys.exit(list(answers(right, name, calls)) != list(answers(other, name, calls)))
"""


def suite_of(case: Case) -> str:
    space: dict[str, object] = {}
    exec(case.right, space)
    answers = [eval(f"{case.function}({call})", space) for call in case.seen]
    pairs = [f"    (({call},), {answer!r})," for call, answer in zip(case.seen, answers, strict=True)]
    name = case.function
    return (
        f"import pytest\nfrom prog import {name}\n\n"
        f"@pytest.mark.parametrize(('given', 'answer'), [\n{chr(10).join(pairs)}\n], ids=map(str, range({len(pairs)})))\n"
        f"def test_{name}(given, answer):\n    assert {name}(*given) == answer\n"
    )


def is_right(case: Case, source: str) -> bool:
    told = repr((case.right, source, case.function, *case.seen, *case.unseen))
    try:
        done = subprocess.run([sys.executable, "-c", ASKED], input=told, text=True, timeout=10, check=False, capture_output=True)
    except subprocess.TimeoutExpired:
        return False
    return done.returncode == 0


def ground_of(rooms: Rooms, tree: str, seen: Survey) -> Ground:
    bad = {tour.test: TestResult(tour.test, Outcome.FAILED) for tour in seen.tours if tour.outcome != "passed"}
    good = tuple(tour.test for tour in seen.tours if tour.outcome == "passed")
    tests = tuple(tour.test for tour in seen.tours)
    baseline = Baseline(argv=(), tests=tests, passing=good, failing=bad, varying=(), exit_code=1, runs=1, seconds=1.0)
    return Ground(
        base=rooms.mirror.commit(tree, [], "base"),
        tree=tree,
        rooms=rooms,
        runner=PytestRunner(rooms.environment.python),
        baseline=baseline,
    )


def searched(ground: Ground, room: Room, sources: dict[str, bytes]) -> tuple[int, list[Weighed]]:
    knowledge = learned(ground, "", room)
    tried = [
        pair for batch in Search(ground, room, sources, knowledge).tries(knowledge.order[:ROUND], (), 60.0) for pair in batch
    ]
    found = sorted({one for one, trial in tried if trial.plausible and trial.twin is None}, key=lambda one: -one.score)
    return len(tried), list(weighed(ground, room, sources, knowledge, found))


def test_small_functions_are_repaired_and_the_right_edit_comes_first(tmp_path: Path, request: pytest.FixtureRequest):
    wanted = request.config.getoption("keyword")
    mirror = Mirror.at(tmp_path / "mirror.git")
    rooms = Rooms(Host(), mirror, inherited(tmp_path), tmp_path / "worktrees")
    plausible = right = first = 0
    cases = [case for case in CASES if not wanted or any(case.name == word for word in wanted.split(" or "))] or CASES
    for case in cases:
        began = time.perf_counter()
        files = {"pytest.ini": QUICK, "prog.py": case.broken, "test_prog.py": suite_of(case)}
        tree = mirror.put(mirror.git.text("mktree"), {path: text.encode() for path, text in files.items()})
        tests = [f"test_prog.py::test_{case.function}[{at}]" for at in range(len(case.seen))]
        sources = {"prog.py": case.broken.encode()}
        with rooms.open(tree) as room:
            seen = survey(room, rooms.environment, tests, tests, limit=1.5)
            ground = ground_of(rooms, tree, seen)
            tried, order = searched(ground, room, sources)
        source = Source.read("prog.py", sources["prog.py"])
        good = [is_right(case, one.edit.of(source).new_source.decode()) for one in order]
        plausible, right, first = plausible + bool(order), right + any(good), first + bool(good and good[0])
        place = good.index(True) + 1 if any(good) else 0
        best = order[0].edit.of(source).description if order else "-"
        seconds = time.perf_counter() - began
        print(f"{case.name:20} {tried:5} tried {len(order):3} plausible, right at {place}, {seconds:.1f} s  {best}", flush=True)
    print(f"{len(cases)} functions: {plausible} plausible, {right} right, {first} right at rank 1")
    assert plausible >= 0.9 * len(cases)
    assert first >= 0.8 * len(cases)
