"""Where all calls of all agents go out: one thread, one event loop, one litellm for the whole process."""

import asyncio
import threading
from collections.abc import Callable, Coroutine, Iterator, Mapping, Sequence
from concurrent.futures import Future
from concurrent.futures import TimeoutError as NotYet
from contextlib import contextmanager
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any, TypeVar
from urllib.parse import urlsplit

from swarm.agents.faults import NoKey, UnpricedModel
from swarm.agents.keys import Keys, variable_of
from swarm.agents.limiter import Limiter
from swarm.agents.model import SIZE_OF_PAGE, Model, described, hang_up, load, load_for, provider_of
from swarm.agents.patience import Patience
from swarm.agents.prices import Prices
from swarm.settings.values import Settings

T = TypeVar("T")

LOOK = 0.05
"""Seconds between two looks at whether a call is still wanted."""
PATIENCE = 30.0
"""Seconds in which the exchange has to come to rest: as long as litellm may take to load."""
LONGEST = 8192
"""Tokens of a reply."""


class NotWanted(Exception):
    """The call was given up, since whoever asked is told to stop."""


@dataclass(frozen=True)
class Wanted:
    """Which models, and on which conditions."""

    names: tuple[str, ...]
    base: str
    money: bool
    """Whether money is capped."""
    tokens: bool
    """Whether tokens are capped."""
    form: str
    """`native`, `text`, or `auto`: how tools are called."""
    compact: str = ""
    """Which one sums up what conversations have to leave out; empty: none."""

    @classmethod
    def by(cls, settings: Settings) -> "Wanted":
        """What the settings say."""
        names = tuple(name.strip() for name in settings.model.split(",") if name.strip())
        money = settings.max_cost is not None or settings.max_cost_per_day is not None
        tokens = settings.max_tokens is not None
        return cls(names, settings.api_base, money, tokens, settings.tool_form, settings.compact_model)


class Exchange:
    """The models of a run. They are made ready in the exchange's own thread, while the run does other things."""

    def __init__(self, wanted: Wanted, keys: Keys, patience: Patience) -> None:
        self._wanted, self._keys, self._patience = wanted, keys, patience
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="exchange", daemon=True)
        self._limiters: dict[tuple[str, str], Limiter] = {}
        self._ready: Future[tuple[Model, ...]] = Future()
        self._compactor: Model | None = None

    def open(self) -> None:
        """Begin to make the models ready; where none is wanted, nothing is begun, so that nothing has to be waited for."""
        if not self.names:
            return
        self._thread.start()
        self._ready = asyncio.run_coroutine_threadsafe(self._prepare(), self._loop)

    def close(self) -> None:
        """Give up what is under way."""
        if not self.names:
            self._loop.close()
            return
        asyncio.run_coroutine_threadsafe(self._give_up(), self._loop).result(timeout=PATIENCE)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    @property
    def names(self) -> tuple[str, ...]:
        """The models that are wanted, whether they are ready or not."""
        return self._wanted.names

    def check(self) -> None:
        """Raise what is wrong with the models, if that is known by now."""
        if self._ready.done():
            self._ready.result()

    def models(self) -> Sequence[Model]:
        """The models, once they are ready; what is wrong with them is raised here."""
        return self._ready.result()

    def compactor(self) -> Model | None:
        """The model that sums up what conversations have to leave out, once the models are ready; None: there is none."""
        self._ready.result()
        return self._compactor

    def limiter(self, model: Model) -> Limiter:
        """The gate to a model's provider."""
        return self._limiters[model.base or provider_of(model.name), model.key]

    def wait_for(self, call: Coroutine[Any, Any, T], stopped: Callable[[], bool]) -> T:
        """The outcome of a call; it is given up as soon as whoever asks is told to stop."""
        future = asyncio.run_coroutine_threadsafe(call, self._loop)
        while True:
            try:
                return future.result(timeout=LOOK)
            except NotYet:
                if future.done():
                    raise  # the call's own
                if stopped():
                    future.cancel()
                    raise NotWanted from None

    async def _prepare(self) -> tuple[Model, ...]:
        if self._wanted.names:
            load()
        models = tuple(self._model(name) for name in self._wanted.names)
        self._compactor = self._model(self._wanted.compact) if self._wanted.compact else None
        for model in (*models, *([self._compactor] if self._compactor else [])):
            gate = (model.base or provider_of(model.name), model.key)
            self._limiters.setdefault(gate, Limiter(self._patience))
        return models

    def _model(self, name: str) -> Model:
        provider, base = provider_of(name), self._wanted.base
        load_for(provider)
        variable = variable_of(provider)
        key, at_home = self._keys.get(variable), _at_home(base)
        if not key and not base and not provider.startswith("ollama"):
            raise NoKey(model=name, variable=variable, place=self._keys.place)
        known = described(name)
        prices = Prices.read(known)
        # Tokens can be capped where money cannot; and who asks nothing but the own machine pays nobody.
        if prices is None and (self._wanted.money or not (self._wanted.tokens or at_home)):
            raise UnpricedModel(model=name)
        calls = (
            known.get("supports_function_calling") is not False if self._wanted.form == "auto" else self._wanted.form == "native"
        )
        return Model(
            name=name,
            key=key or "none",
            base=base,
            variable=variable,
            prices=prices,
            longest=min(known.get("max_output_tokens") or LONGEST, LONGEST),
            page=known.get("max_input_tokens") or SIZE_OF_PAGE,
            calls_tools=calls,
            marks_cache=provider == "anthropic",
            patience=self._patience,
        )

    async def _give_up(self) -> None:
        others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
        if self._wanted.names and self._ready.done():
            await hang_up()


@contextmanager
def opened_exchange(wanted: Wanted, environment: Mapping[str, str], patience: Patience = Patience()) -> Iterator[Exchange]:  # noqa: B008 - a frozen value
    """The exchange of a run, for as long as the run works."""
    exchange = Exchange(wanted, Keys(environment), patience)
    exchange.open()
    try:
        yield exchange
    finally:
        exchange.close()


def _at_home(base: str) -> bool:
    """Whether an address is on this machine."""
    host = urlsplit(base).hostname or ""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
