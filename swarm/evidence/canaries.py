"""Canaries: tests of the judge's own that pass and fail in a secret pattern, so that a rigged session gives itself away."""

import random
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from textwrap import indent

from swarm.evidence.results import Outcome

COUNT, FILES = 18, 3
MOST_TWICE = 3
"""How many canaries at most fail in a way in which another one fails: their number is a part of the secret."""
WORDS = "early late small large empty first last other plain mixed total single".split()
PASSES = ("assert {number} == {number}", "assert {number} in [{number}]", "assert str({number}) != '{other}'")
FAILS = ("assert {number} == {other}", "assert {other} in [{number}]", "raise ValueError({number})")
IN_CLASS_PASSES = ("self.assertEqual({number}, {number})", "self.assertTrue({number})")
IN_CLASS_FAILS = (
    "self.assertEqual({number}, {other})",
    "self.assertIn({other}, [{number}])",
    "self.assertTrue(not {number})",
    "self.fail({number})",
    "with self.assertRaises(KeyError):\n    str({number})",
)
BY_PYTEST_FAILS = ("with pytest.raises(KeyError):\n    str({number})",)


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
    files: dict[str, bytes] = {}
    outcomes: dict[str, Outcome] = {}
    songs = _songs(chance, framework)
    for first in range(0, COUNT, COUNT // FILES):
        path = beside(like, words())
        lines = [f"import unittest\n{'import pytest' if framework == 'pytest' else ''}\n{imports}"]
        for statement, outcome in songs[first : first + COUNT // FILES]:
            name, number = f"test_{words()}", chance.randrange(10**5, 10**6)
            body = statement.format(number=number, other=number + 1)
            in_class = framework == "unittest" or "self." in body or chance.random() < 0.2
            inner, text = _in_class(name, body, words) if in_class else (name, f"def {name}():\n{indent(body, '    ')}\n")
            lines.append(text)
            outcomes[f"{path}::{inner}"] = outcome
        files[path] = "\n\n".join(lines).encode()
    return Canaries(files, outcomes)


def _songs(chance: random.Random, framework: str) -> list[tuple[str, Outcome]]:
    """What each canary does, shuffled. There is one for every way to fail: whoever silences a single one gives himself away."""
    fails = [*FAILS, *IN_CLASS_FAILS, *(BY_PYTEST_FAILS if framework == "pytest" else ())]
    fails += chance.choices(fails, k=chance.randint(0, MOST_TWICE))
    passes = chance.choices([*PASSES, *IN_CLASS_PASSES], k=COUNT - len(fails))
    songs = [*((song, Outcome.FAILED) for song in fails), *((song, Outcome.PASSED) for song in passes)]
    chance.shuffle(songs)
    return songs


def _in_class(name: str, body: str, words: Words) -> tuple[str, str]:
    kind = "Test" + words().title().replace("_", "")
    return f"{kind}::{name}", f"class {kind}(unittest.TestCase):\n    def {name}(self):\n{indent(body, ' ' * 8)}\n"


def beside(like: str, word: str, folder: str = "") -> str:
    """The path of another test file which the same patterns fit, in the same folder or in one below it."""
    path = PurePosixPath(like)
    name = f"{word}_test.py" if path.stem.endswith("_test") else f"test_{word}.py"
    return str(path.parent / folder / name)
