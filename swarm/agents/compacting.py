"""What a conversation has to leave out, summed up by a cheap model, if there is one. What it says is data, and not needed."""

import json
from collections.abc import Sequence
from dataclasses import replace

from prompts import render
from swarm.agents.asking import Line
from swarm.agents.budget import Known
from swarm.agents.conversation import told
from swarm.agents.faults import ProviderTrouble, TooLong
from swarm.agents.reply import Message
from swarm.agents.texts import clipped, quoted
from swarm.errors import CapReached

READ, WRITTEN = 40_000, 3_000
"""Characters that are given to the model, and of what it says those that are kept."""


def summed_up(middle: Sequence[Message], line: Line) -> str:
    """The summary, quoted; where no model is there for it, or it cannot be had, a word on why, or nothing."""
    model = line.exchange.compactor()
    if model is None or not middle:
        return ""
    past = quoted(clipped("\n\n".join(map(_line, middle)), READ), "past")
    messages = [{"role": "system", "content": render("compactor-rules")}, told(past)]
    try:
        reply = replace(line, model=model, _known=Known()).ask(messages, [], lambda _: None, lambda _: None, line.stopped)
    except (CapReached, ProviderTrouble, TooLong) as trouble:
        return f"(It was to be summed up by {model.name}, but: {str(trouble).splitlines()[0]})"
    return quoted(clipped(reply.text, WRITTEN), "summary") if reply.text.strip() else ""


def _line(message: Message) -> str:
    calls = [f"{call['function']['name']} {call['function']['arguments']}" for call in message.get("tool_calls", ())]
    said = [str(message.get("content") or ""), *calls]
    return f"{message['role']}: {json.dumps(' '.join(filter(None, said)), ensure_ascii=False)}"
