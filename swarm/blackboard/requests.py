"""Requests: what the person wants of a run, as rows that the run picks up and answers."""

from enum import Enum

from swarm.values import Value


class Wish(Enum):
    """What a person can want of a run."""

    PAUSE = "pause"
    RESUME = "resume"
    STOP_ONE = "stop-one"
    """Stop the worker or task named as target."""
    STOP_ALL = "stop-all"
    RETRY = "retry"
    """Offer a dead or cancelled task again."""
    NUDGE = "nudge"
    """Tell the agents something; the text becomes part of what they are shown."""
    BUDGET = "budget"
    """Let the run spend more; the text says how much in all: dollars, or so many `tokens`."""
    MERGE = "merge"


class Request(Value, kw_only=True):
    """A wish as the store keeps it."""

    run: str
    number: int
    wish: Wish
    target: str
    text: str
    answer: str
    """Empty until the run has answered."""
