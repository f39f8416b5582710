"""What a model says, as values."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

Message = Mapping[str, Any]
"""A message of a conversation, in the form of chat completions: what every provider's own form can be made from."""


class Finish(Enum):
    """Why a model stopped speaking."""

    DONE = "done"
    CALLS = "calls"
    """It wants tools to be called."""
    LENGTH = "length"
    """It was cut off: nothing of it is carried out."""
    REFUSED = "refused"
    """It, or its provider, will not answer."""


@dataclass(frozen=True)
class Usage:
    """The tokens of a call."""

    prompt: int = 0
    """All that was sent, the cached ones among them."""
    completion: int = 0
    cached: int = 0
    """Of the prompt, what the provider had seen before."""
    written: int = 0
    """Of the prompt, what the provider keeps for the next time."""

    @property
    def tokens(self) -> int:
        """All of them."""
        return self.prompt + self.completion


@dataclass(frozen=True)
class Call:
    """A tool that a model calls."""

    id: str
    tool: str
    arguments: str
    """As the model wrote them, which need not be JSON."""

    def as_message(self) -> Message:
        """The call as part of a conversation."""
        return {"id": self.id, "type": "function", "function": {"name": self.tool, "arguments": self.arguments}}


@dataclass(frozen=True, kw_only=True)
class Reply:
    """A whole reply: it came to its end, by the provider's own word."""

    text: str
    finish: Finish
    calls: tuple[Call, ...] = ()
    usage: Usage = field(default_factory=Usage)
    cost: int = 0
    """Millionths of a dollar."""

    @property
    def empty(self) -> bool:
        """Whether it says nothing at all."""
        return not self.text.strip() and not self.calls

    def as_message(self) -> Message:
        """The reply as part of a conversation."""
        calls = {"tool_calls": [call.as_message() for call in self.calls]} if self.calls else {}
        return {"role": "assistant", "content": self.text, **calls}
