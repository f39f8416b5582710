"""Joining a long run: the board of this moment from a part of the journal."""

import random
import threading
from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from swarm import events as e
from swarm.blackboard.runs import NewRun
from swarm.blackboard.store import Store
from swarm.board import Board
from tui.following import follow
from tui.given import Moment
from tui.pace import Pace

WORKERS = ("w1", "w2", "w3")


def happening(choice: random.Random) -> e.Event:
    """Anything that moves a worker, or leaves no trace."""
    worker, task = choice.choice(WORKERS), choice.randint(1, 3)
    return choice.choice(
        (
            e.WorkerActed(worker, task, f"does {choice.random()}"),
            e.WorkerActed(worker, task, f"does {choice.random()}"),
            e.TaskClaimed(task, worker, 1),
            e.TaskFinished(task, worker, "done"),
            e.TaskCancelled(task, "not wanted"),
            e.WorkerStopped(worker, "over"),
            e.WorkerStarted(worker, ("fix",)),
            e.Conversed(worker, task, "[]"),
            e.CommandRan(worker, task, ("true",), "exited", 0, 0.1),
            e.BudgetSettled(1, worker, 5, 5),
        )
    )


def happenings(seed: int, count: int = 60) -> list[e.Event]:
    choice = random.Random(seed)
    begun = [e.TaskAdded(number, "fix", "g") for number in (1, 2, 3)]
    return [*begun, *(happening(choice) for _ in range(count))]


@given(st.integers(0, 10**9))
def test_events_in_a_batch_make_the_board_that_they_make_one_by_one(seed: int) -> None:
    events, board = happenings(seed), Board()
    for event in events:
        board = board.after(event)

    assert Board().after_all(events) == board


def test_what_stands_makes_the_same_board_as_all_that_happened(store: Store) -> None:
    for seed in range(20):
        run = store.start_run(NewRun(title="t", issue="t", source="s", base="0" * 40, sandbox="none", workers=3)).name
        store.record(run, *happenings(seed))
        stood, all_of_it = store.standing(run), store.entries(run)
        board = Board()
        for entry in all_of_it:
            board = board.after(entry.event)

        assert Board().after_all(entry.event for entry in stood) == board
        assert len(stood) < len(all_of_it)
        assert [entry.position for entry in stood] == sorted(entry.position for entry in stood)


def test_who_joins_is_told_the_last_of_the_log_and_then_whatever_happens_next(store: Store) -> None:
    run = store.start_run(NewRun(title="t", issue="t", source="s", base="0" * 40, sandbox="none", workers=3)).name
    store.record(run, *happenings(1, 500))
    over, told = threading.Event(), list[tuple[Board, list[int]]]()

    def moments(after: int, limit: int) -> list[Moment]:
        return [Moment(entry.position, 0.0, entry.event) for entry in store.entries(run, after, limit)]

    def standing() -> list[Moment]:
        return [Moment(entry.position, 0.0, entry.event) for entry in store.standing(run)]

    def tell(board: Board, _: Pace, news: Sequence[Moment]) -> None:
        told.append((board, [moment.position for moment in news]))
        if len(told) == 1:
            store.record(run, e.WorkerActed("w1", 1, "the last"))
        elif news[-1].event == e.WorkerActed("w1", 1, "the last"):
            over.set()

    follow(moments, over, tell, kept=100, standing=standing)

    first, rest = told[0][1], [position for _, positions in told[1:] for position in positions]
    last = store.entries(run)[-1].position
    assert len(first) == 100
    assert told[-1][0] == Board().after_all(entry.event for entry in store.entries(run))
    assert [*first, *rest] == list(range(first[0], last + 1))
