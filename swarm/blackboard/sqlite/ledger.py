"""The ledger: what is set aside and spent, scope by scope."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime

from swarm.blackboard.ledger import Account, Amount, Caps, Reservation
from swarm.blackboard.sqlite.part import Part
from swarm.blackboard.sqlite.transaction import Change, Reading
from swarm.errors import CapReached, Refused, Unknown
from swarm.events import BudgetReleased, BudgetReserved, BudgetSettled, CapSet

EVERYBODY = ""
"""The owner of an account that spans all runs."""


class SqliteLedger(Part):
    """The ledger in SQLite."""

    def set_caps(self, run: str, scope: str, caps: Caps) -> None:
        """Cap a scope: `run`, `agent:NAME` or `day` (in UTC, over all runs of the repository)."""
        if not re.fullmatch("run|day|agent:.+", scope):
            raise Refused(reason=f"there is no scope {scope!r}; a cap is for `run`, `day` or `agent:NAME`.")
        owner = EVERYBODY if scope == "day" else run
        with self._database.changing() as change:
            change.must_have_run(run)
            change.run("set_cap", owner=owner, scope=scope, money=caps.money, tokens=caps.tokens)
            change.tell(run, CapSet(scope, caps.money, caps.tokens))

    def reserve(self, run: str, agent: str, worst: Amount, worker: str = "") -> Reservation:
        """Set the worst case of a call aside in all its scopes at once, or refuse it where it would pass a cap."""
        _must_be_positive(worst)
        with self._database.changing() as change:
            change.must_have_run(run)
            day = _day(change.now)
            for owner, scope in _scopes(run, agent, day):
                _must_fit(_account(change, owner, scope), worst)
                change.run("open_account", owner=owner, scope=scope)
            _move(change, _scopes(run, agent, day), reserved=worst)
            number = int(change.value("next_reservation", run=run))
            change.run("reserve", run=run, number=number, agent=agent, day=day, money=worst.money, tokens=worst.tokens)
            change.tell(run, BudgetReserved(number, agent, worst.money, worst.tokens, worker))
            return Reservation(run, number, agent, worst, worker)

    def settle(self, reservation: Reservation, real: Amount) -> None:
        """Replace what was set aside by what the call cost. Settling again changes nothing."""
        _must_be_positive(real)
        with self._database.changing() as change:
            if self._end(change, reservation, "settled", real):
                told = BudgetSettled(reservation.number, reservation.agent, real.money, real.tokens, reservation.worker)
                change.tell(reservation.run, told)

    def release(self, reservation: Reservation) -> None:
        """Free what was set aside for a call that was not made."""
        with self._database.changing() as change:
            if self._end(change, reservation, "released", Amount()):
                change.tell(reservation.run, BudgetReleased(reservation.number, reservation.agent))

    def accounts(self, run: str) -> Sequence[Account]:
        """What the run, its agents and the day have spent and set aside."""
        with self._database.reading() as reading:
            reading.must_have_run(run)
            agents = [(run, scope) for (scope,) in reading.run("agents_with_account", run=run)]
            day = (EVERYBODY, f"day:{_day(self._database.clock())}")
            return [_account(reading, *which) for which in [(run, "run"), *agents, day]]

    def _end(self, change: Change, reservation: Reservation, state: str, real: Amount) -> bool:
        """End a reservation; whether it was not ended like that before."""
        run, number = reservation.run, reservation.number
        row = change.first("reservation", run=run, number=number)
        if row is None:
            raise Unknown(what=f"reservation {number} in run {run!r}", remedy="Reserve before you settle.")
        agent, day, money, tokens, now = row
        if now == state:
            return False
        if now != "reserved":
            raise Refused(reason=f"reservation {number} is {now} already, so it cannot be {state}.")
        change.run("end_reservation", run=run, number=number, state=state, money=real.money, tokens=real.tokens)
        _move(change, _scopes(run, agent, day), reserved=Amount(-money, -tokens), settled=real)
        return True


def _scopes(run: str, agent: str, day: str) -> tuple[tuple[str, str], ...]:
    """The accounts of a call, each by its owner and its scope."""
    return (run, "run"), (run, f"agent:{agent}"), (EVERYBODY, f"day:{day}")


def _day(now: float) -> str:
    return datetime.fromtimestamp(now, UTC).date().isoformat()


def _account(reading: Reading, owner: str, scope: str) -> Account:
    """An account; the cap of a day holds for every day."""
    name = scope.partition(":")[0] if owner == EVERYBODY else scope
    money, tokens = reading.first("cap", owner=owner, scope=name) or (None, None)
    row = reading.first("account", owner=owner, scope=scope) or (0, 0, 0, 0)
    return Account(name, Amount(*row[:2]), Amount(*row[2:]), Caps(money=money, tokens=tokens))


def _must_fit(account: Account, worst: Amount) -> None:
    """Refuse what would pass a cap of this account."""
    money, tokens = account.settled.money + account.reserved.money, account.settled.tokens + account.reserved.tokens
    if account.caps.money is not None and money + worst.money > account.caps.money:
        raise CapReached(
            scope=account.scope, wanted=_dollars(worst.money), cap=_dollars(account.caps.money), used=_dollars(money)
        )
    if account.caps.tokens is not None and tokens + worst.tokens > account.caps.tokens:
        wanted, cap, used = (f"{number} tokens" for number in (worst.tokens, account.caps.tokens, tokens))
        raise CapReached(scope=account.scope, wanted=wanted, cap=cap, used=used)


def _must_be_positive(amount: Amount) -> None:
    if amount.money < 0 or amount.tokens < 0:
        raise Refused(reason=f"nobody can spend less than nothing: {amount}.")


def _move(change: Change, scopes: tuple[tuple[str, str], ...], *, reserved: Amount, settled: Amount | None = None) -> None:
    spent = settled or Amount()
    for owner, scope in scopes:
        change.run(
            "move_account", owner=owner, scope=scope, settled_money=spent.money, settled_tokens=spent.tokens,
            reserved_money=reserved.money, reserved_tokens=reserved.tokens,
        )  # fmt: skip


def _dollars(millionths: int) -> str:
    return f"${millionths / 1_000_000:.6f}".rstrip("0").rstrip(".")
