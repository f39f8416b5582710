"""What the threads of the screen tell it."""

from collections.abc import Callable, Sequence

from textual.message import Message

from swarm.board import Board
from tui.given import Moment
from tui.pace import Pace
from tui.pages import Page
from tui.sayings import Saying


class News(Message):
    """Something happened in the run."""

    def __init__(self, board: Board, pace: Pace, moments: Sequence[Moment]) -> None:
        super().__init__()
        self.board = board
        self.pace = pace
        self.moments = moments


class Seen(Message):
    """A thing that the person asked for has been looked up."""

    def __init__(self, thing: tuple[str, int], title: str, page: Page, *, again: bool) -> None:
        super().__init__()
        self.thing = thing
        self.title = title
        self.page = page
        self.again = again
        """Whether the person sees it already, and it has changed."""


class Heard(Message):
    """What a worker said has been looked up."""

    def __init__(self, worker: str, sayings: Sequence[Saying], *, older: bool) -> None:
        super().__init__()
        self.worker = worker
        self.sayings = sayings
        self.older = older


class Printed(Message):
    """What a command had printed has been looked up."""

    def __init__(self, saying: Saying, text: str) -> None:
        super().__init__()
        self.saying = saying
        self.text = text


class Considered(Message):
    """All that a person wants to see before a merge has been looked up."""

    def __init__(self, candidate: int, page: Page) -> None:
        super().__init__()
        self.candidate = candidate
        self.page = page


class Asked(Message):
    """Somebody who does something for the person needs their word."""

    def __init__(self, reason: str, answer: Callable[[bool | None], None]) -> None:
        super().__init__()
        self.reason = reason
        self.answer = answer


class Doing(Message):
    """Something is being done with the result of the run; nothing any more where it is empty."""

    def __init__(self, what: str) -> None:
        super().__init__()
        self.what = what


class Wished(Message):
    """A wish was taken down, or was not."""

    def __init__(self, answer: str, *, leave: bool = False) -> None:
        super().__init__()
        self.answer = answer
        self.leave = leave
        """Whether the person leaves with this wish."""


class Remembered(Message):
    """The source was asked for what happened before, or for the newest again."""

    def __init__(self, moments: Sequence[Moment], *, newest: bool) -> None:
        super().__init__()
        self.moments = moments
        self.newest = newest
