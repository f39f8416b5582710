"""Other operators, operands left out or added, and signs."""

import ast
from collections.abc import Iterator

from swarm.repair.operators.putting import fitted, grouped, instead
from swarm.repair.scope import Scopes
from swarm.repair.source import Change, Source, Span

INSTEAD = {
    "+": ("-", "*"),
    "-": ("+", "*"),
    "*": ("+", "**", "/", "//", "-"),
    "/": ("//", "*", "-"),
    "//": ("/", "%", "*", "-"),
    "%": ("//", "/"),
    "**": ("*",),
    "<<": (">>", "*"),
    ">>": ("<<", "//"),
    "&": ("|", "^", "and"),
    "|": ("&", "^", "or"),
    "^": ("&", "|"),
}
"""By likeness."""
SIGNS = {"-": ast.USub, "+": ast.UAdd, "~": ast.Invert}
SIGNED = (ast.Name, ast.Attribute, ast.Subscript, ast.Call, ast.BinOp)
"""What a sign is put before."""
MOST = 8


def operators(scopes: Scopes) -> Iterator[Change]:
    """Another operator between two operands."""
    source = scopes.source
    for _, node in source.expressions():
        if isinstance(node, ast.BinOp):
            between = source.between(source.span(node.left).end, source.span(node.right).start)
            for span, text in between:
                for other in INSTEAD.get(text, ()):
                    yield ((span, other),)


def augmented(scopes: Scopes) -> Iterator[Change]:
    """Another operator in an augmented assignment, none at all, or one where there was none."""
    source = scopes.source
    for block in scopes.blocks:
        for node in block.statements:
            if isinstance(node, ast.AugAssign) and source.wants(node):
                between = source.between(source.span(node.target).end, source.span(node.value).start)
                for span, text in between:
                    if text.endswith("="):
                        for other in (*INSTEAD.get(text[:-1], ()), ""):
                            if other not in ("and", "or"):
                                yield ((span, f"{other}="),)
                        for other in {"&": "|^", "|": "&^", "^": "&|"}.get(text[:-1], ""):
                            yield ((span, f"{other}="),)
            elif isinstance(node, ast.Assign) and len(node.targets) == 1 and source.wants(node):
                target = node.targets[0]
                if isinstance(target, ast.Name | ast.Attribute | ast.Subscript):
                    between = source.between(source.span(target).end, source.span(node.value).start)
                    equals = next((span for span, text in between if text == "="), None)
                    for sign in ("+=", "-=", "*=", "|="):
                        if equals is not None:
                            yield ((equals, sign),)


def operand_left_out(scopes: Scopes) -> Iterator[Change]:
    """One of two operands alone."""
    source = scopes.source
    for parent, node in source.expressions():
        if isinstance(node, ast.BinOp):
            yield from instead(source, parent, node, [source.of(node.left), source.of(node.right)])
        elif isinstance(node, ast.IfExp):
            yield from instead(source, parent, node, [source.of(node.body), source.of(node.orelse)])


def regrouped(scopes: Scopes) -> Iterator[Change]:
    """The operands of two operators that stand side by side grouped the other way."""
    source = scopes.source
    for parent, node in source.expressions():
        if not isinstance(node, ast.BinOp):
            continue
        op = _sign(source, node)
        if isinstance(node.left, ast.BinOp):
            inner = node.left
            head, tail = grouped(source, inner.left), f"{grouped(source, inner.right)} {op} {grouped(source, node.right)}"
            yield from instead(source, parent, node, [f"{head} {_sign(source, inner)} ({tail})"])
        if isinstance(node.right, ast.BinOp):
            inner = node.right
            head, tail = f"{grouped(source, node.left)} {op} {grouped(source, inner.left)}", grouped(source, inner.right)
            yield from instead(source, parent, node, [f"({head}) {_sign(source, inner)} {tail}"])


def signs(scopes: Scopes) -> Iterator[Change]:
    """A sign taken away or put before a value."""
    source = scopes.source
    for parent, node in source.expressions():
        if isinstance(node, ast.UnaryOp) and not isinstance(node.op, ast.Not):
            yield from instead(source, parent, node, [source.of(node.operand)])
        elif _is_value(parent, node) and isinstance(node, SIGNED) and not _is_summed(parent):
            yield ((source.span(node), fitted(parent, f"-{grouped(source, node)}")),)


def steps(scopes: Scopes) -> Iterator[Change]:
    """One more or one less of any value that may be a number."""
    source = scopes.source
    for parent, node in source.expressions():
        if _is_value(parent, node) and not isinstance(parent, ast.Compare | ast.Slice) and _may_be_number(node):
            for sign in ("+", "-"):
                if isinstance(parent, ast.BinOp | ast.UnaryOp | ast.IfExp | ast.BoolOp):
                    yield ((source.span(node), f"({source.of(node)} {sign} 1)"),)
                else:
                    end = source.span(node).end
                    yield ((Span(end, end, node.end_lineno or node.lineno), f" {sign} 1"),)


def operand_added(scopes: Scopes) -> Iterator[Change]:
    """A name of the function added to a value, taken from it, or multiplied with it."""
    source = scopes.source
    for parent, node in source.expressions():
        if _is_value(parent, node) and _may_be_number(node):
            scope = scopes.of(node)
            own = source.of(node)
            things = [one for one in dict.fromkeys((*scope.compared, *scope.names)) if one != own][:MOST]
            for thing in things:
                for sign in "+-*":
                    left = source.of(node) if sign != "*" else grouped(source, node)
                    yield ((source.span(node), fitted(parent, f"{left} {sign} {thing}")),)
            yield ((source.span(node), fitted(parent, f"2 * {grouped(source, node)}")),)
            yield ((source.span(node), fitted(parent, f"{grouped(source, node)} // 2")),)


def _sign(source: Source, node: ast.BinOp) -> str:
    between = source.between(source.span(node.left).end, source.span(node.right).start)
    return next(text for _, text in between if text not in "()")


def _is_value(parent: ast.AST, node: ast.expr) -> bool:
    """Whether an expression is a value that somebody calculates with or hands on."""
    if isinstance(getattr(node, "ctx", None), ast.Store | ast.Del):
        return False
    match parent:
        case (
            ast.Return() | ast.Assign() | ast.AugAssign() | ast.BinOp() | ast.Compare() | ast.Slice() | ast.Yield() | ast.IfExp()
        ):
            return not (isinstance(parent, ast.IfExp) and node is parent.test)
        case ast.Subscript(slice=index):
            return node is index
        case ast.Call(args=args):
            return node in args
        case ast.List() | ast.Tuple() | ast.Set() | ast.Dict() | ast.ListComp() | ast.GeneratorExp() | ast.keyword():
            return True
    return False


def _is_summed(parent: ast.AST) -> bool:
    return isinstance(parent, ast.BinOp) and isinstance(parent.op, ast.Add | ast.Sub)


def _may_be_number(node: ast.expr) -> bool:
    return isinstance(node, ast.Name | ast.Attribute | ast.Subscript | ast.Call) or (
        isinstance(node, ast.BinOp) and not (isinstance(node.right, ast.Constant) and isinstance(node.op, ast.Add | ast.Sub))
    )
