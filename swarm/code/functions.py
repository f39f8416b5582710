"""The functions of a Python source, and the names that each of them uses."""

import ast
import warnings
from collections.abc import Iterator

from swarm.syntax import module_of
from swarm.values import Value

MODULE = "<module>"


class Function(Value):
    """A function, or what stands in a module or class outside of functions."""

    path: str
    name: str
    owner: str
    """The class that it belongs to, if any."""
    first: int
    last: int
    uses: frozenset[str]
    """Names and attributes in it: whatever it may call. Python has no better answer without running it."""

    @property
    def label(self) -> str:
        """How people call it."""
        return f"{self.owner}.{self.name}" if self.owner else self.name


def functions(path: str, source: bytes) -> tuple[Function, ...]:
    """The functions of a source in the order of its lines, the module itself last; none if it is no Python."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the style of somebody else's source is not swarm's business
            tree = module_of(source)
    except (SyntaxError, ValueError):
        return ()
    found = tuple(_inside(path, tree, ""))
    last = max((node.end_lineno or 0 for node in tree.body), default=0)
    return (*found, Function(path, MODULE, "", 1, last, _uses(tree))) if last else ()


def _inside(path: str, parent: ast.AST, owner: str) -> Iterator[Function]:
    for node in ast.iter_child_nodes(parent):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            first = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
            yield Function(path, node.name, owner, first, node.end_lineno or node.lineno, _uses(node))
            yield from _inside(path, node, owner)
        elif isinstance(node, ast.ClassDef):
            yield from _inside(path, node, node.name)
        else:
            yield from _inside(path, node, owner)


def _uses(node: ast.AST) -> frozenset[str]:
    """Every name in it; for a function its parameters as well, since a test's parameters are fixtures."""
    return frozenset(name for inner in ast.walk(node) if (name := _name(inner)))


def _name(node: ast.AST) -> str:
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name) | ast.arg(arg=name):
            return name
    return ""
