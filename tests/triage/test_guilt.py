"""The search for guilty hunks, on changes of which it is known what they do: how exact it is, and how many runs it takes."""

import itertools
import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any

from swarm.evidence.results import Outcome, TestResult, TestRun
from swarm.triage.guilt import Court
from swarm.triage.hunks import Hunk
from swarm.triage.sight import Fault, Sight
from swarm.triage.trials import Ask

TEST = "test_it.py::test_it"
BROKEN = {TEST: Fault("AssertionError", "assert 1 == 2")}


@dataclass
class World:
    """A change of numbered hunks, of which some sets break the test, and some hunks cannot do without others."""

    count: int
    guilty: Sequence[frozenset[int]]
    needs: dict[int, frozenset[int]] = field(default_factory=dict)
    runs: int = 0
    rounds: int = 0
    seen: dict[Any, list[Sight]] = field(default_factory=dict)

    @property
    def hunks(self) -> list[Hunk]:
        return [Hunk(number, "a.py", "edit") for number in range(self.count)]

    def with_only(self, chosen: Collection[int]) -> str:
        return " ".join(map(str, sorted(chosen)))

    def closed(self, chosen: Collection[int]) -> frozenset[int]:
        return frozenset(chosen)

    def look(self, trees: Sequence[str], ask: Ask, *, timeout: float, again: bool = False) -> list[Sight]:
        return [sights[0] for sights in self.looks(trees, ask, timeout=timeout, again=again)]

    def looks(self, trees: Sequence[str], _ask: Ask, *, timeout: float, again: bool = False, times: int = 1) -> list[list[Sight]]:
        assert timeout > 0
        self.rounds += 1
        for tree in trees:
            if again or tree not in self.seen:
                self.runs += times
                self.seen[tree] = [self.run(tree) for _ in range(times)]
        return [self.seen[tree] for tree in trees]

    def run(self, tree: str) -> Sight:
        chosen = set(map(int, tree.split()))
        result = TestResult(TEST, Outcome.PASSED)
        if any(one <= chosen for one in self.guilty):
            result = TestResult(TEST, Outcome.FAILED, message="assert 1 == 2", error="AssertionError")
        if any(number in chosen and not needs <= chosen for number, needs in self.needs.items()):
            result = TestResult(TEST, Outcome.FAILED, message="name 'x' is not defined", error="NameError")
        run = TestRun(argv=(), collected=(TEST,), results={TEST: result}, complete=True, exit_code=0, seconds=0, output=b"")
        return Sight(tree, run)

    def court(self, until: float = 60.0, ask: Ask | None = None) -> Court:
        return Court(self, self, BROKEN, ask or Ask(), 1.0, time.monotonic() + until, lambda _: None)  # type: ignore[arg-type]


@dataclass
class Moody(World):
    """The test fails every third time, whatever is there."""

    turn: int = 0

    def run(self, tree: str) -> Sight:
        self.turn += 1
        self.guilty = [frozenset()] if self.turn % 3 == 0 else []
        return super().run(tree)


def no_hint(count: int) -> dict[int, int]:
    return dict.fromkeys(range(count), 3)


def test_one_guilty_among_thirty_is_found_in_at_most_twelve_runs_without_any_hint() -> None:
    for number in range(30):
        world = World(30, [frozenset({number})])

        guilt = world.court().guilty(TEST, no_hint(30))

        assert guilt is not None
        assert (guilt.sets, guilt.cured, guilt.minimal) == ((frozenset({number}),), True, True)
        assert world.runs <= 12


def test_a_wrong_hint_costs_no_more_than_twelve_runs_either() -> None:
    for number in range(30):
        world = World(30, [frozenset({number})])
        hint = {one: 0 if one in ((number + 1) % 30, (number + 7) % 30) else 3 for one in range(30)}

        guilt = world.court().guilty(TEST, hint)

        assert guilt is not None
        assert guilt.sets == (frozenset({number}),)
        assert world.runs <= 12


def test_a_right_hint_leaves_four_runs() -> None:
    world = World(30, [frozenset({17})])

    guilt = world.court().guilty(TEST, {**no_hint(30), 17: 0})

    assert guilt is not None
    assert guilt.sets == (frozenset({17}),)
    assert world.runs <= 4


def test_two_that_only_break_it_together_are_both_blamed() -> None:
    for pair in itertools.combinations(range(0, 30, 3), 2):
        world = World(30, [frozenset(pair)])

        guilt = world.court().guilty(TEST, no_hint(30))

        assert guilt is not None
        assert guilt.sets == (frozenset(pair),)


def test_two_that_break_it_each_by_itself_are_two_sets() -> None:
    world = World(12, [frozenset({2}), frozenset({9})])

    guilt = world.court().guilty(TEST, no_hint(12))

    assert guilt is not None
    assert set(guilt.sets) == {frozenset({2}), frozenset({9})}


def test_what_is_only_needed_to_run_the_test_is_not_blamed() -> None:
    world = World(16, [frozenset({5})], needs={5: frozenset({1, 11}), 1: frozenset({11}), 11: frozenset({1})})

    guilt = world.court().guilty(TEST, no_hint(16))

    assert guilt is not None
    assert guilt.sets == (frozenset({5}),)
    assert guilt.needed == (frozenset({1, 5, 11}),)


def test_a_test_that_passes_when_it_is_looked_at_again_is_flaky() -> None:
    world = World(4, [])

    assert world.court().guilty(TEST, no_hint(4)) is None


def test_a_test_that_fails_every_third_time_is_not_held_against_anybody() -> None:
    for shift in range(3):
        world = Moody(6, [frozenset()], turn=shift)

        assert world.court().guilty(TEST, no_hint(6)) is None


def test_when_time_is_up_the_set_is_as_small_as_it_got_and_that_is_said() -> None:
    world = World(30, [frozenset({3, 20})])

    guilt = world.court(until=-1.0).guilty(TEST, no_hint(30))

    assert guilt is not None
    assert not guilt.minimal
    assert {3, 20} <= guilt.sets[0]


OTHER = "test_it.py::test_other"
BOTH = Ask((), (TEST, OTHER))


@dataclass
class Company(World):
    """Two tests break; with `sociable` only where both are run."""

    sociable: bool = False
    asked: list[Ask] = field(default_factory=list)

    def looks(self, trees: Sequence[str], ask: Ask, *, timeout: float, again: bool = False, times: int = 1) -> list[list[Sight]]:
        self.asked.append(ask)
        if self.sociable and ask != BOTH:
            return [[Sight(tree)] for tree in trees]
        return super().looks(trees, ask, timeout=timeout, again=again, times=times)

    def court(self, until: float = 60.0) -> Court:
        broken = {**BROKEN, OTHER: BROKEN[TEST]}
        return Court(self, self, broken, BOTH, 1.0, time.monotonic() + until, lambda _: None)  # type: ignore[arg-type]


def test_what_is_run_again_to_rule_out_chance_is_run_without_the_other_tests() -> None:
    world = Company(30, [frozenset({17})])

    guilt = world.court().guilty(TEST, {**no_hint(30), 17: 0})

    assert guilt is not None
    assert guilt.sets == (frozenset({17}),)
    assert [ask.tests for ask in dict.fromkeys(world.asked)] == [(TEST, OTHER), (TEST,)]


def test_a_test_that_breaks_only_in_the_company_of_another_is_held_against_the_hunk_all_the_same() -> None:
    world = Company(30, [frozenset({17})], sociable=True)

    guilt = world.court().guilty(TEST, {**no_hint(30), 17: 0})

    assert guilt is not None
    assert guilt.sets == (frozenset({17}),)


def test_where_a_single_hunk_is_suspicious_all_that_it_takes_to_be_sure_is_asked_for_at_once() -> None:
    world, wrong = World(30, [frozenset({17})]), World(30, [frozenset({17})])
    ask = Ask((), (TEST,))

    guilt = world.court(ask=ask).guilty(TEST, {**no_hint(30), 17: 0})
    found = wrong.court(ask=ask).guilty(TEST, {**no_hint(30), 3: 0})

    assert guilt is not None
    assert found is not None
    assert guilt.sets == found.sets == (frozenset({17}),)
    assert (world.runs, guilt.cured) == (4, True)
    assert len(world.seen) == 2
    assert wrong.runs <= 16


@dataclass
class Wavering(World):
    """What is run on a tree fails every other time."""

    times: dict[str, int] = field(default_factory=dict)

    def run(self, tree: str) -> Sight:
        self.times[tree] = self.times.get(tree, 0) + 1
        return super().run(tree if self.times[tree] % 2 else "")


def test_what_is_otherwise_the_second_time_of_two_is_chance() -> None:
    world = Wavering(30, [frozenset({17})])

    assert world.court(ask=Ask((), (TEST,))).guilty(TEST, {**no_hint(30), 17: 0}) is None
