"""What a patch makes futile: statements that are never reached any more, and conditions that are always the same."""

import ast
from collections.abc import Iterator

from swarm.evidence.added import Added

LEAVING = ast.Return | ast.Raise | ast.Continue | ast.Break
TEXTS = ("str", "repr", "ascii", "format")
"""Functions whose answer is hardly ever empty, so that it is true whatever they are asked."""


def unreachable(added: Added) -> Iterator[tuple[int, str]]:
    """A new line that leaves a block before its end: all that follows in the block is deleted without being so."""
    for node in ast.walk(added.module):
        for block in _blocks(node):
            for statement in block[:-1]:
                if isinstance(statement, LEAVING) and statement.lineno in added.lines:
                    yield statement.lineno, "keeps what follows from ever being reached"


def decided(added: Added) -> Iterator[tuple[int, str]]:
    """A new condition that asks nothing."""
    for node in added.nodes():
        if isinstance(node, ast.If | ast.IfExp) and _is_decided(node.test):
            yield node.lineno, "has a condition that is always the same"


def _blocks(node: ast.AST) -> Iterator[list[ast.stmt]]:
    for name in ("body", "orelse", "finalbody"):
        block = getattr(node, name, None)
        if isinstance(block, list):
            yield block


def _is_decided(test: ast.expr) -> bool:
    match test:
        case ast.Constant() | ast.Lambda() | ast.JoinedStr():
            return True
        case ast.Tuple(elts=elements) | ast.List(elts=elements):
            return bool(elements)
        case ast.Call(func=ast.Name(id=name)):
            return name in TEXTS
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            return _is_decided(operand)
    return False
