"""What waits for the person: on top of the screen, in the order in which it matters."""

from collections.abc import Sequence

from swarm.board import Board
from swarm.values import Value

NEARLY = 0.9
"""The part of a cap from which on the person is told."""


class Wait(Value):
    """Something that goes no further without the person."""

    name: str
    """What it is, so that the bell rings once for it."""
    text: str


def waits(board: Board, *, alive: bool) -> Sequence[Wait]:
    """What waits for the person now, the most important first."""
    if board.state == "ended":
        return _after_the_end(board)
    found = []
    if not alive and board.state != "waiting":
        found.append(Wait("gone", "Nobody works on this run any more: `swarm resume` goes on with it."))
    elif board.state == "paused":
        found.append(Wait("paused", "Paused: p lets the run go on."))
    if (spent := _nearly_spent(board)) and alive:
        found.append(Wait("budget", f"{spent} of the budget is spent or set aside: b raises it."))
    return found


def _after_the_end(board: Board) -> Sequence[Wait]:
    if board.merged:
        return ()
    if board.outcome == "fixed":
        where = f" ({board.branch})" if board.branch else ""
        return (Wait("fixed", f"Fixed: d shows the diff, m merges it{where}"),)
    review = [candidate for candidate in board.candidates.values() if candidate.verdict == "needs-review"]
    if review:
        return (Wait("review", f"c{review[-1].candidate} needs your review: d shows it, t says why, m merges it after asking."),)
    return (Wait("ended", f"Ended without a verified fix: {board.sentence}"),)


def _nearly_spent(board: Board) -> str:
    budget = board.budget
    money = budget.money + sum(amount for amount, _ in budget.reserved.values())
    tokens = budget.tokens + sum(amount for _, amount in budget.reserved.values())
    parts = [used / cap for used, cap in ((money, budget.money_cap), (tokens, budget.tokens_cap)) if cap]
    return f"{max(parts):.0%}" if parts and max(parts) >= NEARLY else ""
