"""What candidates answer to one input, and which of them answer it differently."""

from collections.abc import Mapping, Sequence

from sandboxes.command import Ending, Ran
from swarm.agents.review import Review
from swarm.blackboard.candidates import Candidate

UNSTEADY = "something else each time"
BASE = "base"


def answers(review: Review, script: str, candidates: Sequence[Candidate]) -> dict[str, str]:
    """What base and each candidate say, each asked twice: who says something else each time says nothing."""
    trees = {BASE: review.footing.ground.tree, **{f"c{one.number}": one.tree for one in candidates}}
    return {name: _steady(review, script, tree) for name, tree in trees.items()}


def difference(said: Mapping[str, str]) -> str:
    """The first two candidates that answer differently, by name; empty: none do, or one of them is not steady."""
    names = [name for name in said if name != BASE and said[name] != UNSTEADY]
    pairs = ((one, other) for at, one in enumerate(names) for other in names[at + 1 :])
    return next((f"{one} and {other}" for one, other in pairs if said[one] != said[other]), "")


def _steady(review: Review, script: str, tree: str) -> str:
    first, second = (_told(review.answer(script, tree)) for _ in range(2))
    return first if first == second else UNSTEADY


def _told(ran: Ran) -> str:
    said = (ran.stdout.text() + ran.stderr.text()).strip()
    end = f"exit code {ran.exit_code}" if ran.ending is Ending.EXITED else f"it was {ran.ending.value}"
    return f"[{end}] {said}"
