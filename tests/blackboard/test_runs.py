"""Runs, requests and the journal keep their contract."""

import threading
import time
from pathlib import Path

import pytest

from swarm.blackboard.requests import Request, Wish
from swarm.blackboard.runs import NewRun
from swarm.blackboard.store import Store
from swarm.errors import Refused, StoreTrouble, Unknown
from swarm.events import RunEnded, RunResumed, StageEntered, WorkerActed

NEW = NewRun(title="T", issue="I", source="S", base="B", sandbox="none", workers=3, dirty=True, settings='{"a": 1}')


def test_a_run_is_kept_as_it_was_started(store: Store, clock):
    run = store.start_run(NEW)
    assert (run.title, run.issue, run.source, run.base, run.sandbox, run.workers, run.settings) == (
        "T",
        "I",
        "S",
        "B",
        "none",
        3,
        '{"a": 1}',
    )
    assert (run.started, run.alive, run.ended, run.outcome, run.exit_code, run.branch) == (clock(), clock(), None, "", None, "")
    assert len(run.name) == 8
    assert int(run.name, 16) >= 0
    assert store.run(run.name) == run
    (entry,) = store.entries(run.name)
    assert (entry.position, entry.at, entry.run) == (1, clock(), run.name)


def test_runs_are_found_by_name_by_beginning_and_as_the_last_one(store: Store):
    names = [store.start_run(NEW).name for _ in range(40)]
    assert [run.name for run in store.runs()] == names[::-1]
    assert store.run("last").name == names[-1]
    alone = next(name for name in names if sum(other[:4] == name[:4] for other in names) == 1)
    assert store.run(alone[:4]).name == alone
    crowded = next(name[0] for name in names if sum(other[0] == name[0] for other in names) > 1)
    with pytest.raises(Unknown, match="Several begin like that"):
        store.run(crowded)
    for unknown in ("nowhere", "", "%", "_"):
        with pytest.raises(Unknown, match="swarm ls"):
            store.run(unknown)


def test_there_is_no_last_run_before_the_first(store: Store):
    with pytest.raises(Unknown):
        store.run("last")
    assert list(store.runs()) == []


def test_a_run_ends_once(store: Store, run: str, clock, told):
    store.end_run(run, outcome="verified", exit_code=0, sentence="Fixed.", branch="swarm/x")
    ended = store.run(run)
    assert (ended.ended, ended.outcome, ended.exit_code, ended.branch) == (clock(), "verified", 0, "swarm/x")
    store.end_run(run, outcome="failed", exit_code=1, sentence="No.")
    assert store.run(run) == ended
    assert told() == ["RunEnded"]


def test_a_run_that_is_resumed_has_not_ended_and_can_end_again(store: Store, run: str):
    store.end_run(run, outcome="interrupted", exit_code=130, sentence="Stopped.")
    store.record(run, RunResumed())
    assert (store.run(run).ended, store.run(run).exit_code) == (None, None)
    store.end_run(run, outcome="verified", exit_code=0, sentence="Fixed.")
    assert store.run(run).outcome == "verified"
    names = [type(entry.event).__name__ for entry in store.follow(run)]
    assert names == ["RunStarted", "RunEnded", "RunResumed", "RunEnded"]


def test_a_sign_of_life_is_noted_and_is_no_event(store: Store, run: str, clock, told):
    clock.passes(10)
    store.sign_of_life(run)
    assert (store.run(run).alive, store.run(run).started) == (clock(), clock() - 10)
    assert told() == []


def test_a_wish_is_open_until_it_is_answered_once(store: Store, run: str, told):
    pause = store.request(run, Wish.PAUSE)
    nudge = store.request(run, Wish.NUDGE, target="w1", text="look at cart.py")
    assert nudge == Request(run=run, number=2, wish=Wish.NUDGE, target="w1", text="look at cart.py", answer="")
    assert store.open_requests(run) == [pause, nudge]
    with pytest.raises(Refused, match="words"):
        store.answer(run, 1, "")
    store.answer(run, 1, "paused")
    with pytest.raises(Refused, match="paused"):
        store.answer(run, 1, "again")
    with pytest.raises(Unknown, match="request 3"):
        store.answer(run, 3, "what?")
    assert store.open_requests(run) == [nudge]
    assert told() == ["RequestMade", "RequestMade", "RequestAnswered"]


def test_entries_are_read_in_order_from_any_position(store: Store, run: str, start):
    other = start()
    for number in range(25):
        store.record(run if number % 2 else other, WorkerActed("w", number, "step"))
    store.record(run, *(StageEntered(str(number)) for number in range(5)))
    entries = store.entries(run)
    assert [entry.position for entry in entries] == list(range(1, 1 + 12 + 5 + 1))
    assert store.entries(run, after=3, limit=4) == list(entries[3:7])
    assert list(store.entries(run, after=18)) == []
    with pytest.raises(Unknown):
        store.entries("nowhere")


def test_nothing_is_recorded_for_an_unknown_run(store: Store):
    with pytest.raises(Unknown):
        store.record("nowhere", StageEntered("x"))


def test_following_yields_every_entry_once_and_ends_with_the_run(store: Store, open_store, run: str):
    seen, delays = [], []

    def follow() -> None:
        for entry in store.follow(run):
            seen.append(entry)
            if isinstance(entry.event, WorkerActed):
                delays.append(time.monotonic() - float(entry.event.action))

    follower = threading.Thread(target=follow)
    follower.start()
    writers = [threading.Thread(target=acts, args=(open_store(), run, name)) for name in ("a", "b")]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert follower.is_alive()
    store.end_run(run, outcome="x", exit_code=0, sentence="")
    follower.join(10)
    assert not follower.is_alive()
    assert seen == store.entries(run)
    assert sorted(delays)[len(delays) // 2] < 0.1


def acts(store: Store, run: str, worker: str) -> None:
    for number in range(30):
        store.record(run, WorkerActed(worker, number, str(time.monotonic())))
        time.sleep(0.01)


def test_following_an_ended_run_from_its_end_ends_at_once(store: Store, run: str):
    store.end_run(run, outcome="x", exit_code=0, sentence="")
    last = store.entries(run)[-1].position
    assert list(store.follow(run, after=last)) == []
    assert [type(entry.event) for entry in store.follow(run, after=last - 1)] == [RunEnded]
    with pytest.raises(Unknown):
        next(store.follow("nowhere"))


def test_following_costs_next_to_nothing_while_nothing_happens(store: Store, run: str):
    follower = threading.Thread(target=lambda: list(store.follow(run)))
    follower.start()
    time.sleep(0.2)
    before = time.process_time()
    time.sleep(1.0)
    assert time.process_time() - before < 0.05
    store.end_run(run, outcome="x", exit_code=0, sentence="")
    follower.join(10)
    assert not follower.is_alive()


def test_a_follower_is_told_when_the_store_is_closed(open_store):
    store = open_store()
    following = store.follow(store.start_run(NEW).name)
    next(following)
    threading.Timer(0.1, store.close).start()
    with pytest.raises(StoreTrouble, match="closed"):
        next(following)


def test_more_entries_than_a_batch_are_followed_to_the_end(store: Store, run: str):
    store.record(run, *(WorkerActed("w", number, "") for number in range(2500)))
    store.end_run(run, outcome="x", exit_code=0, sentence="")
    assert [entry.position for entry in store.follow(run)] == list(range(1, 2503))


def test_sixteen_threads_share_one_store(store: Store, run: str):
    failures: list[BaseException] = []

    def work(worker: str) -> None:
        try:
            for number in range(20):
                store.record(run, WorkerActed(worker, number, "step"))
                store.entries(run, limit=5)
        except BaseException as error:
            failures.append(error)
            raise

    threads = [threading.Thread(target=work, args=(f"w{number}",)) for number in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    steps = [entry.event.task for entry in store.entries(run, limit=1000) if isinstance(entry.event, WorkerActed)]
    assert sorted(steps) == sorted(list(range(20)) * 16)


def test_what_was_written_is_there_when_the_store_is_opened_again(open_store, tmp_path: Path):
    first = open_store(tmp_path / "s")
    run = first.start_run(NEW)
    first.close()
    first.close()
    assert open_store(tmp_path / "s").runs() == [run]
