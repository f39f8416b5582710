"""What tokens cost."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from swarm.agents.reply import Usage
from swarm.blackboard.ledger import Amount

MILLION = 1_000_000
DEAR = 200_000
"""Tokens of a prompt from which on some providers charge more for all of them."""


@dataclass(frozen=True)
class Prices:
    """Dollars for a token of each kind; nothing is free by mistake, since an unknown price is no `Prices` at all."""

    prompt: float
    completion: float
    cached: float
    written: float
    dear: "Prices | None" = None
    """What long prompts cost."""

    @classmethod
    def read(cls, told: Mapping[str, Any], suffix: str = "") -> "Prices | None":
        """The prices in a table of a model's properties; None: there are none."""
        prompt, completion = told.get(f"input_cost_per_token{suffix}"), told.get(f"output_cost_per_token{suffix}")
        if prompt is None or completion is None:
            return None
        cached = told.get(f"cache_read_input_token_cost{suffix}")
        written = told.get(f"cache_creation_input_token_cost{suffix}")
        dear = cls.read(told, "_above_200k_tokens") if not suffix else None
        return cls(prompt, completion, prompt if cached is None else cached, prompt if written is None else written, dear)

    def cost(self, usage: Usage) -> int:
        """What a call cost, in millionths of a dollar, rounded up."""
        if self.dear and usage.prompt > DEAR:
            return self.dear.cost(usage)
        fresh = max(usage.prompt - usage.cached - usage.written, 0)
        dollars = fresh * self.prompt + usage.cached * self.cached + usage.written * self.written
        return math.ceil(round((dollars + usage.completion * self.completion) * MILLION, 6))

    def worst(self, prompt: int, completion: int) -> Amount:
        """The most that a call of this size can cost: nothing of it is cached, all of it is kept, every token is used."""
        dearest = max(self.cost(Usage(prompt, completion)), self.cost(Usage(prompt, completion, written=prompt)))
        return Amount(dearest, prompt + completion)
