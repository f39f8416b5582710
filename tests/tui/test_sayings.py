"""What an agent said, did and ran."""

import json

import team

from swarm import events as e
from tui.given import Moment
from tui.panels.transcript import marked_down
from tui.recall import CHUNK, earlier
from tui.sayings import about, sayings


def told(*events: e.Event) -> list[tuple[str, str]]:
    found = sayings([Moment(n, float(n), event) for n, event in enumerate(events, start=1)])
    return [(saying.kind, saying.head or saying.body) for saying in found]


def test_a_conversation_is_told_as_words_calls_and_what_came_of_them() -> None:
    said = told(
        e.AgentBegan("w2", 3, "coder", "openai/gpt-4o"),
        team.conversed("w2", 3, {"role": "user", "content": "Your task"}),
        team.conversed("w2", 3, team.said("I **see**.", ("read", {"path": "a.py"}))),
        e.WorkerActed("w2", 3, "read a.py"),
        e.CommandRan("w2", 3, ("bash", "-c", "ls -l"), "exited", 0, 0.1, "d" * 64),
        team.conversed("w2", 3, team.answered("\n\n1 file\n")),
        e.TaskFinished(3, "w2", "done so"),
    )
    assert said == [
        ("rule", "t3: coder with openai/gpt-4o"),
        ("told", "Your task"),
        ("said", "I **see**."),
        ("called", 'read {"path": "a.py"}'),
        ("ran", "$ ls -l  (code 0, 0.1 s)"),
        ("answered", "1 file"),
        ("rule", "t3 is done: done so"),
    ]


def test_an_agent_without_a_model_is_told_by_its_steps() -> None:
    assert told(e.AgentBegan("w1", 1, "repairer"), e.WorkerActed("w1", 1, "tries 6 edits")) == [
        ("rule", "t1: repairer"),
        ("act", "tries 6 edits"),
    ]


def test_half_a_sentence_is_left_out_for_the_whole_one_comes() -> None:
    assert told(e.WorkerActed("w3", 4, "says: the issue")) == []


def test_a_conversation_that_began_anew_is_told_as_that() -> None:
    anew = e.Conversed("w2", 3, json.dumps([team.said("old")]), anew=True)
    assert told(anew) == [("rule", "the conversation was shortened and began anew")]


def test_the_arguments_of_a_call_unfold_to_lines() -> None:
    (_, call) = sayings([Moment(1, 1.0, team.conversed("w2", 3, team.said("x", ("edit", {"path": "a", "new": "b\nc"}))))])
    assert call.folds
    assert call.body == "path: a\nnew: b\nc"


def test_odd_messages_are_shown_as_they_are() -> None:
    odd = [
        {
            "role": "assistant",
            "content": [{"type": "text", "text": "parts"}],
            "tool_calls": [{"function": {"name": "run", "arguments": "{broken"}}],
        },
        3,
    ]
    assert told(e.Conversed("w", 1, json.dumps(odd)), e.Conversed("w", 1, "")) == [("said", "parts"), ("called", "run {broken")]


def test_markdown_of_strangers_moves_nothing_and_leads_nowhere() -> None:
    strips = marked_down(
        "# T\n\x1b[2J [red]x[/red] \u202e[go](file:///etc/passwd) <script> ![i](http://x/y.png)\n\n```\ncode\x07\n```", 200
    )
    text = "\n".join(strip.text for strip in strips)
    assert "\\x1b[2J [red]x[/red] \\u202e" in text
    assert "file:///etc/passwd" in text
    assert "code\\x07" in text
    assert all(segment.style is None or segment.style.link is None for strip in strips for segment in strip)


def test_what_is_older_is_found_in_the_source_bit_by_bit() -> None:
    every = [Moment(n, float(n), e.WorkerActed(f"w{n % 500}", 1, f"step {n}")) for n in range(1, 4 * CHUNK)]
    asked: list[int] = []

    def source(after: int, limit: int) -> list[Moment]:
        asked.append(limit)
        return every[after : after + limit]

    found = earlier(source, len(every) + 1, 5, lambda moment: about(moment, "w7"))
    assert [moment.position for moment in found] == [1507, 2007, 2507, 3007, 3507]
    assert max(asked) <= CHUNK
    assert [moment.position for moment in earlier(source, 1507, 5, lambda moment: about(moment, "w7"))] == [7, 507, 1007]
    assert earlier(source, 1, 5, lambda _: True) == []
