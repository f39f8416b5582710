"""How different the attempts and candidates of a run were, as a person reads it."""

from swarm.blackboard.history import told
from swarm.blackboard.store import Store
from swarm.events import AttemptsCompared


def difference_in(store: Store, run: str) -> AttemptsCompared | None:
    """How different they were, as it was last found; None: there were no two."""
    return next((event for event in reversed(list(told(store, run))) if isinstance(event, AttemptsCompared)), None)


def in_words(compared: AttemptsCompared) -> str:
    """The same in words: 0 % is the same, 100 % has nothing in common."""
    parts = []
    if len(compared.tasks) > 1:
        tried = ", ".join(f"t{task}" for task in compared.tasks)
        parts = [f"{tried}: commands {compared.commands:.0%}, places {compared.looked:.0%}, edits {compared.edits:.0%}"]
    if compared.candidates > 1:
        parts.append(f"{compared.candidates} candidates: {compared.patches:.0%}")
    return "; ".join(parts)
