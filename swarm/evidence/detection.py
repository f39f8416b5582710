"""Finds out how a project is tested, and says why it thinks so."""

import ast
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import islice
from pathlib import PurePosixPath

from swarm.errors import Inconclusive
from swarm.evidence.commands import Reader
from swarm.evidence.declared import make_target, nox_commands, package_json, pytest_settings, toml, tox_commands
from swarm.evidence.runner import Runner
from swarm.evidence.runners.foreign import ForeignRunner
from swarm.evidence.runners.pytest import PytestRunner
from swarm.evidence.runners.python import FIRST
from swarm.evidence.runners.unittest import UnittestRunner
from swarm.evidence.sources import Sources
from swarm.syntax import module_of
from swarm.values import Value

LOOKED_INTO = 50
"""How many test files are read to see whose they are."""
NOT_SPECIFIED = "no test specified"
"""What npm writes into every new `package.json` in the place of a test command."""


class NoTests(Inconclusive):
    """Nothing in the repository tells how it is tested: {looked}
    Without tests nothing can be verified.
    Name the command that runs them: --test-cmd 'COMMAND'"""


class Found(Value):
    """A way to run the project's tests."""

    runner: Runner
    why: str
    """A sentence for people."""


def best(sources: Sources, python: str, command: str = "", first: tuple[str, ...] = FIRST, folder: str = "") -> Found:
    """The way to run the tests of a project, which may lie in a folder: the one that was told, or else the most likely."""
    found = next(_ways(Reader(sources.within(folder), python, first), command.strip()), None)
    if found is None:
        raise NoTests(looked="no settings of pytest, tox or nox, no test files, no Makefile, package.json, go.mod or Cargo.toml.")
    return _in_folder(found, folder) if folder else found


def _in_folder(found: Found, folder: str) -> Found:
    """The same way where what was read lies in a folder."""
    assert isinstance(found.runner, PytestRunner | UnittestRunner | ForeignRunner)
    return Found(replace(found.runner, folder=folder), f"{folder}: {found.why}")


def find(sources: Sources, python: str, command: str = "", first: tuple[str, ...] = FIRST) -> tuple[Found, ...]:
    """Every way to run the tests, the most likely first; if one was told, only that."""
    every: dict[str, Found] = {}
    for found in _ways(Reader(sources, python, first), command.strip()):
        every.setdefault(found.runner.name, found)
    return tuple(every.values())


def _ways(reader: Reader, command: str) -> Iterator[Found]:
    """One after another, so that whoever wants the first does not wait for files to be read that only the others need."""
    if command:
        yield _told(reader, command)
        return
    looks: tuple[Look, ...] = (
        _pytest_settings,
        _tox,
        _nox,
        _make,
        _pytest_files,
        _unittest_files,
        _npm,
        _go,
        _cargo,
        _make_coarsely,
    )
    for look in looks:
        yield from look(reader)


Look = Callable[[Reader], Iterator[Found]]


def _told(reader: Reader, command: str) -> Found:
    """What a command means that a person gave: the tool that it calls, even by way of make, tox, nox or npm."""
    match command.split():
        case ["make", target]:
            ways = _make(reader, target)
        case ["tox"]:
            ways = _tox(reader)
        case ["nox"]:
            ways = _nox(reader)
        case ["npm" | "yarn" | "pnpm", "test"] | ["npm" | "yarn" | "pnpm", "run", "test"]:
            ways = _npm(reader)
        case _:
            ways = iter(())
    if found := next(ways, None):
        return Found(found.runner, f"The test command is `{command}`. {found.why}")
    runner = reader.anything(command)
    how = " Only its exit code is known." if isinstance(runner, ForeignRunner) and runner.dialect.coarse else ""
    return Found(runner, f"The test command is `{command}`.{how}")


def _pytest_settings(reader: Reader) -> Iterator[Found]:
    if path := pytest_settings(reader.sources):
        yield Found(PytestRunner(reader.python, first=reader.first), f"{path} has settings for pytest.")


def _tox(reader: Reader) -> Iterator[Found]:
    for name, line in tox_commands(reader.sources):
        if runner := reader.understood(line):
            yield Found(runner, f"The tox environment `{name}` runs `{line}`.")


def _nox(reader: Reader) -> Iterator[Found]:
    for name, line in nox_commands(reader.sources):
        if runner := reader.understood(line):
            yield Found(runner, f"The nox session `{name}` runs `{line}`.")


def _make(reader: Reader, wanted: str = "") -> Iterator[Found]:
    """A target whose recipe calls one known tool; if it does more, only make knows how it hangs together."""
    target, lines = make_target(reader.sources, wanted)
    known = [(line, runner) for line in lines if (runner := reader.understood(line))]
    if len(known) == 1:
        yield Found(known[0][1], f"`make {target}` runs `{known[0][0]}`.")


def _make_coarsely(reader: Reader) -> Iterator[Found]:
    target, lines = make_target(reader.sources)
    if lines:
        from swarm.evidence.runners.coarse import ExitCode

        runner = ForeignRunner(reader.python, ExitCode(("make", target)), first=reader.first)
        yield Found(runner, f"The Makefile has a target `{target}`, of which only the exit code is known.")


def _pytest_files(reader: Reader) -> Iterator[Found]:
    for path, module in _test_modules(reader.sources):
        if _is_pytest(module):
            yield Found(PytestRunner(reader.python, first=reader.first), f"{path} has tests for pytest.")
            return


def _unittest_files(reader: Reader) -> Iterator[Found]:
    paths = [path for path, module in _test_modules(reader.sources) if _is_unittest(module)]
    if paths:
        starts = tuple(sorted({_start(path, reader.sources) for path in _test_paths(reader.sources)}))
        yield Found(UnittestRunner(reader.python, starts, first=reader.first), f"{paths[0]} has tests for unittest.")


def _test_paths(sources: Sources) -> Iterator[str]:
    for path in sorted(sources.paths):
        name = PurePosixPath(path).name
        if name.startswith("test") and name.endswith(".py"):
            yield path


def _test_modules(sources: Sources) -> Iterator[tuple[str, ast.Module]]:
    paths = [path for path in sorted(sources.paths) if path.endswith("_test.py") and "/test" not in f"/{path}"]
    for path in islice((*_test_paths(sources), *paths), LOOKED_INTO):
        try:
            yield path, module_of(sources.read(path))
        except (SyntaxError, ValueError):
            continue


def _is_pytest(module: ast.Module) -> bool:
    for node in module.body:
        match node:
            case ast.Import(names=names) if any(name.name == "pytest" for name in names):
                return True
            case ast.ImportFrom(module="pytest"):
                return True
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) if name.startswith("test"):
                return True
            case ast.ClassDef(name=name, bases=[]) if name.startswith("Test"):
                return True
    return False


def _is_unittest(module: ast.Module) -> bool:
    classes = [node for node in ast.walk(module) if isinstance(node, ast.ClassDef)]
    return any(ast.unparse(base).endswith("TestCase") for one in classes for base in one.bases)


def _start(path: str, sources: Sources) -> str:
    """The folder from which unittest finds a file: the first above it that is no package."""
    folder = PurePosixPath(path).parent
    while str(folder) != "." and f"{folder}/__init__.py" in sources.paths:
        folder = folder.parent
    return str(folder)


def _npm(reader: Reader) -> Iterator[Found]:
    from swarm.evidence.runners.coarse import ExitCode
    from swarm.evidence.runners.jest import Jest
    from swarm.evidence.runners.node import Node
    from swarm.evidence.runners.vitest import Vitest

    package = package_json(reader.sources)
    scripts = package.get("scripts")
    script = scripts.get("test") if isinstance(scripts, dict) else None
    if isinstance(script, str) and script and NOT_SPECIFIED not in script:
        runner = reader.understood(script)
        coarse = "" if runner else " Only its exit code is known."
        runner = runner or ForeignRunner(reader.python, ExitCode(("npm", "test")), first=reader.first)
        yield Found(runner, f"`npm test` runs `{script}`.{coarse}")
        return
    for name, dialect in (("jest", Jest()), ("vitest", Vitest())):
        if name in {**(package.get("dependencies") or {}), **(package.get("devDependencies") or {})}:
            yield Found(ForeignRunner(reader.python, dialect, first=reader.first), f"package.json needs {name}.")
    if any(path.endswith((".test.js", ".test.mjs", ".test.cjs")) for path in reader.sources.paths):
        yield Found(ForeignRunner(reader.python, Node(), first=reader.first), "There are test files for Node.")


def _go(reader: Reader) -> Iterator[Found]:
    if "go.mod" in reader.sources.paths:
        from swarm.evidence.runners.go import Go

        yield Found(ForeignRunner(reader.python, Go(), first=reader.first), "There is a go.mod.")


def _cargo(reader: Reader) -> Iterator[Found]:
    if "Cargo.toml" in reader.sources.paths:
        from swarm.evidence.runners.cargo import Cargo

        whole = ("--workspace",) if "workspace" in toml(reader.sources, "Cargo.toml") else ()
        yield Found(ForeignRunner(reader.python, Cargo(whole), first=reader.first), "There is a Cargo.toml.")
