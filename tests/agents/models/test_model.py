"""The model seam against a real server: what comes back, and what becomes of every fault a provider can have."""

import asyncio
import email.utils
import gc
import subprocess
import sys
import time
from dataclasses import replace
from typing import Any

import pytest
from model_server import Answer, Fail, ModelServer, Say, Use, plays

from swarm.agents.faults import KeyRefused, QuotaExhausted, RequestRefused, TooLong, Transient, UnknownModel
from swarm.agents.model import Model, hang_up
from swarm.agents.patience import Patience
from swarm.agents.prices import Prices
from swarm.agents.reply import Finish, Reply
from swarm.agents.tools import TOOLBOX
from swarm.errors import SwarmError

KEY = "sk-canary-0123456789"
PRICES = Prices(2e-6, 8e-6, 1e-6, 2.5e-6)
PATIENT = Patience(shortest=0.05)
HASTY = Patience(first=0.7, idle=0.7)
WIRES = pytest.mark.parametrize("wire", ["openai", "anthropic"])


def model_on(provider: ModelServer, wire: str, **changes: Any) -> Model:
    name, base = ("openai/gpt-4o", provider.base) if wire == "openai" else ("anthropic/claude-sonnet-4-5", provider.address)
    model = Model(name=name, key=KEY, base=base, variable="X_API_KEY", prices=PRICES, patience=PATIENT)
    return replace(model, **changes)


def ask(model: Model, heard: list[str] | None = None) -> Reply:
    async def once() -> Reply:
        try:
            tell = heard.append if heard is not None else None
            return await model.ask([{"role": "user", "content": "Fix it."}], TOOLBOX.schemas(), tell)
        finally:
            await hang_up()

    return asyncio.run(once())


@WIRES
def test_a_reply_has_text_calls_usage_with_cached_tokens_apart_and_its_cost(provider: ModelServer, wire: str) -> None:
    uses = (Use("read", {"path": "a.py"}), Use("run", {"command": "ls\npwd"}))
    provider.script = plays(Say(text="I look. " * 20, uses=uses, prompt=1000, cached=800, completion=50))
    heard: list[str] = []

    reply = ask(model_on(provider, wire), heard)

    assert reply.text == "I look. " * 20
    assert [(call.tool, call.arguments) for call in reply.calls] == [(use.tool, use.text) for use in uses]
    assert (reply.usage.prompt, reply.usage.cached, reply.usage.completion) == (1000, 800, 50)
    assert reply.cost == 200 * 2 + 800 * 1 + 50 * 8
    assert reply.finish is Finish.CALLS
    assert len(heard) > 1
    assert "".join(heard) == reply.text


@WIRES
def test_the_server_is_sent_the_key_the_tools_and_the_messages(provider: ModelServer, wire: str) -> None:
    provider.script = plays(Say(text="Yes."))

    ask(model_on(provider, wire))

    (asked,) = provider.asked
    assert asked.wire == wire
    assert asked.body["stream"] is True
    assert len(asked.body["tools"]) == len(TOOLBOX.tools)
    assert asked.messages[-1]["role"] == "user"
    sent = {name.lower(): value for name, value in asked.headers.items()}
    assert KEY in sent.get("authorization", "") + sent.get("x-api-key", "")


@WIRES
@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (Fail(status=401, type="authentication_error", message=f"no such key: {KEY}"), KeyRefused),
        (Fail(status=403, type="permission_error"), KeyRefused),
        (Fail(status=404, type="not_found_error"), UnknownModel),
        (Fail(status=402, type="billing_error"), QuotaExhausted),
        (Fail(status=429, type="insufficient_quota", message="You exceeded your current quota"), QuotaExhausted),
        (Fail(status=400, type="invalid_request_error", message="Your credit balance is too low"), QuotaExhausted),
        (Fail(status=400, type="invalid_request_error", message="tools: not supported"), RequestRefused),
        (Fail(status=400, type="invalid_request_error", message="prompt is too long: 3 tokens > 2 maximum"), TooLong),
        (Fail(status=413, type="request_too_large"), TooLong),
        (Fail(status=429, type="rate_limit_error"), Transient),
        (Fail(status=500), Transient),
        (Fail(status=503), Transient),
        (Fail(status=529, type="overloaded_error"), Transient),
        (Fail(status=0, hang_up=True), Transient),
    ],
    ids=lambda value: f"{value.status}-{value.type}" if isinstance(value, Fail) else value.__name__,
)
def test_a_fault_is_sorted_by_what_can_be_done_about_it(
    provider: ModelServer, wire: str, answer: Fail, kind: type[SwarmError]
) -> None:
    provider.script = plays(answer)

    with pytest.raises(kind) as caught:
        ask(model_on(provider, wire))

    assert type(caught.value) is kind
    assert len(provider.asked) == 1
    assert KEY not in str(caught.value)
    assert caught.value.__suppress_context__


def test_a_message_is_what_the_provider_said_and_not_the_classes_of_a_library(provider: ModelServer) -> None:
    for wire in ("openai", "anthropic"):
        provider.script = plays(Fail(status=401, message="This key was revoked."))
        with pytest.raises(KeyRefused) as caught:
            ask(model_on(provider, wire))
        assert caught.value.facts["said"] == "This key was revoked."


@WIRES
def test_who_hangs_up_leaves_no_connection_open(provider: ModelServer, wire: str) -> None:
    provider.script = plays(Fail(status=500))

    # The first finds litellm's client new, the second opens it anew, and the third drops what outlived the loop of the second.
    for _ in range(3):
        with pytest.raises(Transient):
            ask(model_on(provider, wire))

    gc.collect()  # whatever is found open here is a ResourceWarning, and with that an error of this test


def test_nobody_listening_is_a_fault_that_may_pass(provider: ModelServer) -> None:
    with pytest.raises(Transient):
        ask(model_on(provider, "openai", base="http://127.0.0.1:9/v1"))


@pytest.mark.parametrize(
    ("header", "value", "seconds"),
    [("Retry-After", "7", 7.0), ("Retry-After", "0.25", 0.25), ("retry-after-ms", "1500", 1.5), ("Retry-After", "soon", None)],
)
def test_a_pause_that_the_provider_asks_for_is_told(
    provider: ModelServer, header: str, value: str, seconds: float | None
) -> None:
    provider.script = plays(Fail(status=429, headers={header: value}))

    with pytest.raises(Transient) as caught:
        ask(model_on(provider, "openai"))

    assert caught.value.wait == seconds


def test_a_pause_can_be_asked_for_as_a_date(provider: ModelServer) -> None:
    date = email.utils.formatdate(time.time() + 100, usegmt=True)
    provider.script = plays(Fail(status=429, headers={"Retry-After": date}))

    with pytest.raises(Transient) as caught:
        ask(model_on(provider, "openai"))

    assert caught.value.wait == pytest.approx(100, abs=5)


@WIRES
def test_a_stream_that_breaks_off_is_no_reply_wherever_it_breaks(provider: ModelServer, wire: str) -> None:
    whole = Say(text="I run it.", uses=(Use("run", {"command": "rm -r build; make a very long command of it, in pieces"}),))
    for cut in range(1, 6):
        provider.script = plays(replace(whole, cut=cut))
        with pytest.raises(Transient) as caught:
            ask(model_on(provider, wire))
        assert caught.value.spent is not None
        assert caught.value.spent.prompt > 0


@WIRES
def test_an_error_in_the_middle_of_a_stream_is_an_error(provider: ModelServer, wire: str) -> None:
    provider.script = plays(Say(text="x" * 200, error_after=3))

    with pytest.raises(Transient):
        ask(model_on(provider, wire))


@WIRES
@pytest.mark.parametrize("answer", [Say(text="late", delay=60), Say(text="x" * 400, stall=60)], ids=["first", "idle"])
def test_silence_is_not_waited_for_without_end(provider: ModelServer, wire: str, answer: Answer) -> None:
    provider.script = plays(answer)
    begin = time.monotonic()

    with pytest.raises(Transient):
        ask(model_on(provider, wire, patience=HASTY))

    assert time.monotonic() - begin < 30


@WIRES
@pytest.mark.parametrize(
    ("finish", "kind"), [("length", Finish.LENGTH), ("content_filter", Finish.REFUSED), ("stop", Finish.DONE)]
)
def test_why_a_model_stopped_is_told(provider: ModelServer, wire: str, finish: str, kind: Finish) -> None:
    provider.script = plays(Say(text="So", finish=finish if wire == "openai" or finish != "stop" else ""))

    assert ask(model_on(provider, wire)).finish is kind


def test_tokens_that_the_provider_does_not_count_are_counted_here(provider: ModelServer) -> None:
    provider.script = plays(Say(text="word " * 100, usage=False))

    usage = ask(model_on(provider, "openai")).usage

    assert usage.prompt > 0
    assert 50 < usage.completion < 300


def test_what_a_provider_needs_is_there_before_the_first_question() -> None:
    program = (
        "import gc, sys\nfrom swarm.agents.model import load, load_for\nload()\nneeded = 'openai.resources.chat'\n"
        "print(needed in sys.modules)\nload_for('anthropic')\nprint(needed in sys.modules)\n"
        "load_for('openai')\nprint(needed in sys.modules, gc.isenabled())\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False", "True", "True"]
