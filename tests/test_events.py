"""Events go through JSON without loss, and journals of other versions are read or refused clearly."""

import json
import types
import typing

import pytest
from hypothesis import given
from hypothesis import strategies as st

from swarm.blackboard.journal import Entry, read_line
from swarm.errors import JournalDamaged, JournalTooNew
from swarm.events import EVENTS, SCHEMA, Event, RunStarted, StageEntered, TaskAdded
from swarm.values import Value

VALUES = {str: st.text(), int: st.integers(), float: st.floats(allow_nan=False, allow_infinity=False), bool: st.booleans()}


def values_of(hint: typing.Any) -> st.SearchStrategy[typing.Any]:
    if typing.get_origin(hint) is tuple:
        return st.lists(values_of(typing.get_args(hint)[0]), max_size=3).map(tuple)
    if typing.get_origin(hint) is types.UnionType:
        return st.none() | values_of(typing.get_args(hint)[0])
    return VALUES[hint]


def events_of(kind: type[Event]) -> st.SearchStrategy[Event]:
    return st.builds(kind, **{name: values_of(hint) for name, hint in typing.get_type_hints(kind).items()})


@given(st.sampled_from(sorted(EVENTS)).flatmap(lambda name: events_of(EVENTS[name])), st.integers(1), st.floats(0, 1e12))
def test_an_entry_survives_a_line_of_json(event: Event, position: int, at: float):
    entry = Entry(position, "0123abcd", at, event)
    line = entry.line()
    assert read_line(line) == entry
    assert line.isascii()
    assert "\n" not in line


@pytest.mark.parametrize("kind", EVENTS.values(), ids=str)
def test_every_event_is_frozen_says_a_sentence_and_has_primitive_fields(kind: type[Event]):
    assert issubclass(kind, Value)
    assert kind.__doc__
    assert kind.__doc__.endswith(".")
    assert "\n" not in kind.__doc__
    for hint in typing.get_type_hints(kind).values():
        inner = typing.get_args(hint)[0] if typing.get_args(hint) else hint
        assert inner in VALUES


def line(**changes: object) -> str:
    values = json.loads(Entry(1, "r", 1.0, RunStarted("t", "s", "b", "none", 2)).line())
    return json.dumps({key: value for key, value in (values | changes).items() if value is not ...})


def test_a_journal_of_a_newer_format_is_refused():
    with pytest.raises(JournalTooNew, match=f"format {SCHEMA + 1}"):
        read_line(line(schema=SCHEMA + 1))


def test_an_event_that_this_version_does_not_know_is_refused():
    with pytest.raises(JournalTooNew, match="`MoonLanded`"):
        read_line(line(event="MoonLanded"))


def test_a_field_that_this_version_does_not_know_is_refused():
    with pytest.raises(JournalTooNew, match="mood"):
        read_line(line(mood="good"))


def test_an_older_journal_without_a_field_that_has_a_default_is_read():
    assert read_line(line(dirty=...)).event == RunStarted("t", "s", "b", "none", 2, dirty=False)


def test_a_number_without_a_point_is_read_where_a_fraction_is_meant():
    assert read_line(line(at=3)).at == 3.0


@pytest.mark.parametrize(
    "wrong",
    [
        "", "{", "[]", "3", '{"schema": 1}',
        line(title=...), line(title=3), line(workers="2"), line(workers=True), line(dirty=1), line(title=None),
        line(position="1"), line(position=True), line(run=1), line(at="now"), line(schema="1"), line(event=["RunStarted"]),
    ],
)  # fmt: skip
def test_a_line_that_makes_no_sense_is_damaged(wrong: str):
    with pytest.raises(JournalDamaged, match="The line begins"):
        read_line(wrong)


def test_lists_of_the_wrong_things_are_damaged():
    good = json.loads(Entry(1, "r", 1.0, TaskAdded(1, "fix", "g", (1, 2), None)).line())
    assert read_line(json.dumps(good)).event == TaskAdded(1, "fix", "g", (1, 2), None)
    for needs in (["1"], "12", {"1": 2}, [None]):
        with pytest.raises(JournalDamaged):
            read_line(json.dumps(good | {"needs": needs}))


def test_what_json_cannot_say_is_not_written():
    with pytest.raises(ValueError, match="not JSON compliant"):
        Entry(1, "r", float("nan"), StageEntered("x")).line()
