"""`swarm fix` on bugs as people make them: what it fixes, what it leaves alone, and that it merges nothing wrong.

All of them, as a table: `pytest tests/repairs -m benchmark -s`; some of them: `-k "stations or formula"`.
"""

import json
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.repairs.library import Bug, Came, bugs, edits_tried, second_opinion

BUGS = {f"{bug.project}/{bug.name}": bug for bug in bugs()}
FEW = (
    "pennybook/wrong-comparison",
    "wordsmith/falsy-default",
    "courierline/out-of-reach-cancel",
)
"""Spread over kinds, projects and outcomes, and quick: they are fixed, or left alone, in every run of the tests."""
LITTLE = 8
"""Seconds in which nothing is to be found for a bug that is out of reach, where there is no time to try everything."""

Fix = Callable[..., Came]


@pytest.fixture
def fix(make_repository: Callable[..., Path], swarm: Callable[..., Any], tmp_path: Path) -> Fix:
    """Run the real command on a bug, and let the hidden test say what came of it."""

    def run(bug: Bug, *args: str) -> Came:
        (tmp_path / "ISSUE.md").write_text(bug.facts["issue"].lstrip("\n"))
        repository = make_repository(bug.files(), name=bug.project)
        begun = time.monotonic()
        said = swarm("fix", "../ISSUE.md", "--json", "--quiet", *args, cwd=repository)
        seconds = time.monotonic() - begun
        result = json.loads(said.out)
        outcome = {"no-verified-fix": "abstained"}.get(result["outcome"], result["outcome"])
        if outcome == "fixed":
            wrong = "doubted" if result["doubts"] else "wrong"
            outcome = "right" if second_opinion(bug, repository, result["branch"], tmp_path / "scratch") else wrong
        fix = next((one["summary"] for one in result["candidates"] if one["chosen"]), f"{len(result['candidates'])} candidates")
        return Came(outcome, seconds, edits_tried(result), fix, tuple(result["doubts"]))

    return run


def test_there_are_enough_bugs_of_many_kinds_in_several_projects() -> None:
    kinds = {bug.facts["kind"] for bug in BUGS.values()}
    out_of_reach = [bug for bug in BUGS.values() if not bug.is_within_reach]

    assert len(BUGS) >= 30
    assert len({bug.project for bug in BUGS.values()}) >= 8
    assert len(kinds) >= 20
    assert len(out_of_reach) >= 6
    assert all(bug.files() for bug in BUGS.values())


@pytest.mark.timeout(300)
@pytest.mark.parametrize("name", FEW)
def test_a_bug_is_fixed_right_or_left_alone(name: str, fix: Fix) -> None:
    if BUGS[name].is_within_reach:
        assert fix(BUGS[name]).outcome == "right"
    else:
        assert fix(BUGS[name], "--timeout", str(LITTLE)).outcome in {"abstained", "limit"}


CAME: dict[str, Came] = {}
"""What the benchmark saw so far; its last test prints it."""


@pytest.mark.benchmark
@pytest.mark.timeout(600)
@pytest.mark.parametrize("name", BUGS)
def test_nothing_wrong_is_verified_where_the_tests_are_strong(name: str, fix: Fix) -> None:
    CAME[name] = came = fix(BUGS[name])
    print(
        f"\n{name:<40} {came.outcome:<14} {came.seconds:6.1f} s {came.edits:5} edits  {came.said[:100]}",
        *came.doubts,
        sep="\n  doubt: ",
        flush=True,
    )

    assert came.outcome in {"right", "abstained", "needs-review", "doubted"} or BUGS[name].facts.get("weak", False)


@pytest.mark.benchmark
def test_the_table_of_all_bugs() -> None:
    print(
        f"\n{'':<28} {'right':>6} {'wrong':>6} {'doubted':>8} {'abstained':>10} {'needs-review':>13} {'seconds':>8} {'edits':>6}"
    )
    groups: dict[str, list[str]] = {"one place": [], "two places": [], "none": [], "weak tests": []}
    for name in CAME:
        facts = BUGS[name].facts
        groups["weak tests" if facts.get("weak") else facts.get("reach", "one place")].append(name)
    for group, names in groups.items():
        counts = Counter(CAME[name].outcome for name in names)
        seconds = sum(CAME[name].seconds for name in names) / max(1, len(names))
        edits = sum(CAME[name].edits for name in names)
        told = [counts.pop(outcome, 0) for outcome in ("right", "wrong", "doubted", "abstained", "needs-review")]
        told_of = "".join(f"{number:>{width}}" for number, width in zip(told, (7, 7, 9, 11, 14), strict=True))
        print(f"{group + f' ({len(names)})':<28}{told_of} {seconds:>8.1f} {edits:>6}")
        assert not counts, f"neither of these: {counts}"
    needless = [name for name, came in CAME.items() if came.outcome == "right" and came.doubts]
    print(f"{len(needless)} of the right ones came with a doubt, too: {', '.join(needless) or 'none'}")
