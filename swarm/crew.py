"""The workers of a run, each in a thread: at first as many as were asked for, later perhaps more."""

from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass, field

from swarm.steering import Switches
from swarm.worker import Worker

MOST = 256


@dataclass
class Crew:
    """Workers at work."""

    pool: ThreadPoolExecutor
    worker: Callable[[str], Worker]
    futures: list[Future[None]] = field(default_factory=list)

    def hire(self) -> None:
        """Let one more work. No worker is special, and none is ever sent away."""
        self.futures.append(self.pool.submit(self.worker(f"w{len(self.futures) + 1}").work))

    @property
    def width(self) -> int:
        """How many work."""
        return sum(not future.done() for future in self.futures)

    @property
    def trouble(self) -> bool:
        """Whether somebody met trouble that is everybody's."""
        return any(future.done() and future.exception() for future in self.futures)

    def goes_on(self, seconds: float) -> bool:
        """Wait a moment; whether somebody still works, and nobody is in trouble."""
        return bool(wait(self.futures, timeout=seconds, return_when=FIRST_EXCEPTION).not_done) and not self.trouble


@contextmanager
def at_work(count: int, worker: Callable[[str], Worker], switches: Switches) -> Iterator[Crew]:
    """So many workers; on the way out they are told to stop, waited for, and their trouble is raised."""
    with ThreadPoolExecutor(max_workers=MOST) as pool:
        crew = Crew(pool, worker)
        for _ in range(count):
            crew.hire()
        try:
            yield crew
        finally:
            switches.stop.set()
    for future in crew.futures:
        future.result()
