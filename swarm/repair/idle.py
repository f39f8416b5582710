"""Names that a function binds and never reads: hardly anybody writes one on purpose, and a fix seldom makes one."""

import ast

from swarm.syntax import module_of

Function = ast.FunctionDef | ast.AsyncFunctionDef
UNNAMED = ("_", "self", "cls")
LONG = 400_000
"""Bytes of a file from which on it is not worth reading again for each edit."""


def idle(content: bytes) -> int:
    """How many names the functions of a file bind and never read; methods may have arguments that only others need."""
    if len(content) > LONG:
        return 0
    try:
        module = module_of(content)
    except (SyntaxError, ValueError):
        return 0
    return sum(_idle(node) for node in ast.walk(module) if isinstance(node, Function))


def _idle(function: Function) -> int:
    bound, read = set[str](), set[str]()
    for node in ast.walk(function):
        match node:
            case ast.Name(id=name, ctx=ast.Store()):
                bound.add(name)
            case ast.Name(id=name):
                read.add(name)
            case ast.Global(names=names) | ast.Nonlocal(names=names):
                read.update(names)
    arguments = function.args
    bound.update(one.arg for one in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs))
    return sum(name not in read and not name.startswith(UNNAMED) for name in bound)
