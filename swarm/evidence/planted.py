"""What the judge puts among the tests for one hearing: canaries, held reproductions, copies under other names, and twins."""

import ast
import random
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from swarm.evidence.baseline import own_modules
from swarm.evidence.canaries import Words, beside, canaries
from swarm.evidence.copies import (
    Copy,
    callable_alone,
    comparing_with_nothing,
    failing_inside,
    failing_later,
    imports_of,
    renamed,
    stricter,
)
from swarm.evidence.ground import Ground
from swarm.evidence.patch import is_doctest
from swarm.evidence.reproduction import Admitted, Form, home, packaged
from swarm.evidence.results import Outcome
from swarm.syntax import module_of

ROLES = ("held", "copies", "twins", "twisted", "inner", "strict")
"""What tests that are made from others are there for."""


@dataclass(frozen=True, kw_only=True)
class Planted:
    """Files of the judge's own, and what their tests are there for."""

    files: Mapping[str, bytes] = field(default_factory=dict)
    canaries: Mapping[str, Outcome] = field(default_factory=dict)
    """What must become of each canary."""
    held: Mapping[str, str] = field(default_factory=dict)
    """The tests of held reproductions, with the name of the reproduction."""
    copies: Mapping[str, str] = field(default_factory=dict)
    """Tests that ask what another one asks, which is named."""
    twins: Mapping[str, str] = field(default_factory=dict)
    """Tests that fail in their last line, with the test that they are made from."""
    twisted: Mapping[str, str] = field(default_factory=dict)
    """Tests that compare with something which equals nothing, with the test that they are made from."""
    inner: Mapping[str, str] = field(default_factory=dict)
    """Tests that fail behind an assertion inside a block, with the test that they are made from."""
    strict: Mapping[str, str] = field(default_factory=dict)
    """Tests that want the answer told from what is nearly the same, with the test that they are made from."""
    alone: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """Files whose functions can be called without a test runner, with the tests that they are made from; none: it is a script."""

    @property
    def test_files(self) -> tuple[str, ...]:
        """The files in which the test runner finds tests."""
        tests = (*self.canaries, *self.held, *self.copies, *self.twins, *self.twisted, *self.inner, *self.strict)
        return tuple(dict.fromkeys(test.partition("::")[0] for test in tests))


def plant(ground: Ground, reproductions: Sequence[str], held: Sequence[Admitted]) -> Planted:
    """Make what is planted for one hearing, under names that nobody has seen before."""
    chance = secrets.SystemRandom()
    garden = _Garden(ground, chance)
    if ground.runner.framework:
        garden.add_canaries(reproductions)
        for path, tests in _by_file(test for test in reproductions if not is_doctest(test)).items():
            garden.add_copies(path, ground.rooms.mirror.read(ground.tree, path), {test: f"{path}::{test}" for test in tests})
    for admitted in held:
        garden.add_held(admitted)
    return garden.planted()


class _Garden:
    """Collects what is planted."""

    def __init__(self, ground: Ground, chance: random.Random) -> None:
        self._ground, self._chance = ground, chance
        self._words = Words(ground.baseline.tests, chance)
        self._own = own_modules(ground.rooms, ground.tree)
        self._like = home(ground.baseline.tests)
        self._files: dict[str, bytes] = {}
        self._canaries: dict[str, Outcome] = {}
        self._roles: dict[str, dict[str, str]] = {role: {} for role in ROLES}
        self._alone: dict[str, dict[str, str]] = {}

    def add_canaries(self, reproductions: Sequence[str]) -> None:
        """Put canaries beside the tests that matter most."""
        like = next((test.partition("::")[0] for test in reproductions if not is_doctest(test)), self._like)
        mirror, tree = self._ground.rooms.mirror, self._ground.tree
        source = mirror.read(tree, like) if like in mirror.paths(tree) else b""  # where all tests are examples there is none
        imports = imports_of(_parsed(source), self._own)
        made = canaries(like, imports, self._words, self._chance, self._ground.runner.framework)
        self._files |= made.files
        self._canaries |= made.outcomes

    def add_held(self, admitted: Admitted) -> None:
        """Put a held reproduction under a name of its own."""
        reproduction = admitted.reproduction
        path = beside(reproduction.like(self._like), self._words())
        self._files[path] = reproduction.content
        if reproduction.form is Form.SCRIPT:
            self._alone[path] = {}
            return
        originals = {test: f"{path}::{test}" for test in admitted.tests}
        self._roles["held"] |= dict.fromkeys(originals.values(), reproduction.name)
        self.add_copies(path, reproduction.content, originals)

    def add_copies(self, path: str, content: bytes, originals: Mapping[str, str]) -> None:
        """Put copies of these tests under other names, in the same folder and in another one."""
        module = _parsed(content)
        same = renamed(module, tuple(originals), self._words)
        bare = callable_alone(module, tuple(originals))
        self._add("copies", path, same, originals)
        self._add("copies", path, renamed(module, tuple(originals), self._words), originals, folder=self._words())
        self._add("twins", path, failing_later(module, tuple(originals), self._words), originals)
        self._add("twisted", path, comparing_with_nothing(module, tuple(originals), self._words), originals)
        self._add("inner", path, failing_inside(module, tuple(originals), self._words), originals)
        self._add("strict", path, stricter(module, tuple(originals), self._words), originals)
        if bare:
            outside = renamed(module, bare, self._words)
            place = str(PurePosixPath(path).with_name(f"{self._words()}.py"))
            self._files[place] = outside.content
            self._alone[place] = {new: originals[old] for new, old in outside.names.items()}

    def _add(self, role: str, path: str, made: Copy, originals: Mapping[str, str], folder: str = "") -> None:
        if not made.names:
            return
        place = beside(path, self._words(), folder)
        self._files[place] = made.content
        if folder:
            self._files |= packaged(place, self._ground)
        self._roles[role] |= {f"{place}::{new}": originals[old] for new, old in made.names.items()}

    def planted(self) -> Planted:
        """All of it."""
        return Planted(files=self._files, canaries=self._canaries, alone=self._alone, **self._roles)


def _parsed(content: bytes) -> ast.Module:
    """The syntax tree of a test file; one that cannot be parsed has no tests to copy."""
    try:
        return module_of(content)
    except (SyntaxError, ValueError):
        return ast.Module(body=[], type_ignores=[])


def _by_file(tests: Iterable[str]) -> dict[str, list[str]]:
    files: dict[str, list[str]] = {}
    for test in tests:
        path, _, inner = test.partition("::")
        files.setdefault(path, []).append(inner)
    return files
