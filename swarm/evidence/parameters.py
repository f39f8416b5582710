"""The cases of parametrised tests that have a name of their own, put where they are used, to be compared one by one."""

import ast
from collections.abc import Iterator


def inlined(module: ast.Module) -> None:
    """Put each list of cases into the marks that name it, and take its name away, if nothing else uses it."""
    for statement in list(module.body):
        match statement:
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.List() | ast.Tuple() as cases):
                marks = [mark for mark in _parametrized(module) if _names(mark, name)]
                uses = [node for node in ast.walk(module) if isinstance(node, ast.Name) and node.id == name]
                if marks and len(uses) == len(marks) + 1:  # the one more is where it gets its value
                    module.body.remove(statement)
                    for mark in marks:
                        mark.args[1] = cases


def _parametrized(module: ast.Module) -> Iterator[ast.Call]:
    for node in ast.walk(module):
        match node:
            case ast.Call(func=ast.Attribute(attr="parametrize"), args=[_, _, *_]):
                yield node


def _names(mark: ast.Call, name: str) -> bool:
    return isinstance(mark.args[1], ast.Name) and mark.args[1].id == name
