"""Understands a line that runs tests: which tool it calls, and what it tells it."""

import re
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import PurePosixPath

from swarm.errors import UsageError
from swarm.evidence.runner import Runner
from swarm.evidence.runners.foreign import PLACE, Dialect, ForeignRunner
from swarm.evidence.runners.pytest import PytestRunner
from swarm.evidence.runners.python import FIRST
from swarm.evidence.runners.unittest import UnittestRunner
from swarm.evidence.sources import Sources
from swarm.values import Value

SHELL = re.compile(r"[;&|<>()`$\[\]{}~\n\\]")
"""What a shell would make something of; a word in quotes keeps it."""
ASSIGNMENT = re.compile(r"([A-Za-z_]\w*)=(.*)", re.DOTALL)
PYTHON = re.compile(r"(?:.*/)?(?:python|pypy)(?:\d(?:\.\d+)?)?|py")
LAUNCHERS = ("uv", "poetry", "pdm", "pipenv", "hatch", "rye")
"""Tools whose `run` only chooses the environment, which swarm has chosen already."""
WITH_VALUE = frozenset(
    """
    -k -m -p -c -o -W -n -r --cov --cov-config --cov-report --maxfail --durations --tb --timeout --rootdir --confcutdir --ignore
    --deselect --basetemp --junitxml --junit-xml --log-level --log-file --dist --numprocesses --import-mode --override-ini
    """.split()
)
"""Options of pytest and its best known plugins whose value is the next word."""
FLAGS_OF_PYTHON = frozenset({"-W", "-X"})


class Reader(Value):
    """Reads commands of one project, for one interpreter."""

    sources: Sources
    python: str
    first: tuple[str, ...] = FIRST

    def understood(self, line: str) -> Runner | None:
        """The runner for a line that calls a known tool and nothing else; None: it is more, or something else."""
        try:
            words = shlex.split(line)
        except ValueError:  # a quotation without an end
            return None
        if SHELL.search(_unquoted(line)):
            return None
        environment, words = _assignments(words)
        return self._called([path for word in words for path in self._expanded(word)], environment)

    def anything(self, line: str) -> Runner:
        """The runner for any line at all: by its tool, by a report in JUnit XML, or else by its exit code."""
        if runner := self.understood(line):
            return runner
        from swarm.evidence.runners.coarse import ExitCode
        from swarm.evidence.runners.junit import Junit

        try:
            words = shlex.split(line)
        except ValueError as error:
            raise UsageError(what=f"The test command `{line}` cannot be read: {error}.", remedy="Close its quotes.") from error
        words = words if not SHELL.search(_unquoted(line).replace(PLACE, "")) else ["/bin/sh", "-c", line]
        environment, rest = _assignments(words)
        dialect: Dialect = Junit(tuple(rest)) if PLACE in line else ExitCode(tuple(rest))
        return ForeignRunner(self.python, dialect, environment, self.first)

    def _expanded(self, word: str) -> list[str]:
        """The files that a shell would put in the place of a pattern."""
        if "*" not in word and "?" not in word:
            return [word]
        parts = len(PurePosixPath(word).parts)
        paths = [PurePosixPath(path) for path in self.sources.paths]
        return sorted(str(path) for path in paths if len(path.parts) == parts and path.match(word)) or [word]

    def _called(self, words: Sequence[str], environment: Mapping[str, str]) -> Runner | None:
        words = _without_launcher(words)
        match list(words):
            case ["pytest" | "py.test", *rest]:
                return self._pytest(rest, environment)
            case [python, *rest] if PYTHON.fullmatch(python):
                return self._python(rest, environment)
            case ["coverage", "run", *rest]:
                return self._python(_from_module(rest), environment)
            case _:
                dialect = self._dialect(words)
                return ForeignRunner(self.python, dialect, environment, self.first) if dialect else None

    def _python(self, words: Sequence[str], environment: Mapping[str, str]) -> Runner | None:
        match _from_module(words):
            case ["-m", "pytest" | "py.test", *rest]:
                return self._pytest(rest, environment)
            case ["-m", "unittest", *rest]:
                return self._unittest(rest, environment)
            case ["-m", "coverage", "run", *rest]:
                return self._python(_from_module(rest), environment)
            case _:
                return None

    def _pytest(self, words: Sequence[str], environment: Mapping[str, str]) -> Runner:
        paths: list[str] = []
        options: list[str] = []
        for before, word in zip(("", *words), words, strict=False):
            is_path = not word.startswith("-") and before not in WITH_VALUE and self.sources.has(word.partition("::")[0])
            (paths if is_path else options).append(word)
        return PytestRunner(self.python, tuple(options), tuple(paths), environment, self.first)

    def _unittest(self, words: Sequence[str], environment: Mapping[str, str]) -> Runner:
        named, rest = _named_values(
            words, {"-s": "s", "--start-directory": "s", "-p": "p", "--pattern": "p", "-t": "t", "-k": "k"}
        )
        runner = UnittestRunner(self.python, environment=environment, first=self.first)
        if rest[:1] != ["discover"] and rest:
            return replace(runner, names=tuple(_module(word) for word in rest))
        start, pattern, top = (*rest[1:], "", "", "")[:3]
        return replace(
            runner,
            starts=((named.get("s") or start or ".").removeprefix("./").rstrip("/") or ".",),
            pattern=named.get("p") or pattern or "test*.py",
            top=named.get("t") or top,
        )

    def _dialect(self, words: Sequence[str]) -> Dialect | None:
        match list(words):
            case ["npx" | "pnpx" | "bunx", *rest]:
                return self._dialect([word for word in rest if word not in ("--no-install", "--no", "--yes", "-y")])
            case ["cross-env", *rest]:
                return self._dialect(_assignments(rest)[1])
            case ["jest", *rest]:
                from swarm.evidence.runners.jest import Jest

                return Jest(
                    (*Jest().argv, *(word for word in rest if not word.startswith(("--watch", "--json", "--outputFile"))))
                )
            case ["vitest", *rest]:
                from swarm.evidence.runners.vitest import Vitest

                return Vitest(
                    (*Vitest().argv, *(word for word in rest if word not in ("run", "--run", "--watch", "-w", "watch")))
                )
            case ["node", *rest] if "--test" in rest:
                return self._node([word for word in rest if word != "--test"])
            case ["go", "test", *rest]:
                from swarm.evidence.runners.go import Go

                packages = tuple(word for word in rest if not word.startswith("-") and (word.startswith(".") or "/" in word))
                options = tuple(word for word in rest if word not in packages and word != "-json")
                return Go(options, packages or (".",))
            case ["cargo", "test", *rest] if "--" not in rest:
                from swarm.evidence.runners.cargo import Cargo

                return Cargo(tuple(rest))
            case _:
                return None

    def _node(self, words: Sequence[str]) -> Dialect:
        from swarm.evidence.runners.node import Node

        paths = tuple(word for word in words if not word.startswith("-") and self.sources.has(word))
        options = tuple(word for word in words if word not in paths and not word.startswith(("--test-reporter", "--watch")))
        return Node(options, paths)


def _unquoted(line: str) -> str:
    """The line without what stands in quotes."""
    return re.sub(r"'[^']*'|\"[^\"$`]*\"", "", line)


def _assignments(words: Sequence[str]) -> tuple[dict[str, str], list[str]]:
    """The variables that are set before a command, and the command."""
    environment: dict[str, str] = {}
    rest = list(words)
    while rest and (rest[0] == "env" or ASSIGNMENT.fullmatch(rest[0])):
        if found := ASSIGNMENT.fullmatch(rest.pop(0)):
            environment[found[1]] = found[2]
    return environment, rest


def _without_launcher(words: Sequence[str]) -> list[str]:
    rest = list(words)
    if rest[:1] and rest[0] in LAUNCHERS and rest[1:2] == ["run"]:
        rest = rest[2:]
        while rest and rest[0].startswith("-"):
            rest = rest[1:]
    return rest


def _from_module(words: Sequence[str]) -> list[str]:
    """The words from `-m` on, without what the interpreter is told before."""
    rest = list(words)
    while rest and rest[0].startswith("-") and rest[0] != "-m":
        rest = rest[2:] if rest[0] in FLAGS_OF_PYTHON else rest[1:]
    return rest


def _named_values(words: Sequence[str], names: Mapping[str, str]) -> tuple[dict[str, str], list[str]]:
    """The values of options by their short name, and the words that are no options."""
    named: dict[str, str] = {}
    rest: list[str] = []
    waiting = iter(words)
    for word in waiting:
        key, equals, value = word.partition("=")
        if key in names:
            named[names[key]] = value if equals else next(waiting, "")
        elif not word.startswith("-"):
            rest.append(word)
    return named, rest


def _module(word: str) -> str:
    """A file as unittest takes it on its command line: a module's name."""
    return word.removesuffix(".py").replace("/", ".") if word.endswith(".py") else word
