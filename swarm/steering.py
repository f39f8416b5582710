"""What the person wants of a run: requests are picked up, done and answered, while the workers work."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field

from swarm.blackboard.findings import PERSON, NewFinding
from swarm.blackboard.requests import Request, Wish
from swarm.blackboard.store import Store
from swarm.blackboard.tasks import TaskState
from swarm.errors import Refused
from swarm.events import RunPaused, RunResumed
from swarm.raising import raised
from swarm.settings.values import Settings

LOOK = 0.2
"""Seconds between two looks at what the person wants."""


@dataclass
class Switches:
    """What a run tells its workers, from any thread."""

    stop: threading.Event = field(default_factory=threading.Event)
    pause: threading.Event = field(default_factory=threading.Event)
    stopped: set[str] = field(default_factory=set)
    """The workers that the person stopped one by one."""
    wished: bool = False
    """Whether it was the person who stopped everything."""

    @property
    def holds(self) -> bool:
        """Whether nothing new is to be begun."""
        return self.stop.is_set() or self.pause.is_set()

    def stops(self, worker: str) -> bool:
        """Whether this worker is to stop."""
        return self.stop.is_set() or worker in self.stopped


def attend(store: Store, run: str, switches: Switches) -> None:
    """Do what the person has asked for since the last time, and answer each request."""
    for request in store.open_requests(run):
        try:
            answer = _grant(store, run, request, switches)
        except Refused as refusal:
            answer = f"refused: {refusal.facts.get('reason', refusal)}"
        store.answer(run, request.number, answer)


@contextmanager
def attending(store: Store, run: str, switches: Switches) -> Iterator[None]:
    """Attend to the person, from a thread of its own, whatever the run does meanwhile; what comes too late is told so."""
    over = threading.Event()

    def attend_on() -> None:
        try:
            while not over.wait(LOOK):
                attend(store, run, switches)
        except BaseException:
            switches.stop.set()  # a run that cannot hear the person does not go on
            raise

    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="attending") as pool:
        future = pool.submit(attend_on)
        try:
            yield
        finally:
            over.set()
            future.result()
            for request in store.open_requests(run):
                store.answer(run, request.number, "not done: the run came to its end first")


def _grant(store: Store, run: str, request: Request, switches: Switches) -> str:
    match request.wish:
        case Wish.PAUSE:
            return _pause(store, run, switches)
        case Wish.RESUME:
            return _resume(store, run, switches)
        case Wish.STOP_ALL:
            switches.wished = True
            switches.stop.set()
            return "stopping"
        case Wish.STOP_ONE:
            return _stop_one(store, run, request.target, switches)
        case Wish.RETRY:
            store.retry(run, _task_number(request.target))
            return f"{request.target} is offered again"
        case Wish.NUDGE:
            return _nudge(store, run, request.text)
        case Wish.BUDGET:
            return raised(store, run, request.text)
        case Wish.MERGE:
            return f"refused: the run has not ended; then `swarm merge {run}` does it"


def _pause(store: Store, run: str, switches: Switches) -> str:
    if switches.pause.is_set():
        return "it is paused already"
    switches.pause.set()
    store.record(run, RunPaused())
    return "paused: tasks that are under way are finished, no other is begun"


def _resume(store: Store, run: str, switches: Switches) -> str:
    if not switches.pause.is_set():
        return "it is not paused"
    switches.pause.clear()
    store.record(run, RunResumed())
    return "resumed"


def _nudge(store: Store, run: str, text: str) -> str:
    if not (words := text.strip()):
        raise Refused(reason="a nudge without words tells nobody anything")
    known = {finding.number for finding in store.findings(run)}
    nudge = NewFinding(kind="nudge", gist=" ".join(words.split())[:200], summary=words, author=PERSON)
    number = store.propose(run, nudge).number
    if number in known:
        return f"it was said before, as f{number}"
    if not Settings.from_json(store.run(run).settings).model:
        return f"kept as f{number}, but no language model takes part that could heed it"
    return f"every agent with a model is told it before its next step, as f{number}"


def _stop_one(store: Store, run: str, target: str, switches: Switches) -> str:
    if target.startswith("t"):
        store.cancel(run, _task_number(target), "the person stopped it")
        return f"{target} is cancelled"
    switches.stopped.add(target)
    for task in store.tasks(run):
        if task.state is TaskState.CLAIMED and task.worker == target:
            return f"{target} stops and gives t{task.number} back"
    return f"{target} stops"


def _task_number(target: str) -> int:
    digits = target.removeprefix("t")
    if not digits.isdigit():
        raise Refused(reason=f"`{target}` names no task; tasks are called t1, t2, …")
    return int(digits)
