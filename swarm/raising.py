"""Letting a run spend more than it was told at first."""

import re
from dataclasses import replace

from swarm.agents.budget import kept_back
from swarm.blackboard.ledger import Caps
from swarm.blackboard.store import Store
from swarm.errors import Refused

AMOUNT = re.compile(r"\$?(?P<money>\d{1,9}(\.\d{1,6})?)|(?P<tokens>\d{1,15}) tokens?", re.ASCII)
"""How a person says how much: `2.50`, `$3`, `200000 tokens`."""


def raised(store: Store, run: str, text: str) -> str:
    """Raise the cap of a run on money or on tokens, and that of those who write patches with it; what became of it."""
    now = next(account.caps for account in store.accounts(run) if account.scope == "run")
    wanted = _wanted(text)
    for name, amount in vars(wanted).items():
        cap = getattr(now, name)
        if amount is None:
            continue
        if cap is None:
            raise Refused(reason=f"the run has no cap on {name}, so there is none to raise")
        if amount <= cap:
            raise Refused(reason=f"the cap is {_said(name, cap)}; a run that goes on is given more, never less")
        now = replace(now, **{name: amount})
    store.set_caps(run, "run", now)
    store.set_caps(run, "agent:coder", kept_back(now))
    return f"the run may spend {' and '.join(_said(name, cap) for name, cap in vars(wanted).items() if cap is not None)} now"


def _wanted(text: str) -> Caps:
    found = AMOUNT.fullmatch(text.strip().replace(",", ""))
    if found is None:
        raise Refused(reason=f"`{text[:40]}` is no amount; say how much in all, like `2.50` dollars or `200000 tokens`")
    if found["tokens"]:
        return Caps(tokens=int(found["tokens"]))
    return Caps(money=round(float(found["money"]) * 1_000_000))


def _said(name: str, cap: int) -> str:
    return f"${cap / 1_000_000:.2f}" if name == "money" else f"{cap:,} tokens"
