"""What the person asks of a run is done and answered, whatever the run does meanwhile."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from swarm.blackboard.history import told
from swarm.blackboard.ledger import Amount, Caps
from swarm.blackboard.requests import Wish
from swarm.blackboard.runs import NewRun
from swarm.blackboard.sqlite import SqliteStore
from swarm.errors import StoreTrouble
from swarm.events import CapSet
from swarm.settings.values import Settings
from swarm.steering import Switches, attend, attending


class Ride:
    """A run that is going on, and somebody who asks for things."""

    def __init__(self, store: SqliteStore, model: str = "") -> None:
        self.store = store
        new = NewRun(
            title="t", issue="i", source="s", base="b", sandbox="none", workers=1, settings=Settings(model=model).as_json()
        )
        self.run = store.start_run(new).name
        self.switches = Switches()

    def answer(self, wish: Wish, text: str = "") -> str:
        number = self.store.request(self.run, wish, "", text).number
        attend(self.store, self.run, self.switches)
        return self.answered(number)

    def answered(self, number: int) -> str:
        events = told(self.store, self.run)
        return next(
            (
                getattr(event, "answer", "")
                for event in events
                if vars(event).get("request") == number and hasattr(event, "answer")
            ),
            "",
        )


@pytest.fixture
def ride(tmp_path: Path) -> Iterator[Ride]:
    store = SqliteStore.open(tmp_path)
    yield Ride(store)
    store.close()


def test_the_budget_is_raised_for_the_run_and_for_those_who_write_patches(ride: Ride) -> None:
    ride.store.set_caps(ride.run, "run", Caps(money=1_000_000, tokens=5))

    assert ride.answer(Wish.BUDGET, "$2.50") == "the run may spend $2.50 now"
    caps = {event.scope: event.money for event in told(ride.store, ride.run) if isinstance(event, CapSet)}
    assert caps == {"run": 2_500_000, "agent:coder": 2_250_000}
    assert ride.answer(Wish.BUDGET, "200,000 tokens") == "the run may spend 200,000 tokens now"
    ride.store.reserve(ride.run, "coder", Amount(2_000_000, 100_000))


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("1", "the cap is $1.00; a run that goes on is given more, never less"),
        ("0.5", "never less"),
        ("9 tokens", "no cap on tokens"),
        ("a lot", "`a lot` is no amount"),
        ("-3", "no amount"),
        ("1e9", "no amount"),
        ("", "no amount"),
    ],
)
def test_a_budget_that_is_no_raise_is_refused_with_the_reason(ride: Ride, text: str, why: str) -> None:
    ride.store.set_caps(ride.run, "run", Caps(money=1_000_000))
    said = ride.answer(Wish.BUDGET, text)
    assert said.startswith("refused: ")
    assert why in said


def test_a_nudge_is_kept_whole_and_the_answer_says_whether_anybody_can_heed_it(tmp_path: Path) -> None:
    store = SqliteStore.open(tmp_path)
    alone, team = Ride(store), Ride(store, model="openai/gpt-4o")
    words = "Look at the rounding.\n" * 20

    assert "no language model takes part" in alone.answer(Wish.NUDGE, words)
    assert "told it before its next step" in team.answer(Wish.NUDGE, words)
    assert "said before" in team.answer(Wish.NUDGE, words)
    assert team.answer(Wish.NUDGE, " \n") == "refused: a nudge without words tells nobody anything"
    assert store.findings(team.run)[0].summary == words.strip()
    store.close()


def test_wishes_are_heard_while_the_run_is_busy_and_what_comes_too_late_is_answered_too(ride: Ride) -> None:
    with attending(ride.store, ride.run, ride.switches):
        stop = ride.store.request(ride.run, Wish.STOP_ALL).number
        while not ride.answered(stop):
            time.sleep(0.02)
        assert ride.switches.wished

    def interrupted() -> None:
        with attending(ride.store, ride.run, ride.switches):
            ride.store.request(ride.run, Wish.NUDGE, "", "be quick")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    late = stop + 1
    assert ride.answered(late) in {
        "not done: the run came to its end first",
        "kept as f1, but no language model takes part that could heed it",
    }


def test_trouble_while_attending_is_raised_where_the_run_is(ride: Ride) -> None:
    ride.store.close()
    with pytest.raises(StoreTrouble), attending(ride.store, ride.run, ride.switches):
        assert ride.switches.stop.wait(20)
