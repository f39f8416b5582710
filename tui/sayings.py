"""What one worker and its agents said, did and ran, read from moments: one saying for each thing that can be folded."""

import json
from collections.abc import Iterator, Sequence
from typing import Any

from swarm import events as e
from swarm.values import Value
from tui.given import Moment

ABOUT = (
    e.AgentBegan, e.WorkerActed, e.CommandRan, e.Conversed, e.WorkerStopped,
    e.TaskFinished, e.TaskGivenBack, e.TaskPutDown, e.TaskExpired, e.TaskSplit,
)  # fmt: skip
"""The events that a transcript is made of."""


class Saying(Value):
    """A thing in a transcript."""

    place: tuple[int, int]
    """The position of its moment, and its number in it."""
    kind: str
    """`said` by a model, `told` to it, `called` by it, `answered` to a call, `ran`, `act` or `rule`."""
    head: str
    """Its first line, which is always shown."""
    body: str = ""
    """What is folded away; for `said`, Markdown that is always shown."""
    digest: str = ""
    """Where its body is kept, if it is not here."""

    @property
    def folds(self) -> bool:
        """Whether there is something to unfold."""
        return self.kind != "said" and bool(self.body or self.digest)


def about(moment: Moment, worker: str) -> bool:
    """Whether a moment belongs into the transcript of a worker."""
    return isinstance(moment.event, ABOUT) and moment.event.worker == worker


def sayings(moments: Sequence[Moment]) -> list[Saying]:
    """What these moments of one worker told, in order."""
    found: list[Saying] = []
    for before, moment in zip([None, *moments], moments, strict=False):
        event = moment.event
        if isinstance(event, e.WorkerActed):
            conversed = before is not None and isinstance(before.event, e.Conversed)
            if conversed or event.action.startswith("says: "):
                continue  # the conversation itself tells it
        found += (Saying((moment.position, at), *told) for at, told in enumerate(_told(event)))
    return found


def _told(event: e.Event) -> Iterator[tuple[str, ...]]:
    match event:
        case e.AgentBegan(_, task, agent, model):
            yield "rule", f"t{task}: {agent}" + (f" with {model}" if model else "")
        case e.Conversed(messages=messages, anew=anew):
            if anew:
                yield "rule", "the conversation was shortened and began anew"
            else:
                for message in _messages(messages):
                    yield from _of_message(message)
        case e.CommandRan(_, _, argv, ending, code, seconds, output):
            how = f"code {code}" if ending == "exited" else ending
            yield "ran", f"$ {_shell(argv)}  ({how}, {seconds:.1f} s)", "", output
        case e.WorkerActed(_, _, action):
            yield "act", action
        case e.TaskFinished(task, _, result):
            yield "rule", f"t{task} is done: {result}"
        case e.TaskGivenBack(task, _, reason):
            yield "rule", f"t{task} was given back: {reason}"
        case e.TaskPutDown(task) | e.TaskExpired(task) | e.TaskSplit(task):
            yield "rule", f"t{task}: {type(event).__doc__}"
        case e.WorkerStopped(_, reason):
            yield "rule", f"stopped: {reason}"


def _of_message(message: dict[str, Any]) -> Iterator[tuple[str, ...]]:
    text, role = _text(message.get("content")), message.get("role")
    if role == "assistant":
        if text.strip():
            yield "said", "", text
        for call in message.get("tool_calls") or ():
            function = call.get("function", {})
            arguments = str(function.get("arguments", ""))
            yield "called", f"{function.get('name', '')} {_first(arguments, 100)}", _spelled(arguments)
    elif role == "tool":
        yield "answered", _first(text), text
    else:
        yield "told", _first(text), text


def _messages(text: str) -> list[dict[str, Any]]:
    kept = json.loads(text) if text else []
    return [message for message in kept if isinstance(message, dict)] if isinstance(kept, list) else []


def _text(content: object) -> str:
    if isinstance(content, list):
        return "\n".join(str(part.get("text", "")) for part in content if isinstance(part, dict))
    return str(content or "")


def _spelled(arguments: str) -> str:
    """The arguments of a call as a person reads them: several lines of a text are several lines."""
    try:
        named = json.loads(arguments)
    except ValueError:
        return arguments
    return "\n".join(f"{name}: {value}" for name, value in named.items()) if isinstance(named, dict) else arguments


def _first(text: str, most: int = 160) -> str:
    line = next((line for line in text.splitlines() if line.strip()), "")
    return line[:most]


def _shell(argv: Sequence[str]) -> str:
    """A command as it would be typed; of `bash -c` what it was given."""
    said = argv[2] if tuple(argv[:2]) == ("bash", "-c") and len(argv) == 3 else " ".join(argv)
    return _first(said, 300)
