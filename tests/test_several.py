"""Several issues in turn: one budget, one report, and what becomes of a wish to stop."""

import threading
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from sandboxes.host import Host
from sandboxes.repository import Repository
from swarm.blackboard.ledger import Amount
from swarm.blackboard.runs import NewRun
from swarm.errors import Interrupted, NoVerifiedFix, Terminated, shown
from swarm.landings import opened_harbour
from swarm.parts import Parts
from swarm.settings.values import Settings
from swarm.several import QueueInterrupted, Report, fixed_in_turn

Begun = Callable[[str], None]


@pytest.fixture
def parts(make_repository: Callable[[Mapping[str, str]], Path]) -> Iterator[Parts]:
    repository = Repository.at(make_repository({"a.py": "A = 1\n"}))
    settings = Settings(max_cost=1.0, max_tokens=1000)
    with opened_harbour(repository, settings) as place:
        yield Parts(
            repository=repository,
            mirror=place.mirror,
            store=place.store,
            backend=Host(),
            settings=settings,
            folder=place.folder,
            worktrees=place.folder,
            stop=threading.Event(),
        )


def begin(parts: Parts, title: str, *spent: float, set_aside: float = 0.0) -> str:
    """A run that has spent so many dollars."""
    run = parts.store.start_run(NewRun(title=title, issue="", source="text", base="0" * 40, sandbox="none", workers=1)).name
    for dollars in spent:
        amount = Amount(int(dollars * 1_000_000), 10)
        parts.store.settle(parts.store.reserve(run, "coder", amount), amount)
    if set_aside:
        parts.store.reserve(run, "coder", Amount(int(set_aside * 1_000_000), 10))
    return run


def test_each_issue_has_what_those_before_have_left_of_the_one_budget(parts: Parts) -> None:
    seen: list[tuple[float | None, int | None]] = []
    spending = {"a": (0.5, 0.2), "b": (0.1, 0.1), "c": ()}

    def fixed(given: str, its: Parts, begun: Begun) -> tuple[int, str]:
        seen.append((its.settings.max_cost and round(its.settings.max_cost, 4), its.settings.max_tokens))
        begun(begin(its, given, *spending[given], set_aside=0.1 if given == "a" else 0.0))
        return 0, ""

    reports: list[Report] = []
    report = fixed_in_turn(parts, ["a", "b", "c"], fixed, reports.append)

    assert seen == [(1.0, 1000), (0.2, 970)]
    assert [row.code for row in report.rows] == [0, 0, 5]
    assert report.rows[2].run is None
    assert "budget" in report.rows[2].said
    assert (reports, report.exit_code) == ([report], 5)


def test_one_that_fails_stops_none_and_the_first_that_failed_gives_the_code(parts: Parts) -> None:
    def fixed(given: str, its: Parts, begun: Begun) -> tuple[int, str]:
        assert not its.stop.is_set()
        run = begin(its, given)
        begun(run)
        its.stop.set()
        if given == "b":
            raise NoVerifiedFix(sentence="nothing fails", run=run)
        its.store.end_run(run, outcome="fixed", exit_code=0, sentence="", branch="swarm/x")
        return (9 if given == "c" else 0), "more"

    report = fixed_in_turn(parts, ["a", "b", "c", "d"], fixed, lambda _: None)

    assert [row.code for row in report.rows] == [0, 4, 9, 0]
    assert report.exit_code == 4
    assert report.text.splitlines()[0].startswith("a: fixed, run ")
    assert "  No verified fix was found: nothing fails" in report.text.splitlines()
    assert report.text.endswith("2 of 4 issues fixed")
    assert [row["issue"] for row in report.value["issues"]] == ["a", "b", "c", "d"]


@pytest.mark.parametrize("wish", [KeyboardInterrupt(), Interrupted(run="x")], ids=lambda wish: type(wish).__name__)
def test_a_wish_to_stop_stops_all_and_says_how_to_go_on(parts: Parts, wish: BaseException) -> None:
    runs: list[str] = []

    def fixed(given: str, its: Parts, begun: Begun) -> tuple[int, str]:
        runs.append(begin(its, given))
        begun(runs[-1])
        if given == "b":
            raise wish
        return 0, ""

    reports: list[Report] = []
    with pytest.raises(QueueInterrupted) as met:
        fixed_in_turn(parts, ["a", "b", "#3", "it's d"], fixed, reports.append)

    assert [len(report.rows) for report in reports] == [1]
    assert met.value.exit_code == 130
    assert shown(met.value).splitlines() == [
        "Interrupted at b; no issue after it was begun.",
        f"`swarm resume {runs[1]}` goes on with it.",
        "The rest: swarm fix '#3' 'it'\"'\"'s d'",
    ]


def test_a_signal_ends_it_as_a_signal_does(parts: Parts) -> None:
    def fixed(_: str, __: Parts, ___: Begun) -> tuple[int, str]:
        raise Terminated(run="last")

    with pytest.raises(Terminated):
        fixed_in_turn(parts, ["a", "b"], fixed, lambda _: None)
