"""What a verdict costs beside the bare test command, and how soon a wrong patch is told. Figures are printed, not asserted."""

import statistics
import subprocess
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from sandboxes.bubblewrap import Bubblewrap
from sandboxes.environment import inherited
from sandboxes.mirror import Mirror
from swarm.blackboard.candidates import Judgement, Verdict
from swarm.evidence.baseline import Thoroughness, measure
from swarm.evidence.ground import Ground
from swarm.evidence.rooms import Rooms
from swarm.evidence.runners.pytest import PytestRunner
from swarm.evidence.verdict import judge

pytestmark = [pytest.mark.benchmark, pytest.mark.timeout(900)]

QUICK = {"pytest.ini": "[pytest]\naddopts = -p no:hypothesispytest -p no:anyio -p no:timeout\n"}
PART = "def discount(copies):\n    return 10 if copies > 10 else 0\n\n\ndef price(copies):\n    return 2 * copies\n"
FIXED = PART.replace("> 10", ">= 10")
FILES, TESTS = 20, 50


def small() -> dict[str, str]:
    """A project with a bug and six tests."""
    tests = "".join(f"def test_{n}(): assert discount({n}) == {10 if n >= 10 else 0}\n" for n in (1, 2, 9, 10, 11, 99))
    return {**QUICK, "shop.py": PART, "tests/test_shop.py": f"from shop import discount\n{tests}"}


def large() -> dict[str, str]:
    """A project of twenty modules with fifty tests each, which take ten milliseconds each."""
    files = dict(QUICK)
    for number in range(FILES):
        files[f"shop/part{number}.py"] = PART if number == 7 else FIXED
        head = f"import time\nfrom shop.part{number} import discount, price\n"
        tests = "".join(f"def test_{n}():\n    time.sleep(0.01)\n    assert price({n}) == {2 * n}\n" for n in range(TESTS - 1))
        files[f"tests/test_part{number}.py"] = f"{head}{tests}def test_ten():\n    assert discount(10) == 10\n"
    return files


class Bench:
    def __init__(self, folder: Path, files: Mapping[str, str], runs: int = 3) -> None:
        self.folder = folder
        self.mirror = Mirror.at(folder / "mirror.git")
        self.rooms = Rooms(Bubblewrap(), self.mirror, inherited(folder), folder / "worktrees")
        self.tree = self.mirror.put(self.mirror.git.text("mktree"), {path: text.encode() for path, text in files.items()})
        runner = PytestRunner(self.rooms.environment.python)
        baseline = measure(runner, self.rooms, self.tree, Thoroughness(runs=runs))
        base = self.mirror.commit(self.tree, [], "base")
        self.ground = Ground(base=base, tree=self.tree, rooms=self.rooms, runner=runner, baseline=baseline)

    def bare(self) -> float:
        """The project's own command, without anything of swarm."""
        with self.mirror.worktree(self.tree, self.folder / "bare") as worktree:
            command = [self.rooms.environment.python, "-B", "-m", "pytest", "-q", "-p", "no:cacheprovider"]
            return timed(lambda: subprocess.run(command, cwd=worktree, capture_output=True, check=False))[0]

    def judged(self, files: Mapping[str, str]) -> Judgement:
        tree = self.mirror.put(self.tree, {path: text.encode() for path, text in files.items()})
        return judge(tree, self.ground, self.ground.baseline.red, keep=lambda output: str(len(output)))


def timed(action: Callable[[], Any]) -> tuple[float, Any]:
    began = time.perf_counter()
    result = action()
    return time.perf_counter() - began, result


def middle(action: Callable[[], float], rounds: int = 5) -> float:
    return statistics.median(action() for _ in range(rounds))


def test_a_verdict_beside_the_test_command(tmp_path: Path) -> None:
    bench = Bench(tmp_path, small())
    bare = middle(bench.bare)
    told = [timed(lambda: bench.judged({"shop.py": FIXED})) for _ in range(5)]
    whole = statistics.median(seconds for seconds, _ in told)
    inside = statistics.median(judgement.seconds for _, judgement in told)
    print(f"\nsmall project: bare command {bare:.2f} s, verdict {whole:.2f} s, of which in sessions {inside:.2f} s")
    print(f"  beyond the two runs of all tests that a verdict needs: {whole - 2 * bare:.2f} s (wanted: at most 1.5)")
    assert {judgement.verdict for _, judgement in told} == {Verdict.VERIFIED}


@pytest.mark.parametrize(
    ("what", "change"),
    [
        ("fixes nothing", PART + "# looked at\n"),
        ("breaks its neighbour", FIXED.replace("2 * copies", "3 * copies")),
    ],
)
def test_a_wrong_patch_of_a_thousand_tests_is_told_soon(tmp_path: Path, what: str, change: str) -> None:
    bench = Bench(tmp_path, large(), runs=1)
    bare = middle(bench.bare, 3)
    seconds, judgement = timed(lambda: bench.judged({"shop/part7.py": change}))
    print(f"\n1,000 tests, a patch that {what}: whole suite {bare:.2f} s, verdict {seconds:.2f} s = {seconds / bare:.2f} of it")
    assert judgement.verdict is Verdict.REJECTED


def test_two_candidates_are_judged_side_by_side(tmp_path: Path) -> None:
    bench = Bench(tmp_path, small())
    patches = [{"shop.py": FIXED}, {"shop.py": PART.replace("> 10", "> 9")}]
    alone, _ = timed(lambda: [bench.judged(files) for files in patches])
    with ThreadPoolExecutor(2) as pool:
        together, judgements = timed(lambda: list(pool.map(bench.judged, patches)))
    print(f"\ntwo candidates: {alone:.2f} s one after the other, {together:.2f} s side by side ({together / alone:.2f})")
    assert {judgement.verdict for judgement in judgements} == {Verdict.VERIFIED}
