"""In which files a test runner looks for tests: by their names, and by what the project's own settings say of that."""

import shlex
from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase
from itertools import zip_longest
from pathlib import PurePosixPath

from swarm.code.snapshot import Snapshot
from swarm.evidence.declared import pytest_values
from swarm.evidence.runner import Runner
from swarm.evidence.runners.pytest import PytestRunner
from swarm.evidence.runners.unittest import UnittestRunner
from swarm.evidence.sources import Sources

PYTEST, UNITTEST = ("test_*.py", "*_test.py"), ("test*.py",)
EXAMPLES = ("test*.txt",)
"""Texts in which pytest looks for examples, where nobody says otherwise."""


def files_of(runner: Runner, now: Snapshot) -> list[str]:
    """The files of a state of the project that may hold tests."""
    names = _pytest(runner.options, now) if isinstance(runner, PytestRunner) else _unittest(runner)
    start = f"{now.folder}/" if now.folder else ""
    return [path for path in now.files if path.startswith(start) and any(_fits(path, name) for name in names)]


def _unittest(runner: Runner) -> Sequence[str]:
    return (runner.pattern,) if isinstance(runner, UnittestRunner) else UNITTEST


def _pytest(words: Sequence[str], now: Snapshot) -> Sequence[str]:
    told = pytest_values(Sources(frozenset(now.files), now.read).within(now.folder))
    words = (*told.get("addopts", ()), *words)
    overridden = [value for word in _valued(words, ("-o", "--override-ini")) for value in _files_in(word)]
    sources = ("*.py",) if "--doctest-modules" in words else ()
    examples = _valued(words, ("--doctest-glob",)) or EXAMPLES
    return (*(overridden or told.get("python_files") or PYTEST), *sources, *examples)


def _files_in(setting: str) -> Sequence[str]:
    name, _, value = setting.partition("=")
    return shlex.split(value) if name.strip() == "python_files" else ()


def _valued(words: Sequence[str], options: Sequence[str]) -> tuple[str, ...]:
    """The values that the options have, behind them or in the same word."""

    def found() -> Iterator[str]:
        for word, following in zip_longest(words, words[1:], fillvalue=""):
            if word in options and following:
                yield following
            yield from (word.removeprefix(f"{one}=") for one in options if word.startswith(f"{one}="))

    return tuple(found())


def _fits(path: str, name: str) -> bool:
    """As pytest compares: a pattern with a folder in it is about the end of the whole path."""
    return fnmatchcase(f"/{path}", f"*/{name}") if "/" in name else fnmatchcase(PurePosixPath(path).name, name)
