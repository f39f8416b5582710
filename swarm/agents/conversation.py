"""What was said between swarm and a model on one task. It only grows, so that what was sent once is never paid for anew in full;
if it has to become shorter, it begins anew."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from prompts import render
from swarm.agents.reply import Message

KEPT = 8
"""Messages, the latest, that a compaction leaves as they are, and whatever belongs to them."""
COMMANDS = 15
SHORT = 160
"""Characters of a command or result in a compaction."""


@dataclass(frozen=True)
class Conversation:
    """A conversation: what every agent is told, this agent's task, and what came after."""

    head: tuple[Message, ...]
    """Rules and briefing: the same for every agent of the run."""
    said: tuple[Message, ...] = field(default=())

    @property
    def messages(self) -> tuple[Message, ...]:
        """All of it, as it is sent."""
        return (*self.head, *self.said)

    def and_then(self, *messages: Message) -> "Conversation":
        """The conversation with these messages after it."""
        return replace(self, said=(*self.said, *messages))

    def anew(self, note: str) -> "Conversation":
        """The task, and a note in the place of everything after it."""
        return replace(self, said=(self.said[0], told(note)))

    @property
    def middle(self) -> tuple[Message, ...]:
        """What a compaction leaves out."""
        return self.said[1 : self._cut]

    @property
    def _cut(self) -> int:
        return _clean_cut(self.said, max(len(self.said) - KEPT, 1))

    def compacted(self, edited: str, findings: str, summary: str = "") -> "Conversation":
        """The task, what its middle came to, and its end as it was. No model is needed for it; the summary of one is added."""
        middle = self.middle
        facts = {"edited": edited, "commands": _commands(middle), "verdicts": _verdicts(middle), "findings": findings}
        note = render("compacted", **facts, summary=summary)
        return replace(self, said=(self.said[0], told(note), *self.said[self._cut :]))


def told(text: str) -> Message:
    """Something that swarm says."""
    return {"role": "user", "content": text}


def result_of(call: str, text: str) -> Message:
    """What came of a call."""
    return {"role": "tool", "tool_call_id": call, "content": text}


def unanswered(messages: Sequence[Message]) -> Message | None:
    """The last reply, if what it asks for has not been done: the process was killed between the two."""
    last = messages[-1] if messages else {}
    return last if last.get("role") == "assistant" else None


def written(messages: Iterable[Message]) -> str:
    """Messages as they are kept."""
    return json.dumps(list(messages), ensure_ascii=False)


def read(text: str) -> tuple[Message, ...]:
    """Messages that were kept."""
    return tuple(json.loads(text))


def marked(messages: Sequence[Message], shared: int) -> list[Message]:
    """The messages with marks where a provider that wants them told should keep what it has read: after what all agents
    are told, and at the end."""
    places = {shared - 1, len(messages) - 1}
    return [_marked(message) if at in places else message for at, message in enumerate(messages)]


def _marked(message: Message) -> Message:
    text = message.get("content")
    if not isinstance(text, str) or not text:
        return message
    return {**message, "content": [{"type": "text", "text": text, "cache_control": {"type": "ephemeral"}}]}


def _clean_cut(said: Sequence[Message], cut: int) -> int:
    """A place to cut at which no result is parted from its call."""
    while cut > 1 and said[cut]["role"] == "tool":
        cut -= 1
    return cut


def _commands(messages: Sequence[Message]) -> list[str]:
    """What was done, a line each with the first line of what came of it."""
    results = {message["tool_call_id"]: message["content"] for message in messages if message["role"] == "tool"}
    calls = [call for message in messages for call in message.get("tool_calls", ())]
    lines = []
    for call in calls[-COMMANDS:]:
        first = (str(results.get(call["id"], "")).strip().splitlines() or [""])[0]
        lines.append(f"{call['function']['name']} {_short(call['function']['arguments'])} -> {_short(first)}")
    return lines


def _verdicts(messages: Sequence[Message]) -> list[str]:
    submits = {
        call["id"] for message in messages for call in message.get("tool_calls", ()) if call["function"]["name"] == "submit"
    }
    return [_short(message["content"]) for message in messages if message.get("tool_call_id") in submits]


def _short(text: str) -> str:
    plain = " ".join(text.split())
    return plain if len(plain) <= SHORT else f"{plain[: SHORT - 1]}…"
