"""Expressions taken over from elsewhere in the function, and from other functions of the file."""

import ast
from collections.abc import Iterator

from swarm.repair.operators.putting import instead
from swarm.repair.scope import Scope, Scopes
from swarm.repair.source import Change

SMALL = 40
MOST = 12


def same_place(scopes: Scopes) -> Iterator[Change]:
    """What stands in the same kind of place elsewhere in the function: an index for an index, an argument for an argument."""
    source = scopes.source
    for parent, node in source.expressions():
        place = _place(parent, node)
        if place:
            found = [
                source.of(other) for owner, other in scopes.of(node).expressions if _place(owner, other) == place and _fits(other)
            ]
            yield from instead(source, parent, node, list(dict.fromkeys(found))[:MOST])


def anything_near(scopes: Scopes) -> Iterator[Change]:
    """Any small expression of the function in the place of a value."""
    source = scopes.source
    for parent, node in source.expressions():
        if _place(parent, node) and not isinstance(node, ast.Name | ast.Constant):
            yield from instead(source, parent, node, _small(scopes.of(node))[: 2 * MOST])


def names_by_values(scopes: Scopes) -> Iterator[Change]:
    """An attribute, an element or a call of the function in the place of a plain name or constant."""
    source = scopes.source
    for parent, node in source.expressions():
        if _place(parent, node) and isinstance(node, ast.Name | ast.Constant):
            found = [text for text in _small(scopes.of(node)) if not text.isidentifier()]
            yield from instead(source, parent, node, found[: 2 * MOST])


def from_other_functions(scopes: Scopes) -> Iterator[Change]:
    """What other functions of the file have in the same kind of place, if its names are known here."""
    source = scopes.source
    for parent, node in source.expressions():
        place = _place(parent, node)
        scope = scopes.of(node)
        if place in ("return", "assigned", "asked") or place.startswith("argument of"):
            known = {*scope.names, *scopes.functions, "self"}
            found = [
                source.of(other)
                for owner, other in source.everything
                if _place(owner, other) == place and _fits(other) and scopes.of(other) is not scope and _names(other) <= known
            ]
            yield from instead(source, parent, node, list(dict.fromkeys(found))[:MOST])


def _small(scope: Scope) -> list[str]:
    source = scope.source
    found = [
        source.of(node)
        for parent, node in scope.expressions
        if _fits(node) and not isinstance(node, ast.Constant) and _place(parent, node)
    ]
    return sorted(dict.fromkeys(found), key=len)


def _fits(node: ast.expr) -> bool:
    loaded = not isinstance(getattr(node, "ctx", None), ast.Store | ast.Del)
    return loaded and node.lineno == node.end_lineno and (node.end_col_offset or 0) - node.col_offset <= SMALL


def _names(node: ast.expr) -> set[str]:
    return {inner.id for inner in ast.walk(node) if isinstance(inner, ast.Name)}


def _place(parent: ast.AST, node: ast.expr) -> str:
    """In what kind of place an expression stands; empty: in none where another one could."""
    if isinstance(getattr(node, "ctx", None), ast.Store | ast.Del) or isinstance(node, ast.Starred | ast.Slice):
        return ""
    match parent:
        case ast.Return():
            return "return"
        case ast.Assign() | ast.AugAssign() | ast.AnnAssign():
            return "assigned"
        case ast.Subscript(slice=index) if node is index:
            return "index"
        case ast.Subscript():
            return "container"
        case ast.Slice():
            return "bound"
        case ast.Call(func=func, args=args) if node in args:
            return f"argument of {getattr(func, 'id', getattr(func, 'attr', ''))}"
        case ast.BinOp() | ast.Compare():
            return "operand"
        case ast.For(iter=iterated) | ast.comprehension(iter=iterated) if node is iterated:
            return "iterated"
        case ast.If() | ast.While() | ast.IfExp():
            return "asked"
        case ast.List() | ast.Tuple() | ast.ListComp() | ast.GeneratorExp() | ast.Yield() | ast.Dict():
            return "element"
    return ""
