"""One agent's line to one model: waits its turn, sets the worst case aside, asks, and pays; again, if that can help."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from swarm.agents.budget import Known, Purse, counted, largest, real, worst_case
from swarm.agents.exchange import Exchange, NotWanted
from swarm.agents.faults import ProviderDown, ProviderTrouble, TooLong, Transient
from swarm.agents.model import Model, Tell
from swarm.agents.reply import Message, Reply
from swarm.blackboard.ledger import Amount, Reservation

EMPTY = 3
"""So many empty replies in a row are passed on as what they are."""


@dataclass
class Line:
    """A line to a model."""

    exchange: Exchange
    model: Model
    purse: Purse
    stopped: Callable[[], bool]
    _known: Known = field(default_factory=Known)

    def ask(
        self,
        messages: Sequence[Message],
        tools: Sequence[Mapping[str, Any]],
        keep: Callable[[Reply], None],
        tell: Tell,
        given_up: Callable[[], bool],
    ) -> Reply:
        """The reply, kept by `keep` before it is paid for: what a crash then loses is a reservation, and no answer."""
        failures = empties = 0
        while True:
            reply = self._once(messages, tools, keep, tell, given_up)
            if isinstance(reply, Transient):
                failures += 1
                if failures >= self.model.patience.tries:
                    raise ProviderDown(model=self.model.name, tries=failures, said=reply.facts["said"])
            elif reply.empty and empties + 1 < EMPTY:
                empties += 1
            else:
                return reply

    def _once(
        self,
        messages: Sequence[Message],
        tools: Sequence[Mapping[str, Any]],
        keep: Callable[[Reply], None],
        tell: Tell,
        given_up: Callable[[], bool],
    ) -> Reply | Transient:
        limiter = self.exchange.limiter(self.model)
        if not limiter.enter(self.stopped):
            raise NotWanted
        reservation = self._reserve(messages, tools)
        try:
            reply = self.exchange.wait_for(self.model.ask(messages, tools, tell), given_up)
        except Transient as fault:
            limiter.back_off(fault.wait)
            self._end(reservation, real(self.model, fault.spent) if fault.spent else None)
            return fault
        except (ProviderTrouble, TooLong):
            self._end(reservation, None)
            raise
        except BaseException:
            # Given up in the middle: what it has cost nobody will say, so all that it can have cost is counted.
            self._end(reservation, reservation.amount)
            raise
        limiter.went_well()
        self._known = counted(messages, reply.usage)
        if not reply.empty:
            keep(reply)
        self._end(reservation, Amount(reply.cost, reply.usage.tokens))
        return reply

    def _reserve(self, messages: Sequence[Message], tools: Sequence[Mapping[str, Any]]) -> Reservation:
        if self._known.messages > len(messages):  # the conversation was shortened
            self._known = Known()
        worst = worst_case(self.model, largest(messages, tools, self._known))
        return self.purse.reserve(worst, self.stopped, time.sleep)

    def _end(self, reservation: Reservation, cost: Amount | None) -> None:
        if cost is None:
            self.purse.release(reservation)
        else:
            self.purse.settle(reservation, cost)
