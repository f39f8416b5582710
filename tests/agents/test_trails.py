"""How different attempts were, and where a new one begins."""

import json
from typing import Any

from swarm.agents.trails import Trail, apart, compared, least_tried, spread, trails
from swarm.blackboard.tasks import Task, TaskState
from swarm.events import Conversed, WorkerActed


def conversed(task: int, *calls: tuple[str, Any]) -> Conversed:
    """A reply that calls these tools; a text in the place of arguments is sent as it is."""
    made = [
        {"id": str(at), "function": {"name": name, "arguments": given if isinstance(given, str) else json.dumps(given)}}
        for at, (name, given) in enumerate(calls)
    ]
    messages = [{"role": "assistant", "content": "", "tool_calls": made}, {"role": "tool", "tool_call_id": "0", "content": "x"}]
    return Conversed("w1", task, json.dumps(messages))


def coding(number: int, start: str, model: str) -> Task:
    return Task(
        run="r", number=number, kind="code", goal="g", needs=(), priority=0, parent=None, depth=0,
        payload=json.dumps({"start": start, "model": model}), state=TaskState.DONE, worker="", token=0, setbacks=(), result="",
    )  # fmt: skip


EDIT = {"path": "a.py", "old": "x", "new": "  return 1\n\n"}


def test_a_trail_is_what_was_run_looked_at_and_written_and_how_it_was_spaced_does_not_matter() -> None:
    events = [
        conversed(2, ("run", {"command": "pytest  -q\n"}), ("test", {"tests": ["t.py::a"]}), ("test", {})),
        WorkerActed("w1", 2, "thinks"),
        conversed(1, ("read", {"path": "a.py", "first": 3}), ("outline", {"symbol": "price"}), ("submit", {"summary": "s"})),
        conversed(2, ("edit", EDIT), ("edit", '{"path": "never'), ("search", {"pattern": "x", "path": "src"})),
    ]

    tasks = [coding(number, "code", "m") for number in (1, 2)]
    assert trails([*events, conversed(3, ("run", {"command": "ls"}))], tasks) == [
        Trail(1, looked=frozenset({"a.py", "price"})),
        Trail(2, frozenset({"pytest -q", "test t.py::a", "test"}), frozenset({"src x"}), frozenset({"a.py: return 1"})),
    ]
    assert trails(events, tasks)[1].files == {"a.py"}


def test_sets_are_apart_by_what_only_one_of_them_has() -> None:
    one, half, other = frozenset("ab"), frozenset("bc"), frozenset("cd")
    assert (apart(one, one), apart(one, half), apart(one, other), apart(frozenset(), frozenset())) == (0.0, 1 - 1 / 3, 1.0, 0.0)
    assert spread([one, one, other]) == round(2 / 3, 3)
    assert spread([one]) == 0.0


def test_one_attempt_is_compared_with_nobody_and_two_are_compared_in_every_way() -> None:
    first, second = Trail(1, frozenset({"ls"}), frozenset({"a.py"})), Trail(4, frozenset({"ls"}), frozenset({"b.py"}))

    assert compared([first]) is None
    told = compared([first, second], [frozenset({"a: +x"}), frozenset({"a: +x"})])
    assert told is not None
    assert (told.tasks, told.commands, told.looked, told.edits, told.candidates, told.patches) == ((1, 4), 0.0, 1.0, 0.0, 2, 0.0)


def test_a_new_attempt_takes_the_start_and_model_that_were_tried_least_and_is_told_what_was_changed_in_vain() -> None:
    tasks = [coding(1, "reproduction", "m1"), coding(2, "code", "m1"), coding(3, "tests", "m2"), coding(4, "reproduction", "m2")]
    walked = [Trail(1, edits=frozenset({"b.py: y"})), Trail(2, edits=frozenset({"a.py: x", "b.py: z"}))]

    told = least_tried(walked, tasks, ["m1", "m2", "m3"])

    assert told == {"start": "specification", "model": "m3", "number": 4, "tried": ["b.py", "a.py"]}
