"""The board is folded from events, and from nothing else."""

import random
import time
import typing
from pathlib import Path

import pytest

from swarm import events as e
from swarm.blackboard.journal import Entry, read_line
from swarm.blackboard.runs import NewRun
from swarm.blackboard.sqlite import SqliteStore
from swarm.board import Board

STARTED = e.RunStarted("Total is wrong", "issue.md", "abc", "none", 2)


def made_up(number: int, seed: int) -> list[e.Event]:
    """A run in which everything happens, in no sensible order, to things that exist, existed or never did."""
    chance = random.Random(seed)
    some = {
        str: lambda: f"w{chance.randrange(8)}",
        int: lambda: chance.randrange(1, 300),
        float: chance.random,
        bool: lambda: False,
    }

    def value(hint: typing.Any) -> object:
        options = typing.get_args(hint)
        if typing.get_origin(hint) is tuple:
            return tuple(value(options[0]) for _ in range(chance.randrange(3)))
        return value(options[0]) if options else some[hint]()

    hints = {kind: typing.get_type_hints(kind) for kind in e.EVENTS.values()}
    kinds = chance.choices(list(hints), k=number)
    return [kind(**{name: value(hint) for name, hint in hints[kind].items()}) for kind in kinds]


@pytest.mark.parametrize("seed", [1, 2])
def test_ten_thousand_events_fold_to_the_same_board_however_they_come(tmp_path: Path, seed: int):
    events = made_up(10_000, seed)
    assert {type(event) for event in events} == set(e.EVENTS.values())
    whole = Board().after_all(events)
    assert len(whole.tasks) > 100
    assert len(whole.candidates) > 100

    chance, pieces, rest = random.Random(seed), Board(), events
    while rest:
        cut = chance.randrange(1, 500)
        pieces, rest = pieces.after_all(rest[:cut]), rest[cut:]
    assert pieces == whole

    lines = [Entry(position, "r", 1.0, event).line() for position, event in enumerate(events, start=1)]
    assert Board().after_all(read_line(line).event for line in lines) == whole

    store = SqliteStore.open(tmp_path)
    run = store.start_run(NewRun(title="t", issue="i", source="s", base="b", sandbox="none", workers=1)).name
    store.record(run, *events)
    kept = [entry.event for entry in store.entries(run, after=1, limit=20_000)]
    store.close()
    assert kept == events
    assert Board().after_all(kept) == whole


def test_ten_thousand_events_are_folded_in_well_under_a_second():
    events = made_up(10_000, 3)
    begun = time.process_time()
    Board().after_all(events)
    assert time.process_time() - begun < 2  # a tenth of it on an idle machine


def after(*events: e.Event) -> Board:
    return Board().after_all((STARTED, *events))


FULL = (
    e.WorkerStarted("w1", ("fix",)),
    e.WorkerStarted("w2", ("fix",)),
    e.TaskAdded(1, "fix", "goal"),
    e.TaskAdded(2, "fix", "goal", (1,), 1),
    e.TaskClaimed(1, "w1", 1),
    e.AgentBegan("w1", 1, "coder", "openai/gpt-4o"),
    e.WorkerActed("w1", 1, "reads cart.py"),
    e.FindingProposed(1, "located", "cart.py:12", "w1", 1),
    e.FindingWitnessed(1, "w2"),
    e.CandidateSubmitted(1, 1, "w1", "tree", "swap", 1, 1),
    e.CandidateJudged(1, "verified", "all", "green", "t::a", 4, 0),
    e.CandidateChosen(1, "best"),
    e.CapSet("run", 100, None),
    e.BudgetReserved(1, "w1", 50, 5),
    e.RequestMade(1, "pause"),
)


@pytest.mark.parametrize(
    "event",
    [
        STARTED, *(event for event in FULL if not isinstance(event, e.BudgetReserved)), e.RunResumed(),
        e.NeedAdded(2, 1), e.NeedAdded(7, 1), e.TaskClaimed(7, "w7", 1), e.TaskFinished(7, "w7", ""), e.TaskDied(7, ()),
        e.FindingVerified(7, ""), e.CandidateChosen(7, ""), e.CandidateJudged(7, "", "", ""), e.WorkerActed("w2", 1, "late"),
        e.BudgetReleased(7, "w1"), e.CapSet("day", 1, 1), e.RequestAnswered(7, ""), e.TaskCancelled(7, ""),
        e.CommandRan("w1", 1, ("a",), "exited", 0, 0.1), e.StageEntered(""), e.TaskExpired(7, "w2"),
    ],
    ids=lambda event: type(event).__name__,
)  # fmt: skip
def test_an_event_that_changes_nothing_returns_the_same_object(event: e.Event):
    board = after(*FULL)
    for repeated in (e.WorkerStarted, e.TaskAdded, e.TaskClaimed, e.FindingProposed, e.CandidateSubmitted, e.CandidateJudged):
        if isinstance(event, repeated) and event in FULL:
            return  # said twice, these begin the thing anew; the store never does
    assert board.after(event) is board


def test_a_board_is_never_changed_in_place():
    before = after(*FULL)
    tasks = dict(before.tasks)
    assert before.after(e.TaskFinished(1, "w1", "done")) is not before
    assert dict(before.tasks) == tasks
    with pytest.raises(TypeError):
        before.tasks[1] = None


def test_the_story_of_a_run_is_told():
    baseline = e.BaselineMeasured(("pytest",), 3, ("t::a",))
    board = after(e.StageEntered("judge"), baseline, e.RunPaused())
    assert (board.title, board.base, board.state, board.stage, board.baseline) == (
        "Total is wrong",
        "abc",
        "paused",
        "judge",
        baseline,
    )
    board = board.after_all((e.RunResumed(), e.BranchCreated("swarm/x", "c", "abc"), e.RunEnded("verified", 0, "Fixed.")))
    assert (board.state, board.outcome, board.exit_code, board.sentence, board.branch) == (
        "ended",
        "verified",
        0,
        "Fixed.",
        "swarm/x",
    )
    assert board.after(e.RunResumed()).state == "running"


def test_a_task_moves_with_its_worker():
    board = after(*FULL)
    assert (board.tasks[1].state, board.tasks[1].worker, board.workers["w1"].action) == ("claimed", "w1", "reads cart.py")
    done = board.after(e.TaskFinished(1, "w1", "fixed"))
    assert (done.tasks[1].state, done.tasks[1].result, done.workers["w1"].state) == ("done", "fixed", "idle")
    back = board.after(e.TaskGivenBack(1, "w1", "no idea"))
    assert (back.tasks[1].state, back.tasks[1].setbacks, back.workers["w1"].task) == ("ready", ("w1: no idea",), None)
    dead = back.after(e.TaskExpired(1, "w2")).after(e.TaskDied(1, ("a", "b")))
    assert (dead.tasks[1].state, dead.tasks[1].setbacks) == ("dead", ("w1: no idea", "w2: lease expired"))
    assert dead.after(e.TaskRetried(1)).tasks[1].setbacks == ()
    assert board.after(e.TaskSplit(1, "w1", (2,))).tasks[1].state == "split"


def test_a_worker_whose_task_is_cancelled_is_idle_and_one_that_went_on_is_not():
    board = after(*FULL)
    assert board.after(e.TaskCancelled(1, "no")).workers["w1"].state == "idle"
    went_on = board.after(e.TaskClaimed(2, "w1", 1)).after(e.TaskExpired(1, "w1"))
    assert (went_on.workers["w1"].state, went_on.workers["w1"].task) == ("working", 2)


def test_a_need_that_was_added_is_seen():
    assert after(*FULL, e.TaskAdded(3, "fix", "g"), e.NeedAdded(2, 3)).tasks[2].needs == (1, 3)


def test_a_finding_moves_through_its_states():
    board = after(*FULL)
    assert board.findings[1].witnesses == ("w1", "w2")
    steps = (
        (e.FindingVerified(1, "yes"), "verified"),
        (e.FindingReopened(1, 4), "proposed"),
        (e.FindingRejected(1, "no"), "rejected"),
        (e.FindingRefuted(1, "no"), "refuted"),
        (e.FindingSuperseded(1, 2), "superseded"),
    )
    for event, state in steps:
        assert board.after(event).findings[1].state == state


def test_one_candidate_is_chosen_and_none_when_it_has_to_be_judged_again():
    board = after(*FULL, e.CandidateSubmitted(2, 1, "w2", "other", "s", 1, 1))
    assert (board.candidates[1].chosen, board.candidates[1].verdict, board.candidates[1].passed) == (True, "verified", 4)
    other = board.after(e.CandidateChosen(2, "smaller"))
    assert [candidate.chosen for candidate in other.candidates.values()] == [False, True]
    again = board.after(e.CandidateReopened(1, 3)).candidates[1]
    assert (again.chosen, again.verdict, again.passed) == (False, "", 0)


def test_money_is_set_aside_and_spent():
    board = after(*FULL)
    assert (board.budget.money_cap, board.budget.reserved) == (100, {1: (50, 5)})
    spent = board.after(e.BudgetSettled(1, "coder", 30, 3, "w1"))
    assert (spent.budget.money, spent.budget.tokens, spent.budget.reserved) == (30, 3, {})
    assert (spent.workers["w1"].money, spent.workers["w1"].tokens) == (30, 3)
    assert board.after(e.BudgetReleased(1, "w1")).budget.reserved == {}


def test_a_request_is_seen_with_its_answer():
    assert after(*FULL).after(e.RequestAnswered(1, "paused")).requests[1].answer == "paused"


def test_it_is_seen_who_does_a_task_and_with_which_model():
    worker = after(*FULL).workers["w1"]
    assert (worker.agent, worker.model, worker.action) == ("coder", "openai/gpt-4o", "reads cart.py")
    anew = after(*FULL, e.TaskClaimed(2, "w1", 2)).workers["w1"]
    assert (anew.agent, anew.model, anew.action) == ("", "", "")


def test_workers_come_and_go():
    assert after(*FULL, e.WorkerStopped("w1", "end")).workers["w1"].state == "stopped"
