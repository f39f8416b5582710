"""The turnstile: writers take turns, between the threads of a process and between processes.

SQLite's own lock goes to whoever happens to ask in the right moment, so that a process in a loop can shut out all others
for seconds. Here whoever has had its turn stands at the end of the queue again. Nothing but fairness depends on it: a
process that is stopped in the queue delays the others by no more than their patience.
"""

import fcntl
import mmap
import os
import struct
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

TURNS = 2
"""How many processes have their turn at the same time."""

IDLE = 0.001
"""Seconds after which nobody seems to need the turns that there are."""


class ThreadQueue:
    """A lock that threads get in the order in which they asked."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._taken = False
        self._waiting: deque[threading.Lock] = deque()

    def __enter__(self) -> None:
        with self._guard:
            if not self._taken:
                self._taken = True
                return
            ticket = threading.Lock()
            ticket.acquire()
            self._waiting.append(ticket)
        try:
            ticket.acquire()
        except BaseException:
            self._leave(ticket)
            raise

    def __exit__(self, *_: object) -> None:
        with self._guard:
            self._pass_on()

    def _pass_on(self) -> None:
        if self._waiting:
            self._waiting.popleft().release()
        else:
            self._taken = False

    def _leave(self, ticket: threading.Lock) -> None:
        """Give up waiting; the turn may have come in the same moment."""
        with self._guard:
            if ticket in self._waiting:
                self._waiting.remove(ticket)
            else:
                self._pass_on()


class _Wait:
    """One wait for a file lock that can be given up: the kernel's own wait has no end, so it has a thread of its own."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = os.dup(descriptor)  # its own, so that nobody closes it under the wait
        self._guard = threading.Lock()
        self._arrived = threading.Event()
        self._unwanted = False
        self.over = False
        threading.Thread(target=self._wait, daemon=True, name="turnstile").start()

    def arrived_within(self, seconds: float) -> bool:
        """Whether the lock was had in time; if not, it is let go as soon as it comes."""
        try:
            self._arrived.wait(seconds)
        finally:
            with self._guard:
                if not self._arrived.is_set():
                    self._unwanted = True
        return not self._unwanted

    def _wait(self) -> None:
        fcntl.flock(self._descriptor, fcntl.LOCK_EX)
        with self._guard:
            if self._unwanted:
                fcntl.flock(self._descriptor, fcntl.LOCK_UN)
            os.close(self._descriptor)
            self._arrived.set()
            self.over = self._unwanted


class Moments:
    """When a process was let in last, and when a turn was used last: two moments that all processes see.

    They are hints. What stands there after a crash or another start of the machine lies in the future or long ago, and says
    nothing then.
    """

    LAYOUT, SECOND = struct.Struct("=dd"), struct.Struct("=d")

    def __init__(self, descriptor: int) -> None:
        """Make room for them in the file."""
        if os.fstat(descriptor).st_size < self.LAYOUT.size:
            os.ftruncate(descriptor, self.LAYOUT.size)
        self._seen = mmap.mmap(descriptor, self.LAYOUT.size)

    def pause(self, now: float, interval: float) -> float:
        """Seconds to wait before it is worth looking again; none if the next process may go in."""
        let_in, used = self.LAYOUT.unpack_from(self._seen)
        if 0 <= now - used < IDLE and 0 <= now - let_in < interval:
            return float(min(let_in + interval - now, IDLE))
        return 0.0

    def let_in(self, now: float) -> None:
        """Note that a process has its turn from now on."""
        self.LAYOUT.pack_into(self._seen, 0, now, now)

    def used(self, now: float) -> None:
        """Note that a process made use of its turn."""
        self.SECOND.pack_into(self._seen, self.SECOND.size, now)

    def close(self) -> None:
        """Let go of the file."""
        self._seen.close()


class Turnstile:
    """A queue of processes before a lock that SQLite holds. Whoever came through has a turn: it may go in again without queueing.

    Two turns overlap, so that one process writes while the other one's disk syncs. With more of them they would only take the
    lock, and what they remember of the file, from each other. The next in the queue is let in when half a turn has passed, or
    as soon as nobody uses what turns there are.
    """

    def __init__(self, path: Path, *, turn: float = 0.03, patience: float = 1.0) -> None:
        """Name the file that the processes queue at, and say how long a turn and a process's patience are, in seconds."""
        self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        self._moments = Moments(self._descriptor)
        self._turn = turn
        self._patience = patience
        self._turn_ends = 0.0
        self._given_up: _Wait | None = None

    @property
    def has_turn(self) -> bool:
        """Whether this process may still go in without queueing."""
        return time.monotonic() < self._turn_ends

    @contextmanager
    def head(self) -> Iterator[None]:
        """Wait for the head of the queue, and there until there is a turn to be had."""
        entered = self._enter()
        try:
            while entered and (pause := self._moments.pause(time.monotonic(), self._turn / TURNS)):
                time.sleep(pause)
            yield
            now = time.monotonic()
            self._turn_ends = now + self._turn
            self._moments.let_in(now)
        finally:
            if entered:
                fcntl.flock(self._descriptor, fcntl.LOCK_UN)

    def used(self) -> None:
        """Say that a turn was used just now, so that whoever queues lets it go on."""
        self._moments.used(time.monotonic())

    def close(self) -> None:
        """Leave the queue for good."""
        self._moments.close()
        os.close(self._descriptor)

    def _enter(self) -> bool:
        """Whether the head was reached. A process that is stopped at the head must not stop everybody: then go without."""
        if self._given_up is not None and not self._given_up.over:
            return False
        self._given_up = None
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            wait = _Wait(self._descriptor)
            self._given_up = wait
            if not wait.arrived_within(self._patience):
                return False
            self._given_up = None
        return True
