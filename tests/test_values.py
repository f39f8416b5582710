"""Values behave as the frozen dataclasses do that Python would write."""

import copy
import pickle
from collections.abc import Callable
from dataclasses import FrozenInstanceError, asdict, dataclass, field, fields, replace
from functools import cached_property
from typing import Any

import pytest

from swarm.events import FindingRejected, FindingVerified, TaskAdded, TaskRetried
from swarm.values import Value


class Place(Value):
    """A place."""

    name: str
    steps: int
    signs: tuple[str, ...] = ()


@dataclass(frozen=True)
class Written:
    """The same, as Python writes it."""

    name: str
    steps: int
    signs: tuple[str, ...] = ()


class Named(Value, kw_only=True):
    """A value that has to say what is what."""

    name: str = "nobody"
    steps: int = field(metadata={"least": 0})
    within: Place = field(default_factory=lambda: Place("here", 1))


class Kept(Value):
    """A value with something that does not count, and something that is worked out once."""

    name: str
    cache: list[int] = field(default_factory=list, compare=False, repr=False)

    @cached_property
    def loud(self) -> str:
        """Its name in capitals."""
        return self.name.upper()


@dataclass(frozen=True)
class WrittenKept:
    """The same, as Python writes it."""

    name: str
    cache: list[int] = field(default_factory=list, compare=False, repr=False)

    @cached_property
    def loud(self) -> str:
        """Its name in capitals."""
        return self.name.upper()


@pytest.mark.parametrize(
    "wrong",
    [
        lambda kind: kind(),
        lambda kind: kind("here"),
        lambda kind: kind(name="here"),
        lambda kind: kind("here", 1, (), 2),
        lambda kind: kind("here", 1, mood="good"),
    ],
)
def test_what_does_not_fit_the_fields_is_refused(wrong: Callable[[Any], object]):
    for kind in (Place, Written):
        with pytest.raises(TypeError):
            wrong(kind)


def test_fields_are_given_by_place_or_by_name_and_keep_their_order():
    for kind in (Place, Written):
        assert list(vars(kind(steps=1, name="here")).items()) == [("name", "here"), ("steps", 1), ("signs", ())]
        assert kind("here", steps=1) == kind("here", 1, ())


def test_fields_can_be_given_by_name_only():
    assert vars(Named(steps=1)) == {"name": "nobody", "steps": 1, "within": Place("here", 1)}
    for wrong in (lambda: Named("here", 1), lambda: Named("here", steps=1), Named):
        with pytest.raises(TypeError):
            wrong()


def test_values_are_equal_when_they_are_of_one_kind_and_hold_the_same():
    assert Place("here", 1) == Place("here", 1)
    assert hash(Place("here", 1)) == hash(Place("here", 1))
    assert Place("here", 1) != Place("here", 2)
    assert FindingVerified(1, "why") != FindingRejected(1, "why")
    assert TaskRetried(1) != 1
    assert len({Place("here", 1), Place("here", 1), Place("there", 1)}) == 2


def test_what_does_not_count_is_neither_compared_nor_shown_and_belongs_to_one_value():
    for kind in (Kept, WrittenKept):
        one, other = kind("here"), kind("here", cache=[3])
        assert one.loud == "HERE"
        one.cache.append(1)
        assert (one, hash(one)) == (other, hash(other))
        assert one != kind("there")
        assert repr(one) == f"{kind.__name__}(name='here')"
        assert (kind("here").cache, other.cache) == ([], [3])
        assert replace(one, name="there").loud == "THERE"


def test_values_are_frozen():
    for value in (Place("here", 1), Written("here", 1)):
        with pytest.raises(FrozenInstanceError, match="cannot assign to field 'steps'"):
            value.steps = 2
        with pytest.raises(FrozenInstanceError, match="cannot delete field 'steps'"):
            del value.steps
        assert value.steps == 1


def test_values_are_shown_as_they_are_written():
    assert repr(Place("here", 1)) == "Place(name='here', steps=1, signs=())"


def test_values_are_dataclasses_and_can_be_taken_apart():
    place = Place("here", 1)
    assert [one.name for one in fields(place)] == ["name", "steps", "signs"]
    assert asdict(place) == {"name": "here", "steps": 1, "signs": ()}
    assert replace(place, steps=2) == Place("here", 2)
    match place:
        case Place(name, steps, signs):
            assert (name, steps, signs) == ("here", 1, ())


def test_values_can_be_copied_and_sent():
    added = TaskAdded(1, "fix", "g", (1, 2), None)
    assert copy.deepcopy(added) == added
    assert pickle.loads(pickle.dumps(added)) == added
