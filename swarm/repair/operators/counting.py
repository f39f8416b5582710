"""One more or one less: whole numbers, and what stands in bounds, slices, ranges and indexes."""

import ast
from collections.abc import Iterator

from swarm.repair.source import Change, Source, Span

BOUNDS = (ast.Lt, ast.LtE, ast.Gt, ast.GtE)
SUMS = (ast.Add, ast.Sub, ast.Mult, ast.Div, ast.FloorDiv, ast.Mod, ast.Pow)
"""Operators that bind at least as strongly as plus and minus, so that one can be added behind them."""


def off_by_one(source: Source) -> Iterator[Change]:
    """Every whole number one up and one down, every counting operand with one more and one less."""
    for parent, node in source.expressions():
        if isinstance(node, ast.Constant) and type(node.value) is int:
            yield from _numbers(source, parent, node, node.value)
        elif _counts(parent, node) and _can_grow(node):
            end = source.span(node).end
            here = Span(end, end, node.end_lineno or node.lineno)
            yield ((here, " + 1"),)
            yield ((here, " - 1"),)


def _numbers(source: Source, parent: ast.AST, node: ast.Constant, value: int) -> Iterator[Change]:
    """The numbers beside a number; `n + 0` is written as `n`."""
    steps = (-1, 1) if isinstance(parent, ast.UnaryOp) and isinstance(parent.op, ast.USub) else (1, -1)
    for step in steps:
        number = value + step
        if number == 0 and isinstance(parent, ast.BinOp) and isinstance(parent.op, ast.Add | ast.Sub) and node is parent.right:
            yield ((_tail(source, parent), ""),)
        else:
            yield ((source.span(node), str(number) if number >= 0 else _negative(parent, number)),)


def _tail(source: Source, sum_: ast.BinOp) -> Span:
    """The sign and the right operand of a sum, with the space before them."""
    between = source.between(source.span(sum_.left).end, source.span(sum_.right).start)
    at = next(index for index, (_, text) in enumerate(between) if text in "+-")
    start = between[at - 1][0].end if at else source.span(sum_.left).end
    return Span(start, source.span(sum_).end, between[at][0].line)


def _negative(parent: ast.AST, number: int) -> str:
    return f"({number})" if isinstance(parent, ast.BinOp | ast.UnaryOp | ast.Attribute) else str(number)


def _counts(parent: ast.AST, node: ast.expr) -> bool:
    """Whether an expression stands where counting goes wrong."""
    match parent:
        case ast.Slice(lower=lower, upper=upper):
            return node is lower or node is upper
        case ast.Subscript(slice=index):
            return node is index
        case ast.Call(func=ast.Name(id="range"), args=args):
            return any(node is one for one in args)
        case ast.Compare(ops=ops):
            return all(isinstance(one, BOUNDS) for one in ops)
    return False


def _can_grow(node: ast.expr) -> bool:
    """Whether one can be added behind it. To what already has a number added, the number itself is changed."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, SUMS):
        added = isinstance(node.op, ast.Add | ast.Sub) and isinstance(node.right, ast.Constant)
        return not added
    return isinstance(node, ast.Name | ast.Attribute | ast.Call | ast.Subscript)
