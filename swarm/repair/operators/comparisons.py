"""Another comparison in the place of the one that stands there."""

import ast
from collections.abc import Iterator, Mapping, Sequence

from swarm.repair.source import Change, Source, Span

INSTEAD = {
    "<": ("<=", ">", ">="),
    "<=": ("<", ">=", ">"),
    ">": (">=", "<", "<="),
    ">=": (">", "<=", "<"),
    "==": ("!=",),
    "!=": ("==",),
    "is": ("is not",),
    "is not": ("is",),
    "in": ("not in",),
    "not in": ("in",),
}
"""Of the same kind, by likeness: the slip of one key before the opposite."""
OTHER_KINDS = {
    "<": ("!=", "=="),
    "<=": ("==", "!="),
    ">": ("!=", "=="),
    ">=": ("==", "!="),
    "==": (">=", "<=", ">", "<", "is", "in"),
    "!=": (">", "<", ">=", "<=", "is not", "not in"),
    "is": ("==",),
    "is not": ("!=",),
    "in": ("==",),
    "not in": ("!=",),
}


def comparisons(source: Source) -> Iterator[Change]:
    """Every comparison operator replaced by each of its kind."""
    return _replaced(source, INSTEAD)


def kinds(source: Source) -> Iterator[Change]:
    """An order in the place of an equality, an equality in the place of an order or of an identity."""
    return _replaced(source, OTHER_KINDS)


def _replaced(source: Source, instead: Mapping[str, Sequence[str]]) -> Iterator[Change]:
    for _, node in source.expressions():
        if isinstance(node, ast.Compare):
            for left, right in zip([node.left, *node.comparators], node.comparators, strict=False):
                span, operator = _between(source, left, right)
                for other in instead.get(operator, ()):
                    yield ((span, other),)


def _between(source: Source, left: ast.expr, right: ast.expr) -> tuple[Span, str]:
    """The operator between two operands: what stands there beside it are parentheses and comments."""
    tokens = source.between(source.span(left).end, source.span(right).start)
    words = [(span, text) for span, text in tokens if text not in "()"]
    first, last = words[0][0], words[-1][0]
    return Span(first.start, last.end, first.line), " ".join(text for _, text in words)
