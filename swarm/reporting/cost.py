"""What a run cost, and when: money in millionths of a dollar, and tokens."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from swarm import events as e
from swarm.blackboard.journal import Entry


@dataclass(frozen=True, kw_only=True)
class Share:
    """What one agent spent."""

    agent: str
    calls: int = 0
    money: int = 0
    tokens: int = 0


@dataclass(frozen=True, kw_only=True)
class Spent:
    """All that was spent by a moment, in seconds since the run began."""

    at: float
    money: int
    tokens: int


@dataclass(frozen=True, kw_only=True)
class Cost:
    """What a run cost."""

    shares: tuple[Share, ...] = ()
    course: tuple[Spent, ...] = ()
    """A point for each call."""
    money_cap: int | None = None
    tokens_cap: int | None = None
    unsettled: int = 0
    """Calls whose price is not known, since nobody came back to say it: their worst case stays set aside."""

    @property
    def money(self) -> int:
        """All of it."""
        return self.course[-1].money if self.course else 0

    @property
    def tokens(self) -> int:
        """All of them."""
        return self.course[-1].tokens if self.course else 0

    @property
    def calls(self) -> int:
        """How many calls were paid."""
        return len(self.course)


def cost(entries: Sequence[Entry], began: float) -> Cost:
    """What the journal of a run tells about money."""
    caps, shares, course, aside = Cost(), dict[str, Share](), list[Spent](), set[int]()
    for entry in entries:
        match entry.event:
            case e.CapSet(scope="run", money=money_cap, tokens=tokens_cap):
                caps = replace(caps, money_cap=money_cap, tokens_cap=tokens_cap)
            case e.BudgetReserved(reservation=number):
                aside.add(number)
            case e.BudgetReleased(reservation=number):
                aside.discard(number)
            case e.BudgetSettled(reservation=number, agent=agent, money=money, tokens=tokens):
                aside.discard(number)
                before = shares.get(agent, Share(agent=agent))
                shares[agent] = replace(before, calls=before.calls + 1, money=before.money + money, tokens=before.tokens + tokens)
                last = course[-1] if course else Spent(at=0.0, money=0, tokens=0)
                course.append(Spent(at=entry.at - began, money=last.money + money, tokens=last.tokens + tokens))
    return replace(caps, shares=tuple(shares.values()), course=tuple(course), unsettled=len(aside))
