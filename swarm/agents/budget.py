"""Money and tokens of the language models: set aside before a call, counted after it."""

import json
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from swarm.agents.model import Model
from swarm.agents.reply import Message, Usage
from swarm.blackboard.ledger import Amount, Caps, Reservation
from swarm.blackboard.store import Store
from swarm.errors import CapReached

KEPT_BACK = 10
"""One part in so many of the caps is kept for the last judgement; whoever writes patches cannot spend it."""
LOOK = 0.1
"""Seconds between two tries to set something aside, while others hold what they may not need."""


@dataclass
class UnderWay:
    """The calls of a run that are being made: how many reservations are neither settled nor released."""

    count: int = 0
    refused: CapReached | None = None
    """The cap that was reached, if one was."""
    lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, change: int) -> None:
        """Count one more, or one less."""
        with self.lock:
            self.count += change


@dataclass(frozen=True)
class Purse:
    """What an agent of some name may spend on one run. All purses of a run share the caps of the ledger."""

    store: Store
    run: str
    agent: str
    under_way: UnderWay
    worker: str = ""

    def reserve(self, worst: Amount, stopped: Callable[[], bool], pause: Callable[[float], Any]) -> Reservation:
        """Set the worst case of a call aside. While others have set aside what they may not need, wait for them."""
        while True:
            alone = self.under_way.count == 0
            try:
                reservation = self.store.reserve(self.run, self.agent, worst, self.worker)
            except CapReached as cap:
                if alone or stopped():
                    self.under_way.refused = cap
                    raise
                pause(LOOK)
            else:
                self.under_way.add(1)
                return reservation

    def settle(self, reservation: Reservation, cost: Amount) -> None:
        """Note what the call cost."""
        self.under_way.add(-1)
        self.store.settle(reservation, cost)

    def release(self, reservation: Reservation) -> None:
        """Note that the call was not made."""
        self.under_way.add(-1)
        self.store.release(reservation)


def largest(messages: Sequence[Message], tools: Sequence[Any], known: "Known") -> int:
    """The most tokens that a prompt can have: what is known of its beginning, and a token for each further byte."""
    new = messages[known.messages :]
    extra = 0 if known.messages else _size(tools)
    return known.tokens + extra + sum(_size(message) for message in new)


@dataclass(frozen=True)
class Known:
    """How many tokens the first so many messages of a conversation were, by the provider's own count."""

    messages: int = 0
    tokens: int = 0


def counted(messages: Sequence[Message], usage: Usage) -> Known:
    """What a call has told: its prompt was these messages."""
    return Known(len(messages), usage.prompt) if usage.prompt else Known()


def kept_back(caps: Caps) -> Caps:
    """The caps of those who write patches, under the caps of the run."""
    less = {name: None if cap is None else cap - cap // KEPT_BACK for name, cap in vars(caps).items()}
    return Caps(**less)


def worst_case(model: Model, prompt: int) -> Amount:
    """The most that a call can cost."""
    return model.prices.worst(prompt, model.longest) if model.prices else Amount(0, prompt + model.longest)


def real(model: Model, usage: Usage) -> Amount:
    """What a call has cost."""
    return Amount(model.prices.cost(usage) if model.prices else 0, usage.tokens)


def _size(thing: Any) -> int:
    return len(json.dumps(thing, ensure_ascii=False).encode("utf-8", "surrogatepass"))
