"""The ledger: money and tokens are set aside before they are spent."""

from swarm.values import Value


class Amount(Value):
    """Money in millionths of a dollar, and tokens."""

    money: int = 0
    tokens: int = 0


class Caps(Value, kw_only=True):
    """How much may be spent in a scope; None is no cap."""

    money: int | None = None
    tokens: int | None = None


class Reservation(Value):
    """The worst case of one call, set aside. It stays set aside until it is settled or released, even after a crash."""

    run: str
    number: int
    agent: str
    amount: Amount
    worker: str = ""
    """Who makes the call, for those who look on."""


class Account(Value):
    """What one scope (a run, an agent in it, a day) has spent, has set aside, and may spend."""

    scope: str
    settled: Amount
    reserved: Amount
    caps: Caps
