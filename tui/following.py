"""Following a run: from the source of moments to boards and news, in a thread of its own, without a screen."""

import threading
from collections.abc import Callable, Sequence

from swarm.board import Board
from tui.given import Moment, Source, Standing

LOOK = 0.05
"""Seconds between two looks at the source: news comes in batches, however fast it happens."""

BATCH = 1000
"""How many moments are asked for at once."""

Tell = Callable[[Board, Sequence[Moment]], None]


def follow(source: Source, over: threading.Event, tell: Tell, *, kept: int, standing: Standing = tuple) -> None:
    """Fold whatever happens into a board, and tell of it once there is no more for now, with the last moments of the news."""
    stood = standing()
    board, position = Board().after_all(moment.event for moment in stood), stood[-1].position if stood else 0
    if stood:
        tell(board, source(max(position - kept, 0), kept))
    while not over.is_set():
        news: list[Moment] = []
        while batch := source(position, BATCH):
            board = board.after_all(moment.event for moment in batch)
            position = batch[-1].position
            news = [*news, *batch][-kept:]
            if len(batch) < BATCH or over.is_set():
                break
        if news:
            tell(board, news)
        over.wait(LOOK)
