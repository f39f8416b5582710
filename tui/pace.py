"""How a run goes in time: what the board, which knows no time, cannot tell."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field
from types import MappingProxyType

from swarm import events as e
from swarm.values import Value
from tui.given import Moment

SPAN = 60.0
"""Seconds that a line of activity looks back."""
BARS = " ▁▂▃▄▅▆▇█"
PLAIN_BARS = " .:-=+*#@"
MOST = 200
"""Marks that are kept."""


class Mark(Value):
    """Something that a person looks for in the story of a run."""

    seconds: float
    state: str
    """How it is shown, as the state of a thing."""


class Pace(Value):
    """When the parts of a run began, when its verdicts came, and who did how much of late."""

    stages: tuple[tuple[str, float], ...] = ()
    marks: tuple[Mark, ...] = ()
    acts: Mapping[str, tuple[float, ...]] = field(default_factory=lambda: MappingProxyType({}))
    """When each worker did something within the last minute."""
    steps: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    """How many steps of its task each worker has done; nothing of one whose task began before anybody looked."""
    last: float = 0.0

    def after_all(self, moments: Iterable[Moment]) -> "Pace":
        """The pace once all of this has happened."""
        stages, marks, last = list(self.stages), list(self.marks), self.last
        acts, steps = {worker: list(times) for worker, times in self.acts.items()}, dict(self.steps)
        for moment in moments:
            event, last = moment.event, moment.seconds
            if isinstance(event, e.StageEntered) and (not stages or stages[-1][0] != event.stage):
                stages.append((event.stage, last))
            elif state := _marked(event):
                marks.append(Mark(last, state))
            elif isinstance(event, e.TaskClaimed):
                steps[event.worker] = 0
            elif isinstance(event, e.WorkerActed | e.CommandRan | e.AgentBegan):
                acts.setdefault(event.worker, []).append(last)
                if isinstance(event, e.WorkerActed) and event.worker in steps:
                    steps[event.worker] += 1
        recent = {worker: tuple(at for at in times[-MOST:] if at > last - SPAN) for worker, times in acts.items()}
        return Pace(tuple(stages), tuple(marks[-MOST:]), MappingProxyType(recent), MappingProxyType(steps), last)

    def activity(self, worker: str, now: float, bars: int, *, plain: bool) -> str:
        """How much a worker has done in each part of the last minute, as a line of bars."""
        counts, signs = [0] * bars, PLAIN_BARS if plain else BARS
        for at in self.acts.get(worker, ()):
            if 0 <= (ago := now - at) < SPAN:
                counts[bars - 1 - int(ago / SPAN * bars)] += 1
        return "".join(signs[min(count, 8)] for count in counts)


def joined(stood: Sequence[Moment], news: Sequence[Moment]) -> Pace:
    """The pace of a run that somebody joins late: its story as far as it stands, and the last of its moments."""
    first = news[0].position if news else 0
    story = (moment for moment in stood if moment.position < first and _in_story(moment.event))
    return Pace().after_all(story).after_all(news)


def _in_story(event: e.Event) -> bool:
    return isinstance(event, e.StageEntered) or bool(_marked(event))


def _marked(event: e.Event) -> str:
    match event:
        case e.CandidateJudged(verdict=verdict):
            return verdict
        case e.RunPaused():
            return "paused"
        case e.BranchMerged():
            return "merged"
        case e.RunEnded():
            return "ended"
    return ""
