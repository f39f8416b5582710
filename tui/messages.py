"""What the threads of the screen tell it."""

from collections.abc import Sequence

from textual.message import Message

from swarm.board import Board
from tui.given import Moment


class News(Message):
    """Something happened in the run."""

    def __init__(self, board: Board, moments: Sequence[Moment]) -> None:
        super().__init__()
        self.board = board
        self.moments = moments


class Seen(Message):
    """A thing that the person asked for has been looked up."""

    def __init__(self, kind: str, number: int, text: str) -> None:
        super().__init__()
        self.kind = kind
        self.number = number
        self.text = text


class Wished(Message):
    """A wish was taken down, or was not."""

    def __init__(self, answer: str, *, leave: bool) -> None:
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
