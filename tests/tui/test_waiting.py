"""What waits for the person stands on top."""

import team

from swarm import events as e
from swarm.board import Board
from tui.waiting import waits


def names(*told: e.Event, alive: bool = True) -> list[str]:
    return [wait.name for wait in waits(Board().after_all(told), alive=alive)]


def test_a_run_that_goes_on_waits_for_nobody() -> None:
    assert names(*team.beginning()) == []
    assert names() == []


def test_a_paused_run_and_one_that_nobody_works_on_wait() -> None:
    assert names(*team.beginning(), e.RunPaused()) == ["paused"]
    assert names(*team.beginning(), alive=False) == ["gone"]
    assert names(alive=False) == []


def test_a_budget_that_is_nearly_spent_waits_with_what_is_set_aside() -> None:
    told = (*team.beginning(), e.CapSet("run", 280_000, None))
    assert names(*told) == ["budget"]
    assert names(*told, e.BudgetReleased(3, "coder")) == []
    assert names(*team.beginning(), e.CapSet("run", None, 16_000)) == ["budget"]


def test_a_run_that_has_ended_waits_until_it_is_merged() -> None:
    ended = (*team.beginning(), *team.judging(), *team.ending())
    assert names(*ended) == ["fixed"]
    assert names(*ended, e.BranchMerged("main", "a", "b")) == []
    assert names(*ended, e.BranchMerged("main", "a", "b"), e.MergeUndone("main", "b", "a")) == ["fixed"]


def test_a_candidate_that_needs_a_review_waits_where_nothing_is_verified() -> None:
    judged = (
        *team.beginning(),
        e.CandidateSubmitted(1, 3, "a", "t", "s", 1, 1),
        e.CandidateJudged(1, "needs-review", "r", "why"),
    )
    assert names(*judged, e.RunEnded("no-fix", 4, "none")) == ["review"]
    assert names(*team.beginning(), e.RunEnded("no-fix", 4, "none")) == ["ended"]
