"""What was tried: which edits, what they compile to, and which test spoke against them. Short enough to keep by thousands."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from swarm.repair.ranking import Ranked
from swarm.repair.trial import Fate, Trial


@dataclass(frozen=True)
class Attempt:
    """One edit that did not help."""

    edit: Ranked
    code: str
    """What it compiles to, by name; where that is not known, the edit's own name."""
    fate: str
    test: str


def written(tried: Iterable[tuple[Ranked, Trial]]) -> bytes:
    """As it is kept among the raw evidence; each test is named once."""
    tests: dict[str, int] = {}
    rows = [
        [*one.told(), trial.code or one.name, trial.fate.value, tests.setdefault(trial.test, len(tests))]
        for one, trial in tried
        if trial.fate is not Fate.KNOWN
    ]
    return json.dumps({"tests": list(tests), "tried": rows}, separators=(",", ":")).encode("ascii")


def read(content: bytes) -> Iterator[Attempt]:
    """From what was written."""
    value = json.loads(content)
    for *told, code, fate, test in value["tried"]:
        yield Attempt(Ranked.read(told), code, fate, value["tests"][test])


def promising(attempts: Sequence[Attempt], red: Sequence[str]) -> list[Ranked]:
    """Edits that came further than most: some failing test passed with them; the furthest and likeliest first."""
    first = Counter(one.test for one in attempts if one.test in red).most_common(1)
    usual = first[0][0] if first else ""
    further = [one for one in attempts if one.fate == Fate.FAILED.value and one.test and one.test != usual]
    return [one.edit for one in sorted(further, key=lambda one: (one.test in red, -one.edit.score))]
