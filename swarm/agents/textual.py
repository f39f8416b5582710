"""Tools for models that cannot call any: the same calls, written into the text of a reply, in one strict form."""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from prompts import render
from swarm.agents.bench import Unusable
from swarm.agents.reply import Call, Message

BLOCK = re.compile(r'<call tool="([\w-]+)">\n?(.*?)</call>', re.DOTALL)


def explained(schemas: Sequence[Mapping[str, Any]]) -> str:
    """How tools are called in text, and which there are."""
    lines = []
    for schema in schemas:
        function = schema["function"]
        parameters = {
            name: kind["type"] + ("" if name in function["parameters"]["required"] else ", may be left out")
            for name, kind in function["parameters"]["properties"].items()
        }
        lines.append(f"{function['name']}: {function['description']}\n  parameters: {json.dumps(parameters)}")
    return render("text-calls", tools="\n\n".join(lines))


def calls_in(text: str, turn: int) -> tuple[Call, ...]:
    """The calls at the end of a reply. Anything but calls and blanks after the first one makes all of it unusable."""
    found = list(BLOCK.finditer(text))
    if not found:
        if "<call" in text:
            raise Unusable(why="The call is not closed by </call>, or not opened as described. Nothing was done.")
        return ()
    if BLOCK.sub("", text[found[0].start() :]).strip():
        raise Unusable(why="There is text between or behind the calls. Nothing was done.")
    return tuple(Call(f"text_{turn}_{at}", match[1], match[2].strip()) for at, match in enumerate(found))


def in_text(messages: Sequence[Message]) -> list[Message]:
    """A conversation with results as plain messages, for models that know of no tools."""
    said: list[Message] = []
    for message in messages:
        if message["role"] == "tool":
            text = f'<result of="{message["tool_call_id"]}">\n{message["content"]}\n</result>'
            said.append({"role": "user", "content": text})
        else:
            said.append({name: value for name, value in message.items() if name != "tool_calls"})
    return said
