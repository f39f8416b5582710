"""The queue keeps its contract."""

import itertools
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from swarm.blackboard.store import Store
from swarm.blackboard.tasks import Lease, NewTask, Task, TaskCaps, TaskState
from swarm.errors import CyclicNeeds, Refused, StaleLease, TooDeep, TooManyTasks, Unknown

Told = Callable[[], list[str]]


def fix(goal: str = "fix it", *, needs: tuple[int, ...] = (), priority: int = 0, parent: int | None = None) -> NewTask:
    return NewTask(kind="fix", goal=goal, needs=needs, priority=priority, parent=parent)


def claim(store: Store, run: str, worker: str = "w1", kinds: tuple[str, ...] = ("fix",)) -> tuple[Task, Lease]:
    claimed = store.claim(run, worker, kinds, lease_seconds=30)
    assert claimed is not None
    return claimed


def offered(store: Store, run: str) -> list[int]:
    """The numbers of the tasks on offer, in the order in which they are handed out."""
    claims = (store.claim(run, "counter", ["fix"], lease_seconds=1000) for _ in itertools.count())
    return [claimed[0].number for claimed in itertools.takewhile(lambda claimed: claimed is not None, claims) if claimed]


def states(store: Store, run: str) -> list[str]:
    return [task.state.value for task in store.tasks(run)]


def test_a_task_is_kept_as_it_was_added(store: Store, run: str, told: Told):
    first = store.add_task(run, fix("first"))
    new = NewTask(kind="fix", goal="two\nlines, ünïcode \x00 and nul", needs=(1,), priority=-3, parent=1, payload='{"a": 1}')
    second = store.add_task(run, new)
    assert store.task(run, 2) == second
    assert [first, second] == list(store.tasks(run))
    assert (second.goal, second.needs, second.priority, second.parent, second.depth) == (new.goal, (1,), -3, 1, 1)
    assert (second.state, second.token, second.worker, second.payload) == (TaskState.READY, 0, "", '{"a": 1}')
    assert told() == ["TaskAdded", "TaskAdded"]


def test_tasks_are_numbered_in_each_run_from_one(store: Store, start: Callable[[], str]):
    runs = [start(), start()]
    assert [store.add_task(run, fix()).number for run in (*runs, *runs)] == [1, 1, 2, 2]


def test_a_task_is_claimed_once(store: Store, run: str, told: Told):
    store.add_task(run, fix())
    task, lease = claim(store, run, "w1")
    assert (task.state, task.worker, task.token) == (TaskState.CLAIMED, "w1", 1)
    assert lease == Lease(run, 1, "w1", 1, 1_000_030.0)
    assert store.claim(run, "w2", ["fix"], lease_seconds=30) is None
    assert store.task(run, 1) == task
    assert told() == ["TaskAdded", "TaskClaimed"]


def test_the_most_urgent_task_is_offered_first_and_the_oldest_of_these(store: Store, run: str):
    for priority in (0, 5, -1, 5, 0):
        store.add_task(run, fix(priority=priority))
    assert offered(store, run) == [2, 4, 1, 5, 3]


def test_what_expired_is_offered_before_what_is_urgent(store: Store, run: str, clock):
    store.add_task(run, fix())
    claim(store, run)
    store.add_task(run, fix(priority=9))
    clock.passes(31)
    assert offered(store, run) == [1, 2]


def test_a_worker_is_offered_the_best_of_the_kinds_it_knows(store: Store, run: str):
    for kind, priority in (("plan", 1), ("fix", 2), ("locate", 3)):
        store.add_task(run, NewTask(kind=kind, goal="g", priority=priority))
    assert claim(store, run, kinds=("fix", "plan", "fix"))[0].kind == "fix"
    assert claim(store, run, kinds=("fix", "plan"))[0].kind == "plan"
    assert store.claim(run, "w", ("fix", "plan"), lease_seconds=1) is None
    assert store.claim(run, "w", (), lease_seconds=1) is None


def test_a_task_waits_until_all_its_needs_are_done(store: Store, run: str):
    store.add_task(run, fix())
    store.add_task(run, fix())
    store.add_task(run, fix(needs=(1, 2), priority=9))
    leases = [claim(store, run)[1], claim(store, run)[1]]
    assert offered(store, run) == []
    store.finish(leases[0], "a")
    assert offered(store, run) == []
    store.finish(leases[1], "b")
    assert offered(store, run) == [3]


def test_what_waited_for_a_task_can_be_claimed_as_that_task_is_finished(store: Store, run: str, told: Told):
    store.add_task(run, fix())
    store.add_task(run, fix(needs=(1,)))
    lease = claim(store, run, "w1")[1]
    told()
    claimed = store.exchange(lease, "a", ("fix",), lease_seconds=30)
    assert claimed
    assert (claimed[0].number, claimed[1].worker) == (2, "w1")
    assert store.task(run, 1).result == "a"
    assert told() == ["TaskFinished", "TaskClaimed"]
    assert store.exchange(claimed[1], "b", ("fix",), lease_seconds=30) is None
    assert store.open_tasks(run) == 0


def test_a_need_that_is_done_already_is_no_reason_to_wait(store: Store, run: str):
    store.add_task(run, fix())
    store.finish(claim(store, run)[1], "")
    store.add_task(run, fix(needs=(1,)))
    assert offered(store, run) == [2]


def test_a_ready_task_can_be_made_to_wait(store: Store, run: str, told: Told):
    store.add_task(run, fix())
    store.add_task(run, fix())
    told()
    store.add_need(run, 1, 2)
    store.add_need(run, 1, 2)
    assert told() == ["NeedAdded"]
    assert store.task(run, 1).needs == (2,)
    store.finish(claim(store, run)[1], "")
    assert store.task(run, 2).state is TaskState.DONE
    assert offered(store, run) == [1]


def test_a_task_that_somebody_does_already_cannot_be_made_to_wait(store: Store, run: str):
    store.add_task(run, fix())
    store.add_task(run, fix())
    claim(store, run)
    with pytest.raises(Refused, match="claimed"):
        store.add_need(run, 1, 2)


def test_unknown_needs_and_parents_are_refused(store: Store, run: str, told: Told):
    for new in (fix(needs=(7,)), fix(parent=7)):
        with pytest.raises(Unknown, match="t7"):
            store.add_task(run, new)
    store.add_task(run, fix())
    with pytest.raises(Unknown, match="t7"):
        store.add_need(run, 1, 7)
    assert told() == ["TaskAdded"]
    assert states(store, run) == ["ready"]


def test_tasks_cannot_wait_for_each_other(store: Store, run: str):
    store.add_task(run, fix())
    store.add_task(run, fix(needs=(1,)))
    store.add_task(run, fix(needs=(2,)))
    for need in (1, 2, 3):
        with pytest.raises(CyclicNeeds):
            store.add_need(run, 1, need)
    assert store.task(run, 1).needs == ()


def test_the_parts_of_a_task_cannot_need_the_task_or_what_waits_for_it(store: Store, run: str, told: Told):
    store.add_task(run, fix())
    store.add_task(run, fix(needs=(1,)))
    lease = claim(store, run)[1]
    told()
    for need in (1, 2):
        with pytest.raises(CyclicNeeds):
            store.split(lease, [fix(), fix(needs=(need,))])
    assert told() == []
    assert states(store, run) == ["claimed", "ready"]
    store.split(lease, [fix()])
    with pytest.raises(CyclicNeeds):
        store.add_task(run, fix(parent=1, needs=(2,)))
    with pytest.raises(CyclicNeeds):
        store.add_need(run, 3, 2)


def test_a_finished_task_keeps_its_result(store: Store, run: str, told: Told):
    store.add_task(run, fix())
    lease = claim(store, run)[1]
    store.finish(lease, "it was the comma")
    assert (store.task(run, 1).state, store.task(run, 1).result) == (TaskState.DONE, "it was the comma")
    assert told() == ["TaskAdded", "TaskClaimed", "TaskFinished"]
    with pytest.raises(StaleLease):
        store.finish(lease, "again")
    assert store.task(run, 1).result == "it was the comma"


def test_a_task_given_back_is_offered_again_with_the_reason(store: Store, run: str, told: Told):
    store.add_task(run, fix())
    store.give_back(claim(store, run, "w1")[1], "no idea")
    assert store.task(run, 1).setbacks == ("w1: no idea",)
    assert claim(store, run, "w2")[0].token == 2
    assert told() == ["TaskAdded", "TaskClaimed", "TaskGivenBack", "TaskClaimed"]


def test_a_task_given_back_or_expired_three_times_is_dead_with_its_reasons(store: Store, run: str, clock, told: Told):
    store.add_task(run, fix())
    store.give_back(claim(store, run, "w1")[1], "no idea")
    claim(store, run, "w2")
    clock.passes(31)
    store.give_back(claim(store, run, "w3")[1], "too hard")
    assert store.claim(run, "w4", ["fix"], lease_seconds=1) is None
    task = store.task(run, 1)
    assert (task.state, task.setbacks) == (TaskState.DEAD, ("w1: no idea", "w2: lease expired", "w3: too hard"))
    assert told()[-2:] == ["TaskGivenBack", "TaskDied"]
    assert store.open_tasks(run) == 0


def test_a_task_whose_last_lease_expires_is_dead(store: Store, run: str, clock, told: Told):
    store.add_task(run, fix())
    for _ in range(3):
        claim(store, run)
        clock.passes(31)
    told()
    assert store.claim(run, "w", ["fix"], lease_seconds=1) is None
    assert told() == ["TaskExpired", "TaskDied"]


def test_a_renewed_lease_does_not_expire(store: Store, run: str, clock):
    store.add_task(run, fix())
    lease = claim(store, run)[1]
    for _ in range(5):
        clock.passes(29)
        assert offered(store, run) == []
        lease = store.renew(lease, lease_seconds=30)
    assert lease.until == clock() + 30
    store.finish(lease, "")


def test_a_late_worker_is_refused_everything_once_somebody_else_holds_the_task(store: Store, run: str, clock, told: Told):
    store.add_task(run, fix())
    late = claim(store, run, "w1")[1]
    clock.passes(31)
    held = claim(store, run, "w1")[1]
    assert held.token > late.token
    told()
    writes: list[Callable[[], object]] = [
        lambda: store.finish(late, "late"),
        lambda: store.exchange(late, "late", ("fix",), lease_seconds=30),
        lambda: store.give_back(late, "late"),
        lambda: store.renew(late, lease_seconds=30),
        lambda: store.split(late, [fix()]),
    ]
    for write in writes:
        with pytest.raises(StaleLease):
            write()
    assert told() == []
    store.finish(held, "in time")
    assert store.task(run, 1).result == "in time"


def test_a_lease_that_ran_out_still_counts_as_long_as_nobody_else_took_the_task(store: Store, run: str, clock):
    store.add_task(run, fix())
    lease = claim(store, run)[1]
    clock.passes(3600)
    store.finish(lease, "slow, but first")
    assert store.task(run, 1).state is TaskState.DONE


def test_a_lease_of_another_worker_or_another_run_is_refused(store: Store, run: str, start: Callable[[], str]):
    store.add_task(run, fix())
    lease = claim(store, run, "w1")[1]
    for forged in (Lease(run, 1, "w2", lease.token, lease.until), Lease(start(), 1, "w1", lease.token, lease.until)):
        with pytest.raises(StaleLease):
            store.finish(forged, "")


def test_what_needs_a_split_task_waits_for_all_its_parts_and_theirs(store: Store, run: str, told: Told):
    store.add_task(run, fix())
    store.add_task(run, fix(needs=(1,)))
    told()
    parts = store.split(claim(store, run)[1], [fix("a"), fix("b")])
    assert told() == ["TaskClaimed", "TaskAdded", "TaskAdded", "TaskSplit"]
    assert [(part.number, part.parent, part.depth) for part in parts] == [(3, 1, 1), (4, 1, 1)]
    store.finish(claim(store, run)[1], "")
    assert [part.number for part in store.split(claim(store, run)[1], [fix("c"), fix("d")])] == [5, 6]
    store.finish(claim(store, run)[1], "")
    assert states(store, run) == ["split", "ready", "done", "split", "done", "ready"]
    last = claim(store, run)
    assert last[0].number == 6
    assert offered(store, run) == []
    store.finish(last[1], "")
    assert offered(store, run) == [2]


def test_a_task_added_below_a_split_one_is_waited_for_as_well(store: Store, run: str):
    store.add_task(run, fix())
    store.add_task(run, fix(needs=(1,)))
    store.split(claim(store, run)[1], [fix()])
    store.add_task(run, fix(parent=1))
    store.finish(claim(store, run)[1], "")
    late = claim(store, run)
    assert (late[0].number, offered(store, run)) == (4, [])
    store.finish(late[1], "")
    assert offered(store, run) == [2]


def test_a_need_of_a_task_that_is_split_and_done_is_met(store: Store, run: str):
    store.add_task(run, fix())
    store.split(claim(store, run)[1], [fix()])
    store.finish(claim(store, run)[1], "")
    store.add_task(run, fix(needs=(1,)))
    assert offered(store, run) == [3]


def test_nothing_can_be_split_into_nothing(store: Store, run: str):
    store.add_task(run, fix())
    with pytest.raises(Refused, match="nothing"):
        store.split(claim(store, run)[1], [])


def test_what_needs_a_dead_task_is_cancelled_with_the_reason(store: Store, run: str, told: Told):
    store.add_task(run, fix())
    store.add_task(run, fix(needs=(1,)))
    store.add_task(run, fix(needs=(2,)))
    store.add_task(run, fix())
    for _ in range(3):
        store.give_back(claim(store, run)[1], "no")
    assert states(store, run) == ["dead", "cancelled", "cancelled", "ready"]
    assert store.task(run, 2).result == "it needs t1, which is dead"
    assert store.task(run, 3).result == "it needs t2, and that needs t1, which is dead"
    assert told()[-3:] == ["TaskDied", "TaskCancelled", "TaskCancelled"]


def test_what_needs_a_split_task_is_cancelled_when_a_part_of_it_dies(store: Store, run: str):
    store.add_task(run, fix())
    store.add_task(run, fix(needs=(1,)))
    store.split(claim(store, run)[1], [fix(), fix()])
    for _ in range(3):
        store.give_back(claim(store, run)[1], "no")
    assert states(store, run) == ["split", "cancelled", "dead", "ready"]
    assert "t3, which is dead" in store.task(run, 2).result


def test_cancelling_a_task_fences_off_its_worker_and_cancels_what_needs_it(store: Store, run: str, told: Told):
    store.add_task(run, fix())
    store.add_task(run, fix(needs=(1,)))
    lease = claim(store, run)[1]
    told()
    store.cancel(run, 1, "not wanted")
    assert told() == ["TaskCancelled", "TaskCancelled"]
    assert [task.result for task in store.tasks(run)] == ["not wanted", "it needs t1, which was cancelled: not wanted"]
    with pytest.raises(StaleLease):
        store.finish(lease, "")
    store.cancel(run, 1, "again")
    assert told() == []
    assert store.open_tasks(run) == 0


def test_cancelling_a_split_task_cancels_its_open_parts(store: Store, run: str):
    store.add_task(run, fix())
    store.split(claim(store, run)[1], [fix(), fix()])
    store.finish(claim(store, run)[1], "")
    held = claim(store, run)[1]
    store.cancel(run, 1, "not wanted")
    assert states(store, run) == ["cancelled", "done", "cancelled"]
    with pytest.raises(StaleLease):
        store.renew(held, lease_seconds=1)


def test_what_is_done_cannot_be_cancelled(store: Store, run: str):
    store.add_task(run, fix())
    store.finish(claim(store, run)[1], "")
    with pytest.raises(Refused, match="done"):
        store.cancel(run, 1, "too late")


def test_a_long_chain_of_needs_is_cancelled_to_its_end(store: Store, run: str):
    store.add_task(run, fix())
    for number in range(1, 400):
        store.add_task(run, fix(needs=(number,)))
    store.cancel(run, 1, "not wanted")
    assert set(states(store, run)) == {"cancelled"}


def test_a_dead_or_cancelled_task_can_be_retried_with_its_setbacks_forgotten(store: Store, run: str, told: Told):
    store.add_task(run, fix())
    for _ in range(3):
        store.give_back(claim(store, run)[1], "no")
    store.retry(run, 1)
    assert told()[-1] == "TaskRetried"
    task, lease = claim(store, run)
    assert (task.setbacks, task.token) == ((), 4)
    with pytest.raises(Refused, match="claimed"):
        store.retry(run, 1)
    store.finish(lease, "")
    with pytest.raises(Refused, match="done"):
        store.retry(run, 1)


def test_a_retried_task_waits_for_its_needs_as_they_are_now(store: Store, run: str):
    store.add_task(run, fix())
    store.add_task(run, fix())
    store.add_task(run, fix(needs=(1, 2)))
    store.cancel(run, 1, "no")
    with pytest.raises(Refused, match="Retry t1 first"):
        store.retry(run, 3)
    store.retry(run, 1)
    store.finish(claim(store, run)[1], "")
    store.retry(run, 3)
    store.finish(claim(store, run)[1], "")
    assert offered(store, run) == [3]


def test_a_retried_part_still_counts_for_what_waits_for_the_whole(store: Store, run: str):
    store.add_task(run, fix())
    store.split(claim(store, run)[1], [fix(), fix()])
    store.cancel(run, 2, "no")
    with pytest.raises(Refused, match="t2 is cancelled"):
        store.add_task(run, fix(needs=(1,)))
    store.retry(run, 2)
    store.add_task(run, fix(needs=(1,)))
    for _ in range(2):
        store.finish(claim(store, run)[1], "")
    assert offered(store, run) == [4]


def test_a_split_task_that_was_cancelled_is_offered_whole_again(store: Store, run: str):
    store.add_task(run, fix())
    store.split(claim(store, run)[1], [fix(), fix()])
    store.cancel(run, 1, "no")
    store.retry(run, 1)
    store.add_task(run, fix(needs=(1,)))
    whole = claim(store, run)
    assert (whole[0].number, offered(store, run)) == (1, [])
    store.finish(whole[1], "")
    assert offered(store, run) == [4]


def test_a_run_has_no_more_tasks_than_its_cap(open_store, start):
    store = open_store(caps=TaskCaps(tasks=3))
    run = start()
    store.add_task(run, fix())
    with pytest.raises(TooManyTasks, match="3 tasks"):
        store.split(claim(store, run)[1], [fix(), fix(), fix()])
    assert states(store, run) == ["claimed"]
    store.add_task(run, fix())
    store.add_task(run, fix())
    with pytest.raises(TooManyTasks, match="3 tasks"):
        store.add_task(run, fix())


def test_tasks_are_not_split_deeper_than_the_cap(open_store, start):
    store = open_store(caps=TaskCaps(depth=2))
    run = start()
    store.add_task(run, fix())
    for _ in range(2):
        store.split(claim(store, run)[1], [fix()])
    lease = claim(store, run)[1]
    with pytest.raises(TooDeep, match="t3 is already 2 splits deep"):
        store.split(lease, [fix()])
    with pytest.raises(TooDeep):
        store.add_task(run, fix(parent=3))
    store.finish(lease, "")


def test_open_tasks_are_those_that_are_ready_or_claimed(store: Store, run: str):
    for needs in ((), (), (1,), ()):
        store.add_task(run, fix(needs=needs))
    claim(store, run)
    assert store.open_tasks(run) == 4
    store.finish(claim(store, run)[1], "")
    assert store.open_tasks(run) == 3
    store.cancel(run, 1, "no")
    assert store.open_tasks(run) == 1


def test_an_unknown_run_or_task_is_refused_by_name(store: Store, run: str):
    asks: list[Callable[[], object]] = [
        lambda: store.add_task("nowhere", fix()),
        lambda: store.claim("nowhere", "w", ["fix"], lease_seconds=1),
        lambda: store.tasks("nowhere"),
        lambda: store.open_tasks("nowhere"),
        lambda: store.task("nowhere", 1),
    ]
    for ask in asks:
        with pytest.raises(Unknown, match="run 'nowhere'"):
            ask()
    for ask in (lambda: store.task(run, 5), lambda: store.cancel(run, 5, ""), lambda: store.retry(run, 5)):
        with pytest.raises(Unknown, match="task t5"):
            ask()


def test_text_that_is_no_unicode_is_refused_and_nothing_is_changed(store: Store, run: str, told: Told):
    with pytest.raises(Refused, match="no Unicode"):
        store.add_task(run, fix("broken \udcff"))
    assert told() == []
    assert store.add_task(run, fix()).number == 1


def test_one_of_ten_thousand_tasks_is_claimed_without_looking_at_the_others(open_store, start):
    """Counted in steps of the database, not in seconds."""
    store = open_store(caps=TaskCaps(tasks=10_000))
    run = start()
    steps: list[int] = []
    for size in (300, 10_000):
        with store._database.changing() as change:
            while (number := change.value("next_task", run=run)) <= size:
                waits = (number - 1,) if number % 2 == 0 else ()
                store._add(change, run, NewTask(kind="fix", goal="g", needs=waits, priority=number % 7))
        with counted_steps(store) as count:
            claim(store, run, kinds=("fix", "locate"))
        steps.append(len(count))
    assert 0 < steps[1] < steps[0] * 1.5


@contextmanager
def counted_steps(store) -> Iterator[list[int]]:
    count: list[int] = []

    def step() -> bool:
        count.append(1)
        return False

    store._database._writer.set_progress_handler(step, 1)
    yield count
    store._database._writer.set_progress_handler(None)
