"""What a tool is: a name, what it takes, and what it does."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from prompts import render
from swarm.agents.agent import Desk, Result
from swarm.agents.bench import Bench, Unusable
from swarm.agents.reply import Call
from swarm.blackboard.tasks import Task

SCHEMAS: Mapping[str, Mapping[str, Any]] = {
    "text": {"type": "string"},
    "number": {"type": "integer"},
    "texts": {"type": "array", "items": {"type": "string"}},
}
KINDS: Mapping[str, Callable[[Any], bool]] = {
    "text": lambda value: isinstance(value, str),
    "number": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "texts": lambda value: isinstance(value, list) and all(isinstance(each, str) for each in value),
}


@dataclass
class Shift:
    """One agent's work on one task, as its tools see it."""

    desk: Desk
    task: Task
    bench: Bench
    edited: dict[str, int] = field(default_factory=dict)
    """How often which file was edited."""
    submitted: int = 0
    """How many candidates were handed in, or reproductions proposed."""


@dataclass(frozen=True)
class Outcome:
    """What came of a call."""

    text: str
    ends: Result | None = None
    """The task has come to its end."""
    note: str = ""
    """The agent's past is to be replaced by this."""
    changes: bool = False
    """Whether files may have changed."""


@dataclass(frozen=True)
class Tool:
    """A tool. What a model is told of it stands in `prompts/tool-NAME.md`."""

    name: str
    act: Callable[..., Outcome]
    takes: Mapping[str, str]
    """The kind of each parameter; a `?` behind it says that it may be left out."""

    def schema(self) -> Mapping[str, Any]:
        """The tool as chat completions describe it."""
        properties = {name: dict(SCHEMAS[kind.rstrip("?")]) for name, kind in self.takes.items()}
        required = [name for name, kind in self.takes.items() if not kind.endswith("?")]
        parameters = {"type": "object", "properties": properties, "required": required, "additionalProperties": False}
        return {
            "type": "function",
            "function": {"name": self.name, "description": render(f"tool-{self.name}"), "parameters": parameters},
        }

    def arguments(self, text: str) -> dict[str, Any]:
        """The arguments of a call, if they are what the tool takes; nothing is repaired and run."""
        try:
            given = json.loads(text or "{}")
        except ValueError as error:
            raise Unusable(why=f"The arguments are no JSON ({error}). Nothing was done.") from None
        if not isinstance(given, dict):
            raise Unusable(why="The arguments have to be a JSON object. Nothing was done.")
        wrong = [f"unknown `{name}`" for name in given.keys() - self.takes.keys()]
        for name, kind in self.takes.items():
            if given.get(name) is None:
                wrong += [] if kind.endswith("?") else [f"`{name}` is missing"]
            elif not KINDS[kind.rstrip("?")](given[name]):
                wrong.append(f"`{name}` has to be {SCHEMAS[kind.rstrip('?')]['type']}")
        if wrong:
            raise Unusable(
                why=f"{'; '.join(sorted(wrong))}. `{self.name}` takes {json.dumps(dict(self.takes))}. Nothing was done."
            )
        return {name: value for name, value in given.items() if value is not None}


@dataclass(frozen=True)
class Toolbox:
    """The tools of an agent, in an order that never changes."""

    tools: tuple[Tool, ...]

    def schemas(self) -> list[Mapping[str, Any]]:
        """All tools, as chat completions describe them."""
        return [tool.schema() for tool in self.tools]

    def use(self, call: Call, shift: Shift) -> Outcome:
        """Do what a call asks for."""
        tool = next((tool for tool in self.tools if tool.name == call.tool), None)
        if tool is None:
            names = ", ".join(tool.name for tool in self.tools)
            raise Unusable(why=f"There is no tool `{call.tool[:80]}`; there are {names}. Nothing was done.")
        return tool.act(shift, **tool.arguments(call.arguments))
