"""How natural a text is in this repository: a model of which word follows which."""

import math
import re
from collections import Counter
from collections.abc import Iterable
from itertools import pairwise

TOKEN = re.compile(r"[A-Za-z_]\w*|\d[\w.]*|\"[^\"\n]*\"|'[^'\n]*'|\*\*|//|[<>=!+\-*/%&|^]=|->|<<|>>|[^\s\w]")
THREE, TWO, ONE = 0.5, 0.3, 0.15
"""How much the last two words, the last one, and the word's own frequency tell of the next word; the rest is anybody's guess."""
AROUND = 3
"""How many words around what was changed are looked at as well."""


class Naturalness:
    """What follows what in some texts."""

    def __init__(self, texts: Iterable[str]) -> None:
        """Count."""
        self._one: Counter[str] = Counter()
        self._two: Counter[tuple[str, str]] = Counter()
        self._three: Counter[tuple[str, str, str]] = Counter()
        for text in texts:
            for line in text.splitlines():
                words = ["", "", *tokens(line), "\n"]
                self._one.update(words)
                self._two.update(pairwise(words))
                self._three.update(zip(words, words[1:], words[2:], strict=False))
        self._all = sum(self._one.values()) or 1

    def of(self, old: str, new: str) -> float:
        """The mean logarithm, to the base 2, of how likely each word is where a line was changed: zero or less."""
        before, after = tokens(old), tokens(new)
        head = _common(before, after)
        tail = _common(before[head:][::-1], after[head:][::-1])
        words = ["", "", *after, "\n"]
        first, last = max(head - 1, 0) + 2, min(len(after) - tail + AROUND, len(after) + 1) + 2
        costs = [self._log(*words[at - 2 : at + 1]) for at in range(first, min(last, len(words)))]
        return sum(costs) / len(costs) if costs else 0.0

    def _log(self, first: str, second: str, third: str) -> float:
        three = self._three[first, second, third] / (self._two[first, second] or 1)
        two = self._two[second, third] / (self._one[second] or 1)
        one = self._one[third] / self._all
        return math.log2(THREE * three + TWO * two + ONE * one + 0.0005)


def tokens(text: str) -> list[str]:
    """The words and signs of a text, without comments."""
    return TOKEN.findall(text.partition("  #")[0])


def _common(one: list[str], other: list[str]) -> int:
    return next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
