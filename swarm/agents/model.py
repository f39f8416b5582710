"""The model seam: one question, one reply. The only place that knows litellm, which is loaded when it is first used."""

import asyncio
import email.utils
import json
import os
import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from swarm.agents.faults import KeyRefused, QuotaExhausted, RequestRefused, TooLong, Transient, UnknownModel
from swarm.agents.hurry import hurried
from swarm.agents.patience import Patience
from swarm.agents.prices import Prices
from swarm.agents.reply import Call, Finish, Message, Reply, Usage
from swarm.errors import SwarmError

Tell = Callable[[str], None]
"""Is given each piece of a reply as it comes."""

BROKE = ("insufficient_quota", "exceeded your current quota", "billing", "credit balance", "payment required", "out of credits")
"""How providers say that there is no money left; some say it with the status for 'too many requests'."""
OVERLONG = ("prompt is too long", "maximum context length", "context_length_exceeded", "context window", "request_too_large")
FINISHES = {"length": Finish.LENGTH, "content_filter": Finish.REFUSED, "tool_calls": Finish.CALLS, "function_call": Finish.CALLS}
MESSAGE = re.compile(r'"message": ?"((?:[^"\\\\]|\\\\.)*)"')
WRAPPINGS = re.compile(r"^(?:litellm\.)?(?:\w+(?:Error|Exception|Timeout): |\w+Exception - )*(?:\w+Exception - )?")
SAID = 300
"""Characters of what a provider said that a message shows."""
SIZE_OF_PAGE = 200_000
"""Tokens that a model can read if nobody knows better."""


@cache
def load() -> Any:
    """Bring litellm in: some seconds of work, once. It is to use the prices it came with, and to report nothing to anybody."""
    os.environ.setdefault("LITELLM_LOCAL_MODEL_COST_MAP", "True")
    os.environ.setdefault("LITELLM_MODE", "PRODUCTION")  # otherwise it reads a `.env` file of whatever folder swarm is called in
    with hurried():
        import litellm  # noqa: PLC0415 - costs seconds and 165 MB, and only who uses a model needs it

    litellm.suppress_debug_info = True
    litellm.telemetry = False
    litellm.drop_params = True
    return litellm


def load_for(provider: str) -> None:
    """Bring in what litellm would only load with the first question to this provider, when somebody waits for the answer."""
    if provider in {"openai", *load().openai_compatible_providers}:
        with hurried():
            import openai.resources.chat  # noqa: F401, PLC0415 - as above, half a second


@dataclass(frozen=True, kw_only=True)
class Model:
    """A model by its name, reached through whoever serves it."""

    name: str
    """As litellm has it: `anthropic/…`, `openai/…`, `ollama/…`."""
    key: str = field(default="", repr=False)
    base: str = ""
    """Where it is served; empty: where its provider serves it."""
    variable: str = ""
    """What its key is called."""
    prices: Prices | None = None
    longest: int = 4096
    """Tokens of a reply."""
    page: int = SIZE_OF_PAGE
    """Tokens that it can read."""
    calls_tools: bool = True
    marks_cache: bool = False
    """Whether its provider wants to be told what will be sent again."""
    patience: Patience = field(default_factory=Patience)

    async def ask(self, messages: Sequence[Message], tools: Sequence[Mapping[str, Any]] = (), tell: Tell | None = None) -> Reply:
        """Ask once. Trouble that passes by itself is `Transient`, a conversation too long is `TooLong`, the rest is final."""
        heard = _Heard(tell)
        load()  # before any clock runs
        try:
            async with asyncio.timeout(self.patience.whole):
                await self._listen(messages, tools, heard)
        except (asyncio.CancelledError, SwarmError):
            raise
        except TimeoutError:
            raise self._transient("it was silent for too long", messages, heard) from None
        except Exception as error:  # noqa: BLE001 - whatever litellm raises is sorted here, and here only
            # The original would take the request with it, and with that the key, into every traceback.
            raise self._sorted(error, messages, heard) from None
        return heard.reply(self.prices)

    async def _listen(self, messages: Sequence[Message], tools: Sequence[Mapping[str, Any]], heard: "_Heard") -> None:
        async with asyncio.timeout(self.patience.first):
            stream = await load().acompletion(
                model=self.name,
                messages=list(messages),
                stream=True,
                stream_options={"include_usage": True},
                max_tokens=self.longest,
                timeout=self.patience.whole,
                num_retries=0,
                max_retries=0,
                **({"tools": list(tools)} if tools else {}),
                **({"api_key": self.key} if self.key else {}),
                **({"api_base": self.base} if self.base else {}),
            )
        heard.begun = True
        try:
            silence = self.patience.first
            while True:
                async with asyncio.timeout(silence):
                    chunk = await anext(stream, None)
                if chunk is None:
                    break
                heard.add(chunk)
                silence = self.patience.idle
        finally:
            await stream.aclose()
        # Where a stream just ends, litellm makes up a last word; only this tells whether the provider said one.
        if stream.received_finish_reason is None:
            raise self._transient("its reply broke off", messages, heard)

    def _sorted(self, error: Exception, messages: Sequence[Message], heard: "_Heard") -> SwarmError:
        said = _scrubbed(str(error), self.key)
        status, low = getattr(error, "status_code", None), str(error).lower()
        facts = {"model": self.name, "said": said[:SAID], "variable": self.variable}
        if status == 402 or any(word in low for word in BROKE):
            return QuotaExhausted(**facts)
        if status in {401, 403}:
            return KeyRefused(**facts)
        if status == 404:
            return UnknownModel(**facts)
        if status == 413 or any(word in low for word in OVERLONG):
            return TooLong(**facts)
        if status in {400, 422}:
            return RequestRefused(**facts)
        return self._transient(said[:SAID], messages, heard, _wait(getattr(error, "litellm_response_headers", None) or {}))

    def _transient(self, said: str, messages: Sequence[Message], heard: "_Heard", wait: float | None = None) -> Transient:
        spent = None
        if heard.begun:  # the provider has read everything and written something, and will want to be paid for both
            count = load().token_counter
            spent = Usage(count(model=self.name, messages=_plain(messages)), count(model=self.name, text=heard.text or " "))
        return Transient(model=self.name, said=said, wait=wait, spent=spent)


class _Heard:
    """A reply as it comes in, piece by piece."""

    def __init__(self, tell: Tell | None) -> None:
        self.begun = False
        self._tell = tell
        self._texts: list[str] = []
        self._calls: dict[int, list[str]] = {}
        self._finish = "stop"
        self._usage = Usage()

    @property
    def text(self) -> str:
        """What was said so far."""
        return "".join(self._texts)

    def add(self, chunk: Any) -> None:
        """Take a piece of the reply."""
        if usage := getattr(chunk, "usage", None):
            details = getattr(usage, "prompt_tokens_details", None)
            cached = getattr(details, "cached_tokens", None) or 0
            written = getattr(usage, "cache_creation_input_tokens", None) or 0
            self._usage = Usage(max(usage.prompt_tokens, 0), max(usage.completion_tokens, 0), max(cached, 0), max(written, 0))
        for choice in chunk.choices[:1]:
            self._finish = choice.finish_reason or self._finish
            if choice.delta.content:
                self._texts.append(choice.delta.content)
                if self._tell:
                    self._tell(choice.delta.content)
            for part in choice.delta.tool_calls or ():
                call = self._calls.setdefault(part.index, ["", "", ""])
                call[0] = part.id or call[0]
                call[1] = part.function.name or call[1]
                call[2] += part.function.arguments or ""

    def reply(self, prices: Prices | None) -> Reply:
        """The whole of it."""
        calls = tuple(Call(name or f"call_{at}", tool, arguments) for at, (name, tool, arguments) in sorted(self._calls.items()))
        finish = FINISHES.get(self._finish, Finish.CALLS if calls else Finish.DONE)
        cost = prices.cost(self._usage) if prices else 0
        return Reply(text=self.text, finish=finish, calls=calls, usage=self._usage, cost=cost)


async def hang_up() -> None:
    """Close the connections that litellm keeps open, and let it forget them: whoever comes later opens its own."""
    litellm = load()
    await litellm.close_litellm_async_clients()
    litellm.in_memory_llm_clients_cache.flush_cache()
    # Anthropic and Ollama are asked through a client of litellm's module, which its own closing passes over. Only looked
    # for where it is kept: to ask litellm for it would make one. Once closed, it opens anew for whoever comes later.
    if shared := vars(litellm).get("module_level_aclient"):
        await shared.close()
    await asyncio.sleep(0)  # a connection is let go in the loop's next round, which may be its last


def described(name: str) -> Mapping[str, Any]:
    """What is known of a model: prices, sizes, whether it can call tools; nothing if it is not known at all."""
    litellm = load()
    if name.startswith(("ollama/", "ollama_chat/")):
        return {"input_cost_per_token": 0.0, "output_cost_per_token": 0.0}  # runs at home; litellm would ask it over the network
    try:
        known: Mapping[str, Any] = litellm.get_model_info(name)
    except Exception:  # noqa: BLE001 - litellm says with a bare Exception that it does not know a model
        return {}
    return known


def provider_of(name: str) -> str:
    """Who serves a model."""
    try:
        return str(load().get_llm_provider(name)[1])
    except Exception:  # noqa: BLE001 - as above
        raise UnknownModel(model=name, said="its name does not say whose it is; write it as provider/model.") from None


def _scrubbed(text: str, key: str) -> str:
    """What the provider itself said: without the names of litellm's classes around it, and without the key."""
    plain = " ".join(text.split())
    said = MESSAGE.search(plain)
    plain = said[1] if said else WRAPPINGS.sub("", plain)
    return plain.replace(key, "[key]") if key else plain


def _plain(messages: Sequence[Message]) -> list[Message]:
    return [{"role": "user", "content": json.dumps(message)} for message in messages]


def _wait(headers: Mapping[str, str]) -> float | None:
    """How long the provider asks us to wait: in seconds, in milliseconds, or until a date."""
    given = {name.lower(): value for name, value in dict(headers).items()}
    for name, unit in (("retry-after-ms", 1000.0), ("retry-after", 1.0)):
        try:
            return max(float(given.get(name, "")) / unit, 0.0)
        except ValueError:
            continue
    try:
        return max(email.utils.parsedate_to_datetime(given.get("retry-after", "")).timestamp() - time.time(), 0.0)
    except (TypeError, ValueError):
        return None
