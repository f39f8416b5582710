"""Several issues, one after another: each is a run of its own, all share one budget, and one report tells of them."""

import shlex
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sandboxes.trouble import Trouble
from swarm.errors import Interrupted, Terminated, shown
from swarm.parts import Parts
from swarm.report import brief
from swarm.settings.values import Settings

Fixed = Callable[[str, Parts, Callable[[str], None]], tuple[int, str]]
"""Fixes one issue, and says its run as soon as there is one: with which code it ended, and what more there is to say."""
LIMIT = 5


class QueueInterrupted(Interrupted):
    """Interrupted at {given}; no issue after it was begun.
    {how}
    The rest: {rest}"""


@dataclass(frozen=True, kw_only=True)
class Row:
    """What came of one issue."""

    given: str
    code: int
    said: str
    run: dict[str, Any] | None = None
    """As `swarm ls` has it; None: none was begun."""

    @property
    def text(self) -> str:
        """For a person."""
        outcome = self.run["outcome"] if self.run else "not begun"
        lines = [f"{self.given}: {outcome}" + (f", run {self.run['run']}" if self.run else "")]
        if self.run and self.run["branch"]:
            lines += [f"  branch  {self.run['branch']}", f"  look    swarm diff {self.run['run']}"]
        return "\n".join((*lines, *(f"  {line}" for line in self.said.splitlines())))

    @property
    def value(self) -> dict[str, Any]:
        """For a program."""
        return {"issue": self.given, "exit_code": self.code, "said": self.said, "run": self.run}


@dataclass(frozen=True)
class Report:
    """What came of all of them."""

    rows: tuple[Row, ...]

    @property
    def exit_code(self) -> int:
        """0 if all were fixed; otherwise that of the first, in the order given, that was not."""
        return next((row.code for row in self.rows if row.code), 0)

    @property
    def text(self) -> str:
        """For a person."""
        fixed = sum(row.code == 0 for row in self.rows)
        return "\n".join((*(row.text for row in self.rows), f"{fixed} of {len(self.rows)} issues fixed"))

    @property
    def value(self) -> dict[str, Any]:
        """For a program."""
        return {"exit_code": self.exit_code, "issues": [row.value for row in self.rows]}


def fixed_in_turn(parts: Parts, given: Sequence[str], fixed: Fixed, told: Callable[[Report], None]) -> Report:
    """Fix one issue after the other. One that fails stops none of the others; a wish to stop stops all."""
    rows: list[Row] = []
    runs: list[str] = []
    for number, one in enumerate(given):
        rest, begun = left_over(parts, runs), len(runs)
        if rest is None:
            rows.append(Row(given=one, code=LIMIT, said="the budget of all issues together was spent before"))
            continue
        try:
            code, said = fixed(one, replace(parts, settings=rest), runs.append)
        except (Interrupted, KeyboardInterrupt) as wish:
            told(Report(tuple(rows)))
            if isinstance(wish, Terminated):
                raise
            raise _interrupted(given, number, runs[begun:]) from wish
        except Trouble as trouble:
            code, said = trouble.exit_code, shown(trouble)
        run = brief(parts.store.run(runs[-1])) if len(runs) > begun else None
        rows.append(Row(given=one, code=code, said=said, run=run))
        parts.stop.clear()  # it told the workers of that run to stop, and they have
    report = Report(tuple(rows))
    told(report)
    return report


def left_over(parts: Parts, runs: Sequence[str]) -> Settings | None:
    """The settings of the next run: what those before have left of the caps is its own. None: nothing is left."""
    accounts = [account for run in runs for account in parts.store.accounts(run) if account.scope == "run"]
    # What a call that was cut off had set aside may have been spent.
    money = sum(account.settled.money + account.reserved.money for account in accounts) / 1_000_000
    tokens = sum(account.settled.tokens + account.reserved.tokens for account in accounts)
    cost, most = parts.settings.max_cost, parts.settings.max_tokens
    if (cost is not None and 0 < money >= cost) or (most is not None and 0 < tokens >= most):
        return None
    return replace(
        parts.settings, max_cost=None if cost is None else cost - money, max_tokens=None if most is None else most - tokens
    )


def _interrupted(given: Sequence[str], number: int, runs: Sequence[str]) -> QueueInterrupted:
    how = f"`swarm resume {runs[0]}` goes on with it." if runs else "It had not begun."
    rest = shlex.join(given[number + bool(runs) :])
    return QueueInterrupted(given=given[number], how=how, rest=f"swarm fix {rest}" if rest else "there is none.", run="last")
