"""Canaries: tests of the judge's own that pass and fail in a secret pattern, so that a rigged session gives itself away."""

import random
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import cycle
from pathlib import PurePosixPath

from swarm.evidence.results import Outcome

Way = Callable[[int], str]
"""A way in which a canary passes or fails, written out for a number."""
COUNT, FILES = 12, 3
WORDS = "early late small large empty first last other plain mixed total single".split()
PASSES: Sequence[Way] = (
    lambda number: f"    assert {number} == {number}\n",
    lambda number: f"    found = [{number}]\n    assert {number} in found\n",
    lambda number: f"    assert str({number}) != '{number + 1}'\n",
)
FAILS: Sequence[Way] = (
    lambda number: f"    assert {number} == {number + 1}\n",
    lambda number: f"    found = [{number}]\n    assert {number + 1} in found\n",
    lambda number: f"    raise ValueError({number})\n",
)

IN_CLASS_PASSES: Sequence[Way] = (
    *PASSES,
    lambda number: f"    self.assertEqual({number}, {number})\n",
    lambda number: f"    self.assertTrue({number})\n",
)
IN_CLASS_FAILS: Sequence[Way] = (
    *FAILS,
    lambda number: f"    self.assertEqual({number}, {number + 1})\n",
    lambda number: f"    self.assertIn({number}, [{number + 1}])\n",
    lambda number: f"    self.assertTrue(not {number})\n",
    lambda number: f"    self.fail({number})\n",
)
WAYS = {(False, False): PASSES, (False, True): FAILS, (True, False): IN_CLASS_PASSES, (True, True): IN_CLASS_FAILS}
"""By whether a canary is in a class, and whether it fails."""


@dataclass(frozen=True)
class Canaries:
    """Files with tests, and what must become of each of these tests."""

    files: Mapping[str, bytes]
    outcomes: Mapping[str, Outcome]


class Words:
    """Names as the project's own tests have them, each given once."""

    def __init__(self, tests: Iterable[str], chance: random.Random) -> None:
        """Take the words from these tests' names."""
        found = {word for test in tests for word in re.findall(r"[a-z]{3,12}", test.rpartition("::")[2].partition("[")[0])}
        self._words = sorted((found - {"test", "tests"}) | set(WORDS))
        self._chance, self._given = chance, set[str]()

    def __call__(self) -> str:
        """Another name that was not given before."""
        while True:
            name = "_".join(self._chance.sample(self._words, 3))
            if name not in self._given:
                self._given.add(name)
                return name


def canaries(like: str, imports: str, words: Words, chance: random.Random, framework: str) -> Canaries:
    """Test files beside the test file `like`, with names like its own, which import what it does."""
    failing = set(chance.sample(range(COUNT), chance.randint(COUNT // 3, 2 * COUNT // 3)))
    # Each way to fail is used before one is used again: whoever silences one of them gives himself away.
    ways = {kind: cycle(chance.sample(these, len(these))) for kind, these in WAYS.items()}
    files: dict[str, bytes] = {}
    outcomes: dict[str, Outcome] = {}
    for first in range(0, COUNT, COUNT // FILES):
        path = beside(like, words())
        lines = ["import unittest\n" + imports]
        for number in range(first, first + COUNT // FILES):
            name, in_class = f"test_{words()}", framework == "unittest" or chance.random() < 0.3
            body = next(ways[in_class, number in failing])(chance.randrange(10**5, 10**6))
            inner, text = _in_class(name, body, words) if in_class else (name, f"def {name}():\n{body}")
            lines.append(text)
            outcomes[f"{path}::{inner}"] = Outcome.FAILED if number in failing else Outcome.PASSED
        files[path] = "\n\n".join(lines).encode()
    return Canaries(files, outcomes)


def _in_class(name: str, body: str, words: Words) -> tuple[str, str]:
    kind = "Test" + words().title().replace("_", "")
    indented = "".join(f"    {line}\n" for line in body.splitlines())
    return f"{kind}::{name}", f"class {kind}(unittest.TestCase):\n    def {name}(self):\n{indented}"


def beside(like: str, word: str, folder: str = "") -> str:
    """The path of another test file which the same patterns fit, in the same folder or in one below it."""
    path = PurePosixPath(like)
    name = f"{word}_test.py" if path.stem.endswith("_test") else f"test_{word}.py"
    return str(path.parent / folder / name)
