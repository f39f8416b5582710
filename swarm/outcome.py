"""What came of a run, on half a screen: outcome, branch, evidence, cost, and the next command."""

import textwrap
from collections.abc import Iterator, Sequence

from swarm.blackboard.candidates import Candidate
from swarm.blackboard.history import doubts_in
from swarm.blackboard.ledger import Account
from swarm.blackboard.runs import Run
from swarm.blackboard.store import Store
from swarm.differing import difference_in, in_words
from swarm.evidence.ranking import best_attempt
from swarm.landed import ways_on

LONGEST = 210
"""Characters of one fact: three lines of the narrowest terminal. `swarm show` has all of it."""


def outcome_text(store: Store, name: str, *, taken: bool = False) -> str:
    """The facts of a run, each with its name before it; that its fix was taken is left to whoever took it just now."""
    facts = [fact for fact in _facts(store, store.run(name)) if not (taken and fact[0] == "merged")]
    return "\n".join(f"{fact:<9} {_cut(words)}" for fact, words in facts)


def _facts(store: Store, run: Run) -> Iterator[tuple[str, str]]:
    candidates = store.candidates(run.name)
    chosen = next((one for one in candidates if one.chosen), None) if run.outcome == "fixed" else None
    attempt = None if chosen else best_attempt(candidates)
    yield "run", f"{run.name}: {run.outcome or 'not ended'}{_lasted(run)}"
    yield "issue", f"{run.title} ({run.source})"
    if run.branch:
        yield "branch", f"{run.branch}, one commit on {run.base[:12]}"
    if chosen:
        yield from _evidence("change", chosen)
        if doubts := doubts_in(store, run.name):
            yield "doubt", f"{'; '.join(doubts)}: look at it before you take it"
    elif run.ended is not None and attempt and attempt.judgement:
        yield from _evidence("attempt", attempt)
    loud = "  NO SANDBOX: commands ran as you" if run.sandbox == "none" else ""
    counts = (len(store.tasks(run.name)), "task"), (len(store.findings(run.name)), "finding"), (len(candidates), "candidate")
    yield "work", f"{', '.join(_counted(*count) for count in counts)}; sandbox {run.sandbox}{loud}"
    if (difference := difference_in(store, run.name)) is not None:
        yield "differ", in_words(difference)
    yield "cost", _cost(store.accounts(run.name))
    yield from _next(store, run, attempt)


def _evidence(fact: str, candidate: Candidate) -> Iterator[tuple[str, str]]:
    judgement = candidate.judgement
    yield fact, f"c{candidate.number}, {candidate.summary} (+{candidate.added} -{candidate.removed})"
    if judgement is not None:
        tests = f" ({judgement.passed} tests passed, {judgement.failed} failed)" if judgement.passed or judgement.failed else ""
        yield "evidence", f"{judgement.verdict.value}{tests}: {judgement.reason}"


def _next(store: Store, run: Run, attempt: Candidate | None) -> Iterator[tuple[str, str]]:
    if run.ended is None:
        yield "go on", f"swarm resume {run.name}"
    elif run.branch:
        yield "look", f"swarm diff {run.name}; swarm show {run.name} tells everything"
        yield from ways_on(store, run)
    elif attempt:
        yield "look", f"swarm diff {run.name} c{attempt.number}; swarm show {run.name} tells everything"
    else:
        yield "look", f"swarm show {run.name} tells everything"


def _lasted(run: Run) -> str:
    if run.ended is None:
        return ""
    minutes, seconds = divmod(int(run.ended - run.started), 60)
    return f", after {minutes} min {seconds} s" if minutes else f", after {seconds} s"


def _cost(accounts: Sequence[Account]) -> str:
    """What the run has spent, of what it might have."""
    own = next((account for account in accounts if account.scope == "run"), None)
    if own is None or not (own.settled.money or own.settled.tokens or own.reserved.money or own.reserved.tokens):
        return "nothing: no model was asked"
    cap = f" of ${own.caps.money / 1_000_000:.2f}" if own.caps.money is not None else ""
    held = f"; ${own.reserved.money / 1_000_000:.2f} is set aside for calls that were cut off" if own.reserved.money else ""
    return f"${own.settled.money / 1_000_000:.2f}{cap}, {own.settled.tokens:,} tokens{held}"


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _cut(words: str) -> str:
    return textwrap.shorten(words, LONGEST, placeholder=" …") if len(words) > LONGEST else words
