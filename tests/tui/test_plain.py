import dataclasses
import types
import typing

import pytest

from swarm import events as e
from tui.plain import line, sentence


def made_up(kind: type[e.Event]) -> e.Event:
    """An event of this kind, each field filled with something of its type."""
    samples = {str: "word", int: 7, float: 1.5, bool: True}

    def sample(hint: typing.Any) -> typing.Any:
        origin = typing.get_origin(hint)
        if origin is tuple:
            return (sample(typing.get_args(hint)[0]),)
        if origin is types.UnionType:
            return sample(typing.get_args(hint)[0])
        return samples[hint]

    hints = typing.get_type_hints(kind)
    return kind(**{field.name: sample(hints[field.name]) for field in dataclasses.fields(kind)})


@pytest.mark.parametrize("kind", e.EVENTS.values(), ids=lambda kind: kind.__name__)
def test_every_event_has_a_sentence_on_one_line(kind: type[e.Event]) -> None:
    said = sentence(made_up(kind))

    assert said
    assert "\n" not in said


def test_a_run_without_a_sandbox_says_so_loudly() -> None:
    assert "NO SANDBOX" in sentence(e.RunStarted("t", "text", "0" * 40, "none", 2))


def test_a_dirty_tree_is_said_to_be_left_alone() -> None:
    assert "left alone" in sentence(e.RunStarted("t", "text", "0" * 40, "bubblewrap", 2, dirty=True))


def test_a_line_begins_with_the_time_since_the_start() -> None:
    assert line(61.25, e.RunPaused()) == "   61.2s  run paused"


def test_many_failing_tests_are_counted_not_listed() -> None:
    said = sentence(e.BaselineMeasured(("pytest",), 3, tuple(f"test_{number}" for number in range(40))))

    assert "40 fail" in said
    assert "and 37 more" in said
