"""Writers take turns, and nobody who is stopped in the queue stops the others."""

import fcntl
import os
import signal
import struct
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from swarm.blackboard.turnstile import Moments, ThreadQueue, Turnstile


def test_threads_get_the_lock_in_the_order_in_which_they_asked():
    queue, order = ThreadQueue(), []

    def stand(number: int) -> None:
        with queue:
            order.append(number)

    threads = [threading.Thread(target=stand, args=(number,)) for number in range(20)]
    with queue:
        for number, thread in enumerate(threads, start=1):
            thread.start()
            while len(queue._waiting) < number:
                time.sleep(0.001)
    for thread in threads:
        thread.join()
    assert order == list(range(20))


def test_the_lock_is_passed_on_when_its_holder_fails():
    queue = ThreadQueue()
    with pytest.raises(ZeroDivisionError), queue:
        raise ZeroDivisionError
    with queue:
        pass


def test_whoever_came_through_has_its_turn_for_a_while(tmp_path: Path):
    turnstile = Turnstile(tmp_path / "t", turn=0.05)
    assert not turnstile.has_turn
    with turnstile.head():
        pass
    assert turnstile.has_turn
    time.sleep(0.06)
    assert not turnstile.has_turn
    turnstile.close()


def test_one_at_a_time_is_at_the_head(tmp_path: Path):
    inside, most = [0], [0]

    def pass_through() -> None:
        turnstile = Turnstile(tmp_path / "t", patience=30)
        for _ in range(20):
            with turnstile.head():
                inside[0] += 1
                most[0] = max(most[0], inside[0])
                inside[0] -= 1
        turnstile.close()

    threads = [threading.Thread(target=pass_through) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == [1]


def test_a_process_stopped_at_the_head_delays_the_others_only_once(tmp_path: Path):
    held = os.open(tmp_path / "t", os.O_RDWR | os.O_CREAT)
    fcntl.flock(held, fcntl.LOCK_EX)
    turnstile = Turnstile(tmp_path / "t", patience=0.2)
    begun = time.monotonic()
    with turnstile.head():
        first = time.monotonic() - begun
    with turnstile.head():
        second = time.monotonic() - begun - first
    assert first >= 0.2
    assert second < 0.1
    os.close(held)
    time.sleep(0.1)
    with turnstile.head(), pytest.raises(BlockingIOError), (tmp_path / "t").open() as other:
        fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)
    turnstile.close()


def test_a_turnstile_can_be_closed_while_it_still_waits_in_vain(tmp_path: Path):
    held = os.open(tmp_path / "t", os.O_RDWR | os.O_CREAT)
    fcntl.flock(held, fcntl.LOCK_EX)
    turnstile = Turnstile(tmp_path / "t", patience=0.05)
    with turnstile.head():
        pass
    turnstile.close()
    waiting = [thread for thread in threading.enumerate() if thread.name == "turnstile"]
    assert len(waiting) == 1
    os.close(held)
    waiting[0].join(5)
    assert not waiting[0].is_alive()


def test_a_process_killed_at_the_head_is_out_of_the_way_at_once(tmp_path: Path):
    locks = "import sys, fcntl; file = open(sys.argv[1], 'w'); fcntl.flock(file, fcntl.LOCK_EX)"
    holds = f"{locks}; print('held', flush=True); sys.stdin.read()"
    argv = [sys.executable, "-c", holds, str(tmp_path / "t")]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, stdin=subprocess.PIPE, text=True) as holder:
        assert holder.stdout
        assert holder.stdout.readline() == "held\n"
        threading.Timer(0.1, lambda: os.kill(holder.pid, signal.SIGKILL)).start()
        turnstile = Turnstile(tmp_path / "t", patience=20)
        begun = time.monotonic()
        with turnstile.head():
            assert 0.05 < time.monotonic() - begun < 5
        turnstile.close()


def test_a_turn_that_is_used_goes_on_for_half_of_its_time_before_the_next_one_begins(tmp_path: Path):
    with (tmp_path / "t").open("w+b") as file:
        moments = Moments(file.fileno())
        moments.let_in(100.0)
        for now in (100.0, 100.005, 100.01, 100.0149):
            moments.used(now)
            assert 0 < moments.pause(now, 0.015) <= 0.001
        moments.used(100.015)
        assert moments.pause(100.0151, 0.015) == 0
        moments.close()


def test_a_turn_that_is_not_used_for_a_moment_is_given_to_the_next_one(tmp_path: Path):
    with (tmp_path / "t").open("w+b") as file:
        moments = Moments(file.fileno())
        moments.let_in(100.0)
        assert moments.pause(100.0009, 0.015) > 0
        assert moments.pause(100.0011, 0.015) == 0
        moments.close()


def test_who_queues_goes_in_at_once_where_nobody_uses_his_turn(tmp_path: Path):
    first, second = Turnstile(tmp_path / "t", turn=60), Turnstile(tmp_path / "t", turn=60)
    with first.head():
        pass
    begun = time.monotonic()
    with second.head():
        assert time.monotonic() - begun < 5
    first.close()
    second.close()


@pytest.mark.parametrize("left", [b"", b"abc", b"\xff" * 16, struct.pack("=dd", 1e18, 1e18)])
def test_what_another_start_of_the_machine_left_in_the_file_stops_nobody(tmp_path: Path, left: bytes):
    (tmp_path / "t").write_bytes(left)
    turnstile = Turnstile(tmp_path / "t", turn=60)
    with turnstile.head():
        pass
    assert turnstile.has_turn
    turnstile.close()
