"""Writes a test from a claim: the names that it uses are found among the project's own definitions."""

import ast
import builtins
from collections.abc import Iterable, Mapping
from pathlib import PurePosixPath

from swarm.evidence.patch import is_test
from swarm.evidence.testimony import Claim
from swarm.syntax import module_of

NAME = "test_swarm_reproduction.py"
"""The file that swarm adds to the tests while a run lasts; it is never delivered."""
TEST = "test_what_the_issue_says"
TODAY = "test_what_the_issue_sees"
INDENT = " " * 4


def place(paths: Iterable[str], folder: str = "") -> str:
    """Where a test of swarm's own is collected: beside the first test file of the project, which may lie in a folder."""
    own = [path for path in paths if not folder or path.startswith(f"{folder}/")]
    tests = [path for path in own if is_test(path) and PurePosixPath(path).name.startswith("test_") and path.endswith(".py")]
    first = min(tests, key=lambda path: (path.count("/"), path), default=f"{folder}/tests/{NAME}".removeprefix("/"))
    return str(PurePosixPath(first).parent / NAME)


def written(claim: Claim, sources: Mapping[str, bytes]) -> str:
    """The claim as a test file; empty if it uses names that the project does not define, or more than once."""
    tests = [(TEST, claim.body), *([(TODAY, claim.today)] if claim.today else [])]
    parts = ['"""What the issue says, as a test that swarm wrote from its words."""']
    for name, body in tests:
        imports = _imports(body, sources)
        if imports is None:
            return ""
        lines = [line for statement in (*imports, *body) for line in statement.splitlines()]
        parts.append("\n".join([f"def {name}():", *(f"{INDENT}{line}" for line in lines)]))
    return "\n\n\n".join(parts) + "\n"


def _imports(body: Iterable[str], sources: Mapping[str, bytes]) -> list[str] | None:
    """The imports that the statements need; None: a name is nobody's, or of several."""
    tree = module_of("\n".join(body))
    names = [node for node in ast.walk(tree) if isinstance(node, ast.Name)]
    bound = {node.id for node in names if not isinstance(node.ctx, ast.Load)} | _declared(tree) | set(dir(builtins))
    modules = {_module(path): path for path in sources if path.endswith(".py")}
    found: list[str] = []
    for name in dict.fromkeys(node.id for node in names if node.id not in bound):
        owners = [module for module, path in modules.items() if name in _defined(sources[path])]
        inside = [module for module in modules if module.rpartition(".")[2] == name]
        if len(owners) == 1:
            found.append(f"from {owners[0]} import {name}")
        elif not owners and len(inside) == 1:
            found += _import_of(inside[0], name, tree, modules)
        else:
            return None
    return found


def _import_of(module: str, name: str, tree: ast.AST, modules: Mapping[str, str]) -> list[str]:
    """A module by the name that the issue has for it; of a package also the module that is named in it."""
    if module != name:
        return [f"import {module} as {name}"]
    dotted = [ast.unparse(node) for node in ast.walk(tree) if isinstance(node, ast.Attribute)]
    return [f"import {each}" for each in sorted({name, *dotted} & modules.keys())]


def _declared(tree: ast.AST) -> set[str]:
    """The names that imports, functions and classes bind."""
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            names |= {(alias.asname or alias.name).partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.FunctionDef | ast.ClassDef):
            names.add(node.name)
        elif isinstance(node, ast.arg):
            names.add(node.arg)
    return names


def _defined(source: bytes) -> set[str]:
    """The functions, classes and values at the top of a file."""
    try:
        tree = module_of(source)
    except (SyntaxError, ValueError):
        return set()
    top = {node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)}
    assigned = [node for node in tree.body if isinstance(node, ast.Assign)]
    return top | {target.id for node in assigned for target in node.targets if isinstance(target, ast.Name)}


def _module(path: str) -> str:
    parts = path.removesuffix(".py").removeprefix("src/").split("/")
    return ".".join(parts[:-1] if parts[-1] == "__init__" and len(parts) > 1 else parts)
