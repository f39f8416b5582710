"""The order in which edits are tried: the most suspicious lines first, on them the most fruitful operators."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from swarm.code.suspects import Suspect, weight_of
from swarm.repair.edits import OPERATORS, Draft, Edit, drafts, realised


def ranked_edits(sources: Mapping[str, bytes], ranked: Sequence[Suspect], operators: Iterable[str]) -> Iterator[Edit]:
    """Every edit of a suspicious line by these operators, the likeliest first; the same order every time."""
    wanted = tuple(operators)
    suspicious = {suspect.path for suspect in ranked}
    found = [
        (weight, draft)
        for path, content in sources.items()
        if path in suspicious
        for draft in drafts(path, content, wanted)
        if (weight := weight_of(ranked, path, draft.line)) > 0
    ]
    found.sort(key=lambda pair: _order(*pair))
    return realised(draft for _, draft in found)


def _order(weight: float, draft: Draft) -> tuple[float, int, str, int]:
    return (-weight, list(OPERATORS).index(draft.operator), draft.source.path, draft.start)
