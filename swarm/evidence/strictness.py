"""Makes a stricter copy of a test: what it compares with must be told from what is nearly the same."""

import ast
from collections.abc import Iterator

from swarm.syntax import module_of

Function = ast.FunctionDef | ast.AsyncFunctionDef
NEARLY = "the answer equals what is only nearly the same"
BLIND = "what makes no difference any more:"

# A value of the project's own may leave parts of itself out of a comparison; so it is told which, and base has the first word.
NEAR = """
def {near}(value):
    kind = type(value)
    if kind is bool:
        return [not value]
    if kind is int:
        return [value + 1, value - 1]
    if kind is float:
        return [one for one in (value * 2 + 1,) if one == one and one != value]
    if kind is str:
        return [value + "x"]
    if kind is bytes:
        return [value + b"x"]
    if kind in (list, tuple):
        parts = [kind([*value[:at], one, *value[at + 1:]]) for at in range(min(len(value), 8)) for one in {near}(value[at])]
        return [*parts, kind(value[:-1])] if value else []
    if kind is dict:
        return [{{**value, key: one}} for key in list(value)[:8] for one in {near}(value[key])]
    return []


def {blind}(value):
    import copy
    if type(value) in (list, tuple):
        return sorted({{name for one in value[:8] for name in {blind}(one)}})
    found = set()
    for name, held in (getattr(value, "__dict__", None) or {{}}).items():
        for one in {near}(held) if not name.startswith("_") else ():
            other = copy.copy(value)
            object.__setattr__(other, name, one)
            if value == other:
                found.add(type(value).__name__ + "." + name)
    return sorted(found)
"""
CHECK = """
{expected} = ...
assert not {blind}({expected}), {said!r} + " " + ", ".join({blind}({expected}))
{answer} = ...
assert {answer} == {expected}
assert not any({answer} == one for one in {near}({expected})), {nearly!r}
"""


def helpers(near: str, blind: str) -> list[ast.stmt]:
    """The functions that a stricter test calls, under names of its own."""
    return module_of(NEAR.format(near=near, blind=blind)).body


def sharpen(function: Function, near: str, blind: str) -> bool:
    """Put the stricter question in the place of each comparison; whether there was any."""
    found = [_sharpened(body, near, blind) for body in _bodies(function)]
    return any(found) and "xfail" not in ast.unparse(function)


def _sharpened(body: list[ast.stmt], near: str, blind: str) -> bool:
    found = False
    for at, node in reversed(list(enumerate(body))):
        match node:
            case ast.Assert(test=ast.Compare(left=left, ops=[ast.Eq()], comparators=[right])):
                pass
            case ast.Expr(value=ast.Call(func=ast.Attribute(attr="assertEqual" | "assertEquals"), args=[left, right, *_])):
                pass
            case _:
                continue
        turned = isinstance(left, ast.Constant) or (isinstance(right, ast.Call) and not isinstance(left, ast.Call))
        answer, expected = (right, left) if turned else (left, right)
        body[at : at + 1] = _check(answer, expected, near, blind)
        found = True
    return found


def _bodies(function: Function) -> list[list[ast.stmt]]:
    """All blocks of statements in a function."""
    blocks = (getattr(node, name, None) for node in ast.walk(function) for name in ("body", "orelse", "finalbody"))
    return [block for block in blocks if isinstance(block, list)]


def _check(answer: ast.expr, expected: ast.expr, near: str, blind: str) -> Iterator[ast.stmt]:
    """What stands in the place of a comparison."""
    names = {"answer": f"{near}_answer", "expected": f"{near}_expected"}
    text = CHECK.format(near=near, blind=blind, said=BLIND, nearly=NEARLY, **names)
    for statement in module_of(text).body:
        match statement:
            case ast.Assign(targets=[ast.Name(id=name)]):
                statement.value = expected if name == names["expected"] else answer
        yield statement


def made_blind(message: str) -> frozenset[str]:
    """What a stricter test found to make no difference."""
    said = message.partition(BLIND)[2].splitlines()
    return frozenset(said[0].strip().split(", ")) if said else frozenset()
