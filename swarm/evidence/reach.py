"""Which tests reach what a patch changes, as far as imports tell: they are run first, and decide nothing by being few."""

import ast
from collections.abc import Mapping
from pathlib import PurePosixPath

from swarm.evidence.case import Case
from swarm.evidence.patch import is_doctest
from swarm.syntax import module_of


def reaching(case: Case) -> tuple[str, ...]:
    """The tests whose file imports a changed file, directly or by way of others; in the order of their run."""
    ground = case.ground
    sources = ground.rooms.mirror.read_all(ground.tree, ".py")
    names = {_module(path, ground.rooms.environment.first): path for path in sources}
    imports = {path: _imports(path, content, names) for path, content in sources.items()}
    reached = _importers(set(case.patch.source), imports)
    return tuple(test for test in ground.baseline.tests if is_doctest(test) or test.partition("::")[0] in reached)


def _importers(changed: set[str], imports: Mapping[str, set[str]]) -> set[str]:
    """The files from which these can be reached."""
    reached = set(changed)
    while more := {path for path, imported in imports.items() if path not in reached and imported & reached}:
        reached |= more
    return reached


def _module(path: str, first: tuple[str, ...]) -> str:
    """The name by which a file is imported."""
    heads = sorted((head for head in first if head != "." and path.startswith(f"{head}/")), key=len, reverse=True)
    inner = PurePosixPath(path.removeprefix(f"{heads[0]}/") if heads else path).with_suffix("")
    parts = inner.parts[:-1] if inner.name == "__init__" else inner.parts
    return ".".join(parts)


def _imports(path: str, content: bytes, names: Mapping[str, str]) -> set[str]:
    try:
        module = module_of(content)
    except (SyntaxError, ValueError, RecursionError):
        return set()
    found: set[str] = set()
    package = PurePosixPath(path).parent.parts
    for node in ast.walk(module):
        match node:
            case ast.Import(names=aliases):
                found |= {alias.name for alias in aliases}
            case ast.ImportFrom(module=origin, names=aliases, level=level):
                above = ".".join(package[: len(package) - level + 1]) if level else ""
                start = ".".join(part for part in (above, origin or "") if part)
                found |= {start, *(f"{start}.{alias.name}" for alias in aliases)}
    heads = {head for name in found for head in _heads(name)}
    return {names[name] for name in heads if name in names}


def _heads(name: str) -> list[str]:
    parts = name.split(".")
    return [".".join(parts[:count]) for count in range(1, len(parts) + 1)]
