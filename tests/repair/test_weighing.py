"""Edits with which all tests pass are asked what no test asks."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from sandboxes.environment import inherited
from sandboxes.host import Host
from sandboxes.mirror import Mirror
from swarm.evidence.baseline import Thoroughness, measure
from swarm.evidence.ground import Ground
from swarm.evidence.rooms import Room, Rooms
from swarm.evidence.runners.pytest import PytestRunner
from swarm.repair import attempts
from swarm.repair.engine.observing import Observation, asked_twice
from swarm.repair.idle import idle
from swarm.repair.knowledge import Knowledge, learned
from swarm.repair.pairs import pairs
from swarm.repair.ranking import Ranked
from swarm.repair.search import Search
from swarm.repair.source import Source
from swarm.repair.trial import Trial
from swarm.repair.weighing import TAKEN_AWAY, Weighed, weighed

QUICK = "[pytest]\naddopts = -p no:hypothesispytest -p no:anyio -p no:timeout\n"
LARGEST = """
def largest(numbers):
    best = numbers[0]
    for number in numbers:
        if number < best:
            best = number
    return best
"""
OPTIONAL = """
def label(prices, name, default=None):
    if name not in prices:
        if not default:
            raise KeyError(name)
        return default
    return prices[name]
"""
TWICE = """
def span(numbers):
    low, high = min(numbers), min(numbers)
    return low - high
"""

GREET = """
def greet(name, times=1):
    if times <= 1:
        return ""
    return "Hi " + ", ".join([name] * times) + "!"
"""
INDEX = """
def index(items, item):
    low, high = 0, len(items)
    while low < high:
        middle = (low + high) // 2
        if items[middle] == item:
            return middle
        if items[middle] < item:
            low = middle
        else:
            high = middle
    return -1
"""
LAST = """
def last(items, count):
    return [items[-number] for number in range(1, count + 1)]
"""
SCALED = """
def scaled(points, factor):
    return [(x * factor, y) for x, y in points]
"""


@contextmanager
def opened(folder: Path, files: Mapping[str, str]) -> Iterator[tuple[Ground, Room, dict[str, bytes]]]:
    mirror = Mirror.at(folder / "mirror.git")
    rooms = Rooms(Host(), mirror, inherited(folder), folder / "worktrees")
    tree = mirror.put(mirror.git.text("mktree"), {path: text.encode() for path, text in {"pytest.ini": QUICK, **files}.items()})
    runner = PytestRunner(rooms.environment.python)
    baseline = measure(runner, rooms, tree, Thoroughness(runs=1, cpu=1.0))
    ground = Ground(base=mirror.commit(tree, [], "base"), tree=tree, rooms=rooms, runner=runner, baseline=baseline)
    with rooms.open(tree) as room:
        yield ground, room, {path: text.encode() for path, text in files.items() if not path.startswith("test_")}


def tried(ground: Ground, room: Room, sources: dict[str, bytes], knowledge: Knowledge, most: int) -> list[tuple[Ranked, Trial]]:
    search = Search(ground, room, sources, knowledge)
    return [pair for batch in search.tries(knowledge.order[:most], (), 60.0) for pair in batch]


def weighed_in(folder: Path, text: str, tests: str, most: int) -> tuple[list[Weighed], list[str]]:
    """The plausible ones of the likeliest edits of a file with these tests, the best first, and what each makes of it."""
    with opened(folder, {"shop.py": text, "test_shop.py": tests}) as (ground, room, sources):
        knowledge = learned(ground, "", room)
        found = [one for one, trial in tried(ground, room, sources, knowledge, most) if trial.plausible]
        order = list(weighed(ground, room, sources, knowledge, found))
        read = Source.read("shop.py", sources["shop.py"])
        return order, [one.edit.of(read).new_source.decode() for one in order]


def chosen_and_weighed(folder: Path, text: str, tests: str, *wanted: str) -> list[tuple[Weighed, str]]:
    """The likeliest edit for each of these, the best first, and what it makes: the same ones on a busy machine."""
    with opened(folder, {"shop.py": text, "test_shop.py": tests}) as (ground, room, sources):
        knowledge = learned(ground, "", room)
        read = Source.read("shop.py", sources["shop.py"])
        made = {one: one.of(read).new_source.decode() for one in knowledge.order[:1500]}
        found = [next(one for one, source in made.items() if words in source) for words in wanted]
        return [(one, made[one.edit]) for one in weighed(ground, room, sources, knowledge, found)]


@pytest.fixture(scope="module")
def scales(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[Weighed], bytes, Knowledge]:
    """A function whose tests leave much open, its plausible edits weighed."""
    tests = "from shop import largest\ndef test_up(): assert largest([2, 3, 1]) == 3\ndef test_one(): assert largest([4]) == 4\n"
    with opened(tmp_path_factory.mktemp("scales"), {"shop.py": LARGEST, "test_shop.py": tests}) as (ground, room, sources):
        knowledge = learned(ground, "", room)
        found = [one for one, trial in tried(ground, room, sources, knowledge, 500) if trial.plausible and not trial.twin]
        return list(weighed(ground, room, sources, knowledge, found)), sources["shop.py"], knowledge


def test_of_many_plausible_edits_the_one_that_others_agree_with_comes_first(
    scales: tuple[list[Weighed], bytes, Knowledge],
) -> None:
    order, source, _ = scales
    assert len(order) > 3
    best = order[0].edit.of(Source.read("shop.py", source)).new_source.decode()
    assert "if number > best:" in best
    assert [one.weight for one in order] == sorted((one.weight for one in order), reverse=True)


def test_what_answers_just_as_switching_a_check_off_is_no_likelier_than_that(tmp_path: Path) -> None:
    tests = (
        "from shop import label\ndef test_there(): assert label({'a': 1, 'b': 2}, 'a') == 1\n"
        "def test_given(): assert label({}, 'b', '?') == '?'\ndef test_empty(): assert label({'a': 1}, 'b', '') == ''\n"
    )
    order, made = weighed_in(tmp_path, OPTIONAL, tests, 500)
    right = next(one for one, text in zip(order, made, strict=True) if "if default is None:" in text)
    off = next(one for one in order if one.edit.operator == "always")
    alike = [one for one in order if one.observed and off.observed and one.observed.answers == off.observed.answers]
    assert len(alike) > 2
    assert max(one.weight for one in alike) == max(one.weight for one in alike if one.edit.operator in TAKEN_AWAY)
    assert right.weight > max(one.weight for one in alike)
    assert all(one.off for one in alike)
    assert not right.off


def test_an_edit_after_which_nobody_reads_a_name_is_less_likely(tmp_path: Path) -> None:
    tests = "from shop import scaled\ndef test_it(): assert scaled([(0, 0), (1, 1)], 3) == [(0, 0), (3, 3)]\n"
    _, made = weighed_in(tmp_path, SCALED, tests, 1500)
    assert any("(x * factor, x * factor)" in one for one in made)
    assert "(x * factor, y * factor)" in made[0]


def test_what_still_never_ends_with_an_input_near_those_of_the_tests_is_hardly_right(tmp_path: Path) -> None:
    tests = (
        "from shop import index\ndef test_found(): assert index([1, 3, 5], 3) == 1\ndef test_one(): assert index([2], 2) == 0\n"
        "def test_last(): assert index([1, 3, 5, 7], 7) == 3\ndef test_missing(): assert index([1, 3, 5], 4) == -1\n"
    )
    order = chosen_and_weighed(tmp_path, INDEX, tests, "low = middle + 1", "high = low")
    assert [("low = middle + 1" in source, "high = low" in source) for _, source in order] == [(True, False), (False, True)]


def test_names_that_nobody_reads_are_counted() -> None:
    assert idle(b"def f(self, a, b, _c):\n    d = a\n    for e in []:\n        global g\n        g = 1\n") == 3
    assert idle(b"def f(a, *rest):\n    def inner():\n        return a\n    return inner\n") == 0
    assert idle(b"def f(:") == 0


def test_inputs_that_no_test_uses_are_asked_and_tell_edits_apart(scales: tuple[list[Weighed], bytes, Knowledge]) -> None:
    order, _, _ = scales
    seen = [one.observed for one in order if one.observed]
    assert len({one.asked for one in seen}) == 1
    assert "numbers=[1, 3, 2]" in seen[0].asked
    assert len({one.answers for one in seen}) > 1
    rivals = [one.rival for one in order if one.rival]
    assert all(text.startswith("largest(numbers=") and " with another" in text for text in rivals)


def test_an_edit_whose_answers_are_not_known_is_not_told_from_one_that_is_nearly_as_likely(tmp_path: Path) -> None:
    tests = (
        "from shop import greet\ndef test_once(): assert 'Ada' in greet('Ada')\n"
        "def test_twice(): assert greet('Ada', 2) == 'Hi Ada, Ada!'\ndef test_never(): assert greet('Ada', 0) == ''\n"
    )
    order = {one.edit.operator: one for one, _ in chosen_and_weighed(tmp_path, GREET, tests, "times=2", "if times < 1")}
    default, condition = order["off-by-one"], order["comparison"]
    assert default.observed is None
    assert default.rival == f"comparison at shop.py:{condition.edit.line}, whose answers cannot be compared with its own"
    assert condition.rival == ""
    assert condition.still == ""


def test_an_edit_with_which_other_inputs_fail_as_before_is_told_with_one_of_them(tmp_path: Path) -> None:
    tests = "from shop import last\ndef test_more(): assert last([1], 2) == [1]\ndef test_none(): assert last([], 0) == []\n"
    ((only, _),) = chosen_and_weighed(tmp_path, LAST, tests, "range(1, count)")
    assert only.still == "last(items=[], count=2): IndexError: list index out of range"
    assert only.rival == ""


def test_what_the_project_refuses_on_purpose_is_no_failure_that_is_left(tmp_path: Path) -> None:
    refusing = LAST.replace(
        "    return", "    if count > len(items):\n        raise IndexError('list index out of range')\n    return"
    )
    tests = "from shop import last\ndef test_all(): assert last([1, 2], 3) == [2, 1]\ndef test_none(): assert last([], 0) == []\n"
    ((only, _),) = chosen_and_weighed(tmp_path, refusing, tests, "if count > len(items) + 1")
    assert only.observed is not None
    assert "raises IndexError" in only.observed.answers
    assert set(only.observed.complaints) == {"", "IndexError: list index out of range"}
    assert only.still == ""


def test_what_a_busy_machine_cut_short_is_asked_again_and_only_that() -> None:
    seen = Observation("last", ("items=[]",), ("[]",))
    answers: list[dict[int, Observation | None]] = [{0: seen, 2: None}, {0: seen}]
    asked: list[list[object]] = []

    def ask(jobs: Sequence[Sequence[object]]) -> dict[int, Observation | None]:
        asked.append([job[0] for job in jobs])
        return answers.pop(0)

    assert asked_twice(ask, [["a"], ["b"], ["c"]]) == {0: seen, 1: seen}
    assert asked == [["a", "b", "c"], ["b"]]


def test_why_no_answers_are_known_is_said(tmp_path: Path) -> None:
    tests = "from shop import last\ndef test_more(): assert last([1], 2) == [1]\ndef test_none(): assert last([], 0) == []\n"
    with opened(tmp_path, {"shop.py": LAST, "test_shop.py": tests}) as (ground, room, sources):
        knowledge = learned(ground, "", room)
        gone = replace(ground.rooms, environment=replace(ground.rooms.environment, python="/no/python"))
        first, *_ = weighed(replace(ground, rooms=gone), room, sources, knowledge, knowledge.order[:3])
    assert "whose answers cannot be compared with its own (" in first.rival
    assert "/no/python" in first.rival


def test_what_was_learned_survives_being_written_down(scales: tuple[list[Weighed], bytes, Knowledge]) -> None:
    _, _, knowledge = scales
    assert Knowledge.read(knowledge.written()) == knowledge


def test_two_edits_at_once_are_tried_with_those_that_came_furthest(tmp_path: Path) -> None:
    tests = (
        "from shop import span\ndef test_none(): assert span([3]) == 0\n"
        "def test_some(): assert span([1, 4]) == 3\ndef test_more(): assert span([9, 2, 5]) == 7\n"
    )
    with opened(tmp_path, {"shop.py": TWICE, "test_shop.py": tests}) as (ground, room, sources):
        knowledge = learned(ground, "", room)
        singles = [pair for pair in tried(ground, room, sources, knowledge, 250) if pair[1].twin is None]
        known = list(attempts.read(attempts.written(singles)))
        assert len(known) == len(singles)
        both = pairs(attempts.promising(known, ground.red), knowledge.order, sources)
        results = [pair for batch in Search(ground, room, sources, knowledge).tries(both[:1500], (), 60.0) for pair in batch]
        read = Source.read("shop.py", sources["shop.py"])
        right = [one.of(read).new_source.decode() for one, trial in results if trial.plausible]
    assert any("max(numbers)" in text and text.count("min(numbers)") == 1 for text in right)


def test_where_the_engine_cannot_run_the_tests_each_edit_gets_a_run_of_its_own(tmp_path: Path) -> None:
    tests = "from shop import largest\ndef test_up(): assert largest([1, 2]) == 2\ndef test_one(): assert largest([4]) == 4\n"
    with opened(tmp_path, {"shop.py": LARGEST, "test_shop.py": tests}) as (ground, room, sources):
        fast = learned(ground, "", room)
        slow = Knowledge(fast.suspects, fast.order, None, "nobody can")
        wanted = [one for one in fast.order if one.operator == "comparison"][:3]
        search = Search(ground, room, sources, slow)
        found = [pair for batch in search.tries(wanted, (), 60.0) for pair in batch]
    assert [trial.how for _, trial in found] == ["run"] * 3
    assert any(trial.plausible for _, trial in found)
