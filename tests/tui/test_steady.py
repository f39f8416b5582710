"""The line that comes when nothing else does."""

from swarm import events as e
from tui.steady import Steady


def begun(done: str = "") -> Steady:
    steady = Steady(lambda: done)
    steady.take_in(0.0, e.RunStarted("t", "text", "0" * 40, "bubblewrap", 2))
    steady.take_in(1.0, e.StageEntered("baseline", "the tests are run"))
    return steady


def working() -> Steady:
    steady = begun("14 of 33 tests done, 120 edits tried")
    for number in (1, 2):
        steady.take_in(20.0, e.WorkerStarted(f"w{number}", ("fix",)))
        steady.take_in(20.0, e.TaskAdded(number, "fix", "search"))
        steady.take_in(20.0, e.TaskClaimed(number, f"w{number}", 1))
    steady.take_in(22.0, e.WorkerActed("w1", 1, "tries 797 edits (values)"))
    return steady


def test_a_long_baseline_is_told_of_every_ten_seconds_with_the_tests_done() -> None:
    steady = begun("12 of 33 tests done")

    assert steady.line(10.9) == ""
    assert steady.line(11.0) == "   11.0s  still at stage baseline for 10 s (12 of 33 tests done)"
    assert steady.line(20.9) == ""
    assert steady.line(21.0) == "   21.0s  still at stage baseline for 20 s (12 of 33 tests done)"


def test_every_worker_is_told_of_with_what_it_does_and_since_when() -> None:
    assert working().line(40.0) == (
        "   40.0s  still w1 t1: tries 797 edits (values) for 18 s; w2 t2: begins for 20 s (14 of 33 tests done, 120 edits tried)"
    )


def test_whatever_else_is_told_puts_it_off() -> None:
    steady = working()
    steady.take_in(31.0, e.TaskFinished(2, "w2", "nothing"))

    assert steady.line(32.0) == ""
    assert "w2" not in steady.line(41.0)


def test_nothing_is_said_before_a_run_begins_and_after_it_has_ended() -> None:
    steady = working()
    steady.take_in(50.0, e.RunEnded("fixed", 0, "done"))

    assert steady.line(500.0) == ""
    assert Steady().line(500.0) == ""
