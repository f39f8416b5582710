"""Two arguments of a call, or the two operands of an operator, in each other's place."""

import ast
from collections.abc import Iterator
from itertools import combinations

from swarm.repair.source import Change, Source

NOT_COMMUTATIVE = (ast.Sub, ast.Div, ast.FloorDiv, ast.Mod, ast.Pow, ast.LShift, ast.RShift, ast.MatMult)
ATOMS = (ast.Name, ast.Constant, ast.Attribute, ast.Call, ast.Subscript, ast.List, ast.Dict, ast.Set, ast.Tuple)
"""What needs no parentheses wherever it stands."""


def swaps(source: Source) -> Iterator[Change]:
    """Every pair of arguments and every pair of operands the other way round, neighbours first."""
    for _, node in source.expressions():
        if isinstance(node, ast.Call):
            given = [one for one in node.args if not isinstance(one, ast.Starred)]
            yield from _pairs(source, given)
            yield from _pairs(source, [keyword.value for keyword in node.keywords if keyword.arg])
        elif isinstance(node, ast.BinOp) and isinstance(node.op, NOT_COMMUTATIVE):
            left, right = _operand(source, node.left), _operand(source, node.right)
            if left != right:
                yield ((source.span(node.left), right), (source.span(node.right), left))


def _pairs(source: Source, arguments: list[ast.expr]) -> Iterator[Change]:
    spans = [source.span(one) for one in arguments]
    order = sorted(combinations(range(len(spans)), 2), key=lambda pair: pair[1] - pair[0])
    for first, second in order:
        one, other = source.text(spans[first]), source.text(spans[second])
        if one != other:
            yield ((spans[first], other), (spans[second], one))


def _operand(source: Source, node: ast.expr) -> str:
    """An operand's text, in parentheses if it would fall apart elsewhere."""
    text = source.text(source.span(node))
    return text if isinstance(node, ATOMS) else f"({text})"
