"""The order in which edits are tried: how suspicious the line, how likely the kind of edit, how natural the outcome."""

import hashlib
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from swarm.code.suspects import Suspect
from swarm.repair.edits import Draft, Edit, Stretch, drafts_of, realised, realised_as
from swarm.repair.naturalness import Naturalness, tokens
from swarm.repair.operators.catalogue import OPERATORS
from swarm.repair.source import NotPython, Source, Span

SUSPICION = 1.0
"""The power of a line's suspicion, beside the prior of the operator."""
NATURAL = 0.14
"""What a bit of unlikelihood costs, in the logarithm of the score."""
LENGTH = 0.12
"""What each new word costs, in the same."""
SHARE = 0.02
"""Lines with less than this part of the worst line's suspicion are left alone."""
LINES = 140
"""So many of the worst lines are edited: each of them gives hundreds of edits."""
MOST = 60_000
"""How many edits of a file are looked at, at most."""


@dataclass(frozen=True)
class Ranked:
    """An edit in few words, with its place in the order: what is written down, so that nobody works it out again."""

    path: str
    operator: str
    line: int
    stretch: Stretch
    score: float
    """The logarithm of how likely it is; the higher, the earlier it is tried."""

    @property
    def strategy(self) -> str:
        """The strategy that tries it."""
        return OPERATORS[self.operator].strategy

    @property
    def name(self) -> str:
        """A short name, the same for the same edit."""
        told = f"{self.path}\0{self.stretch.start}\0{self.stretch.end}\0{self.stretch.text}"
        return hashlib.sha256(told.encode("utf-8", "surrogateescape")).hexdigest()[:8]

    def of(self, source: Source) -> Edit:
        """The edit itself."""
        return realised_as(source, self.operator, self.line, self.stretch)

    def told(self) -> list[object]:
        """In the form in which it is written down."""
        return [
            self.path,
            self.operator,
            self.line,
            self.stretch.start,
            self.stretch.end,
            self.stretch.text,
            self.score,
        ]

    @classmethod
    def read(cls, told: Sequence[object]) -> "Ranked":
        """From that form."""
        path, operator, line, start, end, text, score = told
        stretch = Stretch(int(str(start)), int(str(end)), str(text))
        return cls(str(path), str(operator), int(str(line)), stretch, float(str(score)))


def ranked(
    sources: Mapping[str, bytes], suspects: Sequence[Suspect], operators: Iterable[str] = tuple(OPERATORS), most: int = 20_000
) -> list[Ranked]:
    """The likeliest edits of suspicious lines, each once, the likeliest first; the same order every time."""
    wanted = tuple(operators)
    worst = max((one.weight for one in suspects), default=0.0)
    best: dict[tuple[str, Stretch], Ranked] = {}
    for path, lines in _worst(weights(suspects, SHARE * worst)).items():
        try:
            source = Source.read(path, sources[path]).on(lines)
            model = Naturalness(_texts(path, sources))
            for count, draft in enumerate(drafts_of(source, wanted)):
                if count >= MOST:
                    break
                one = _scored(draft, lines, worst, model)
                if one.stretch.start < one.stretch.end or one.stretch.text:
                    key = (path, one.stretch)
                    if key not in best or best[key].score < one.score:
                        best[key] = one
        except (NotPython, KeyError):
            continue
    return sorted(best.values(), key=_order)[:most]


def weights(suspects: Sequence[Suspect], least: float = 0.0) -> dict[str, dict[int, float]]:
    """How suspicious each line is, by file: as much as the worst stretch that it lies in."""
    found: dict[str, dict[int, float]] = {}
    for suspect in suspects:
        if suspect.weight >= least and suspect.weight > 0:
            lines = found.setdefault(suspect.path, {})
            for line in range(suspect.first, suspect.last + 1):
                lines[line] = max(lines.get(line, 0.0), suspect.weight)
    return found


def _worst(found: Mapping[str, Mapping[int, float]]) -> dict[str, dict[int, float]]:
    """The worst lines of all files."""
    every = [(weight, path, line) for path, lines in found.items() for line, weight in lines.items()]
    kept: dict[str, dict[int, float]] = {}
    for weight, path, line in sorted(every, key=lambda one: (-one[0], one[1], one[2]))[:LINES]:
        kept.setdefault(path, {})[line] = weight
    return kept


def ranked_edits(sources: Mapping[str, bytes], suspects: Sequence[Suspect], operators: Iterable[str]) -> Iterator[Edit]:
    """The same, realised: without what does not compile, and once where several compile to the same."""
    read = {path: Source.read(path, sources[path]) for path in {suspect.path for suspect in suspects} if path in sources}
    return realised(_draft(read[one.path], one) for one in ranked(sources, suspects, operators))


def _draft(source: Source, one: Ranked) -> Draft:
    return Draft(source, one.operator, ((Span(one.stretch.start, one.stretch.end, one.line), one.stretch.text),))


def _texts(path: str, sources: Mapping[str, bytes]) -> Iterator[str]:
    """The texts from which a file's own words are learned: its own counts for more than the others."""
    yield from (content.decode("utf-8", "replace") for content in sources.values())
    yield from [sources[path].decode("utf-8", "replace")] * 2


def _scored(draft: Draft, lines: Mapping[int, float], worst: float, model: Naturalness) -> Ranked:
    source, stretch = draft.source, draft.stretch
    old = source.lines_around(stretch.start, stretch.end)
    at = old.find("\n") if "\n" in stretch.text else -1
    first = source.content.rfind(b"\n", 0, stretch.start) + 1
    head = source.content[first : stretch.start].decode()
    end = source.content.find(b"\n", stretch.end)
    tail = source.content[stretch.end : end if end >= 0 else None].decode()
    new = f"{head}{stretch.text}{tail}"
    weight = (
        lines.get(draft.line, 0.0) or max((lines.get(draft.line + step, 0.0) for step in (-1, 1)), default=0.0) or SHARE * worst
    )
    score = SUSPICION * math.log(weight / worst) + math.log(OPERATORS[draft.operator].prior)
    score += NATURAL * model.of(old if at < 0 else head + tail, new)
    score -= LENGTH * max(len(tokens(stretch.text)) - 1, 0)
    return Ranked(source.path, draft.operator, draft.line, stretch, round(score, 4))


def _order(one: Ranked) -> tuple[float, str, int, int, str]:
    return (-one.score, one.path, one.stretch.start, one.stretch.end, one.stretch.text)
