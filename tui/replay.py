"""A run that has been, told again at any speed."""

from bisect import bisect_right
from collections.abc import Callable, Sequence

from swarm.values import Value
from tui.given import Moment


class Replay(Value):
    """A source of moments that lets them happen again."""

    moments: Sequence[Moment]
    now: Callable[[], float]
    """Any clock, in seconds."""
    began: float
    """What the clock showed when the replay began."""
    speed: float = 1.0

    def clock(self) -> float:
        """How far the replay has come, in seconds of the run."""
        return (self.now() - self.began) * self.speed

    def __call__(self, after: int, limit: int) -> Sequence[Moment]:
        """What has happened by now after a position, at most so many."""
        first = bisect_right(self.moments, after, key=lambda moment: moment.position)
        last = bisect_right(self.moments, self.clock(), key=lambda moment: moment.seconds)
        return self.moments[first : min(last, first + limit)]
