"""What each worker did when, as a picture can show it: lanes of spans, read from the journal."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from swarm import events as e
from swarm.blackboard.journal import Entry


@dataclass(frozen=True, kw_only=True)
class Span:
    """A task in the hands of one worker, in seconds since the run began."""

    task: int
    kind: str
    begin: float
    end: float
    ending: str
    """`done`, `given back`, `put down`, `expired`, `split`, `cancelled`, or `open`: it is not known to have ended."""
    words: str = ""
    """What came of it."""


@dataclass(frozen=True, kw_only=True)
class Mark:
    """A verdict at its moment."""

    candidate: int
    at: float
    verdict: str


@dataclass(frozen=True)
class Lane:
    """What one worker did."""

    worker: str
    spans: tuple[Span, ...] = ()
    marks: tuple[Mark, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Stage:
    """When a part of the story began."""

    name: str
    at: float


@dataclass(frozen=True, kw_only=True)
class Timeline:
    """The whole run in time."""

    seconds: float
    lanes: tuple[Lane, ...]
    stages: tuple[Stage, ...]


def timeline(entries: Sequence[Entry], began: float) -> Timeline:
    """The time of a run, as far as its journal tells."""
    drawn = _Drawn(began)
    for entry in entries:
        drawn.add(entry.event, entry.at - began)
    return drawn.whole()


@dataclass
class _Drawn:
    """Lanes while they are drawn."""

    began: float
    now: float = 0.0
    kinds: dict[int, str] = field(default_factory=dict)
    held: dict[str, Span] = field(default_factory=dict)
    """The task that each worker has in hand."""
    authors: dict[int, str] = field(default_factory=dict)
    lanes: dict[str, Lane] = field(default_factory=dict)
    stages: list[Stage] = field(default_factory=list)

    def add(self, event: e.Event, at: float) -> None:
        """Draw one thing that happened."""
        if not isinstance(event, e.AFTERWARDS) or isinstance(event, e.RunEnded):
            self.now = max(self.now, at)
        match event:
            case e.StageEntered(stage=name) if not self.stages or self.stages[-1].name != name:
                self.stages.append(Stage(name=name, at=at))
            case e.TaskAdded(task=task, kind=kind):
                self.kinds[task] = kind
            case e.WorkerStarted(worker=worker):
                self._lane(worker)
            case e.TaskClaimed(task=task, worker=worker):
                self._let_go(worker, at, "open", "")
                self.held[worker] = Span(task=task, kind=self.kinds.get(task, ""), begin=at, end=at, ending="open")
            case e.CandidateSubmitted(candidate=candidate, author=author):
                self.authors[candidate] = author.rpartition("@")[2]
            case e.CandidateJudged(candidate=candidate, verdict=verdict):
                lane = self._lane(self.authors.get(candidate, ""))
                self.lanes[lane.worker] = replace(lane, marks=(*lane.marks, Mark(candidate=candidate, at=at, verdict=verdict)))
            case _:
                self._end(event, at)

    def _end(self, event: e.Event, at: float) -> None:
        match event:
            case e.TaskFinished(worker=worker, result=result):
                self._let_go(worker, at, "done", result)
            case e.TaskGivenBack(worker=worker, reason=reason):
                self._let_go(worker, at, "given back", reason)
            case e.TaskPutDown(worker=worker):
                self._let_go(worker, at, "put down", "")
            case e.TaskExpired(worker=worker):
                self._let_go(worker, at, "expired", "no sign of its worker")
            case e.TaskSplit(worker=worker, parts=parts):
                self._let_go(worker, at, "split", f"into {', '.join(f't{part}' for part in parts)}")
            case e.TaskCancelled(task=task, reason=reason):
                for worker in [worker for worker, span in self.held.items() if span.task == task]:
                    self._let_go(worker, at, "cancelled", reason)
            case e.WorkerStopped(worker=worker):
                self._let_go(worker, at, "open", "")

    def whole(self) -> Timeline:
        """All of it; what nobody has ended goes on to the last thing that is known."""
        for worker in list(self.held):
            self._let_go(worker, self.now, "open", "")
        return Timeline(seconds=self.now, lanes=tuple(self.lanes.values()), stages=tuple(self.stages))

    def _lane(self, worker: str) -> Lane:
        return self.lanes.setdefault(worker, Lane(worker))

    def _let_go(self, worker: str, at: float, ending: str, words: str) -> None:
        if span := self.held.pop(worker, None):
            lane = self._lane(worker)
            self.lanes[worker] = replace(lane, spans=(*lane.spans, replace(span, end=at, ending=ending, words=words)))
