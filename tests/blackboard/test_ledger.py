"""The ledger keeps its contract."""

import subprocess
import sys
from pathlib import Path

import pytest

from swarm.blackboard.ledger import Account, Amount, Caps, Reservation
from swarm.blackboard.runs import NewRun
from swarm.blackboard.sqlite import SqliteStore
from swarm.blackboard.store import Store
from swarm.errors import CapReached, Refused, Unknown
from swarm.events import BudgetReserved, BudgetSettled


def of(store: Store, run: str, scope: str) -> Account:
    (account,) = [account for account in store.accounts(run) if account.scope == scope]
    return account


def test_what_is_reserved_is_set_aside_in_the_run_the_agent_and_the_day(store: Store, run: str, told):
    reservation = store.reserve(run, "coder", Amount(500, 20))
    assert reservation == Reservation(run, 1, "coder", Amount(500, 20))
    assert {account.scope: account.reserved for account in store.accounts(run)} == dict.fromkeys(
        ("run", "agent:coder", "day"), Amount(500, 20)
    )
    store.settle(reservation, Amount(300, 10))
    assert {(account.settled, account.reserved) for account in store.accounts(run)} == {(Amount(300, 10), Amount())}
    assert told() == ["BudgetReserved", "BudgetSettled"]


@pytest.mark.parametrize("scope", ["run", "agent:coder", "day"])
@pytest.mark.parametrize(("caps", "worst"), [(Caps(money=100), Amount(101, 0)), (Caps(tokens=100), Amount(0, 101))])
def test_what_would_pass_a_cap_is_refused_and_nothing_is_set_aside(store: Store, run: str, scope, caps, worst, told):
    store.set_caps(run, scope, caps)
    store.reserve(run, "coder", Amount(50, 50))
    told()
    before = store.accounts(run)
    with pytest.raises(CapReached, match=f"cap of {scope.partition(':')[0]}"):
        store.reserve(run, "coder", worst)
    with pytest.raises(CapReached):
        store.reserve(run, "coder", Amount(51, 51))
    assert store.accounts(run) == before
    assert told() == []
    store.reserve(run, "coder", Amount(50, 50))


def test_the_cap_of_one_agent_does_not_bind_another(store: Store, run: str):
    store.set_caps(run, "agent:coder", Caps(money=0))
    store.reserve(run, "critic", Amount(10, 0))
    with pytest.raises(CapReached):
        store.reserve(run, "coder", Amount(1, 0))


def test_the_cap_of_a_day_spans_all_runs_and_begins_anew_the_next_day(store: Store, run: str, start, clock):
    store.set_caps(run, "day", Caps(money=100))
    other = start()
    store.reserve(other, "coder", Amount(60, 0))
    with pytest.raises(CapReached):
        store.reserve(run, "coder", Amount(60, 0))
    clock.passes(24 * 3600)
    store.reserve(run, "coder", Amount(60, 0))
    assert of(store, run, "day").reserved == Amount(60, 0)


def test_what_was_reserved_yesterday_is_settled_yesterday(store: Store, run: str, clock):
    reservation = store.reserve(run, "coder", Amount(60, 0))
    clock.passes(24 * 3600)
    store.settle(reservation, Amount(50, 0))
    assert (of(store, run, "day").settled, of(store, run, "run").settled) == (Amount(), Amount(50, 0))


def test_a_reservation_is_ended_once(store: Store, run: str, told):
    settled, released = store.reserve(run, "a", Amount(10, 1)), store.reserve(run, "a", Amount(20, 2))
    told()
    for _ in range(2):
        store.settle(settled, Amount(5, 1))
        store.release(released)
    assert told() == ["BudgetSettled", "BudgetReleased"]
    with pytest.raises(Refused, match="released already"):
        store.settle(released, Amount(1, 1))
    with pytest.raises(Refused, match="settled already"):
        store.release(settled)
    assert (of(store, run, "run").settled, of(store, run, "run").reserved) == (Amount(5, 1), Amount())


def test_a_reservation_outlives_the_process_that_made_it(open_store):
    first = open_store()
    run = first.start_run(NewRun(title="t", issue="i", source="s", base="b", sandbox="none", workers=1)).name
    first.set_caps(run, "run", Caps(money=100))
    reservation = first.reserve(run, "coder", Amount(80, 0))
    first.close()
    second = open_store()
    with pytest.raises(CapReached):
        second.reserve(run, "coder", Amount(80, 0))
    second.settle(reservation, Amount(10, 0))
    second.reserve(run, "coder", Amount(80, 0))


def test_a_later_cap_replaces_an_earlier_one_and_caps_are_told(store: Store, run: str, told):
    store.set_caps(run, "run", Caps(money=1))
    store.set_caps(run, "run", Caps(tokens=7))
    assert of(store, run, "run").caps == Caps(tokens=7)
    assert told() == ["CapSet", "CapSet"]


def test_what_makes_no_sense_is_refused(store: Store, run: str):
    for scope in ("", "agent", "week", "runs", "agent:"):
        with pytest.raises(Refused, match="scope"):
            store.set_caps(run, scope, Caps())
    with pytest.raises(Refused, match="less than nothing"):
        store.reserve(run, "a", Amount(-1, 0))
    with pytest.raises(Unknown, match="reservation 9"):
        store.settle(Reservation(run, 9, "a", Amount()), Amount())
    with pytest.raises(Unknown, match="run 'x'"):
        store.reserve("x", "a", Amount())


def test_the_message_says_how_much_was_wanted_and_how_much_is_left(store: Store, run: str):
    store.set_caps(run, "run", Caps(money=2_500_000))
    store.reserve(run, "a", Amount(2_000_000, 0))
    with pytest.raises(CapReached, match=r"\$0\.75 more would pass \$2\.5, and \$2 is spent or reserved"):
        store.reserve(run, "a", Amount(750_000, 0))


def test_processes_that_race_for_the_last_money_never_pass_the_cap(tmp_path: Path):
    folder = tmp_path / "race"
    store = SqliteStore.open(folder)
    run = store.start_run(NewRun(title="t", issue="i", source="s", base="b", sandbox="none", workers=6)).name
    store.set_caps(run, "run", Caps(money=2000))
    script = str(Path(__file__).with_name("ledger_worker.py"))
    argv = [[sys.executable, script, str(folder), run, f"a{number}"] for number in range(6)]
    workers = [subprocess.Popen(each, stdout=subprocess.PIPE, text=True) for each in argv]
    spent = [int(worker.communicate()[0]) for worker in workers]
    account = of(store, run, "run")
    assert account.settled.money == sum(spent)
    assert account.reserved == Amount()
    assert 1900 < account.settled.money <= 2000
    most = reserved = settled = 0
    open_ones: dict[int, int] = {}
    for entry in store.entries(run, limit=100_000):
        match entry.event:
            case BudgetReserved(reservation=number, money=money):
                open_ones[number] = money
                reserved += money
            case BudgetSettled(reservation=number, money=money):
                reserved -= open_ones.pop(number)
                settled += money
        most = max(most, reserved + settled)
    assert 1900 < most <= 2000
    assert sum(1 for money in spent if money) > 1
    store.close()
