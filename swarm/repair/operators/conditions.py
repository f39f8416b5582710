"""Conditions turned round, joined otherwise, made wider or narrower, put in place of one another, or taken away."""

import ast
from collections.abc import Iterator

from swarm.repair.operators.putting import fitted, grouped, instead
from swarm.repair.scope import Scopes
from swarm.repair.source import Change, Source, Span

MOST = 6
"""How many names and how many conditions of a function are tried to make a condition wider or narrower."""


def asked(source: Source) -> Iterator[tuple[ast.AST, ast.expr]]:
    """Every condition that is wanted: of branches, loops, assertions, comprehensions, and what is returned as one."""
    for parent, node in source.expressions():
        match parent:
            case ast.If(test=test) | ast.While(test=test) | ast.IfExp(test=test) | ast.Assert(test=test) if node is test:
                yield parent, node
            case ast.comprehension(ifs=ifs) if node in ifs:
                yield parent, node
            case ast.Return() if isinstance(node, ast.Compare | ast.BoolOp) or _is_not(node):
                yield parent, node


def joined_otherwise(scopes: Scopes) -> Iterator[Change]:
    """`and` where `or` stands, and the other way round."""
    source = scopes.source
    for _, node in source.expressions():
        if isinstance(node, ast.BoolOp):
            word = "or" if isinstance(node.op, ast.And) else "and"
            signs = []
            for left, right in zip(node.values, node.values[1:], strict=False):
                between = source.between(source.span(left).end, source.span(right).start)
                signs += [span for span, text in between if text in ("and", "or")][:1]
            if len(signs) > 1:
                yield tuple((span, word) for span in signs)
            for span in signs:
                yield ((span, word),)


def negated(scopes: Scopes) -> Iterator[Change]:
    """A condition, or a part of one, turned into its opposite."""
    source = scopes.source
    conditions = {id(node) for _, node in asked(source)}
    for parent, node in source.expressions():
        if _is_not(node):
            assert isinstance(node, ast.UnaryOp)
            yield from instead(source, parent, node, [source.of(node.operand)])
        elif (id(node) in conditions or isinstance(parent, ast.BoolOp)) and not isinstance(node, ast.Compare):
            yield ((source.span(node), f"not {grouped(source, node)}"),)


def narrowed(scopes: Scopes) -> Iterator[Change]:
    """One part of a condition taken away, or only that part left."""
    source = scopes.source
    for parent, node in source.expressions():
        if isinstance(node, ast.BoolOp):
            for at in range(len(node.values)):
                rest = [source.of(value) for value in node.values[:at] + node.values[at + 1 :]]
                word = " and " if isinstance(node.op, ast.And) else " or "
                yield ((source.span(node), fitted(parent, word.join(rest))),)


def always(scopes: Scopes) -> Iterator[Change]:
    """A condition that always, or never, holds."""
    source = scopes.source
    for parent, node in asked(source):
        if isinstance(parent, ast.If | ast.While | ast.IfExp) and not isinstance(node, ast.Constant):
            yield ((source.span(node), "True"),)
            if not isinstance(parent, ast.While):
                yield ((source.span(node), "False"),)


def truth(scopes: Scopes) -> Iterator[Change]:
    """Being true, being there and being empty told apart: `x`, `x is not None`, `len(x) > 0`, `x == 0`."""
    source = scopes.source
    conditions = {id(node) for _, node in asked(source)}
    for parent, node in source.expressions():
        in_place = id(node) in conditions or isinstance(parent, ast.BoolOp)
        if in_place and isinstance(node, ast.Name | ast.Attribute | ast.Subscript | ast.Call):
            text = source.of(node)
            yield from instead(source, parent, node, [f"{text} is not None", f"len({text}) > 1", f"{text} > 0"])
        elif in_place and _is_not(node):
            assert isinstance(node, ast.UnaryOp)
            text = source.of(node.operand)
            yield from instead(source, parent, node, [f"{text} is None", f"{text} == 0", f"len({text}) <= 1"])
        elif isinstance(node, ast.Compare) and len(node.ops) == 1 and isinstance(node.comparators[0], ast.Constant):
            text, sign = grouped(source, node.left), isinstance(node.ops[0], ast.Is | ast.Eq | ast.LtE)
            yield from instead(source, parent, node, [f"not {text}" if sign else text])


def not_given(scopes: Scopes) -> Iterator[Change]:
    """A parameter whose default is None asked for being None where it is asked for being true: any other value was given."""
    source = scopes.source
    conditions = {id(node) for _, node in asked(source)}
    for parent, node in source.expressions():
        inner = node.operand if isinstance(node, ast.UnaryOp) and _is_not(node) else node
        in_place = id(node) in conditions or isinstance(parent, ast.BoolOp)
        if in_place and isinstance(inner, ast.Name) and inner.id in scopes.optional:
            yield from instead(source, parent, node, [f"{inner.id} is {'not ' if inner is node else ''}None"])


def guarded(scopes: Scopes) -> Iterator[Change]:
    """What a condition looks into asked for first: `x is None or …`, `x and …`."""
    source = scopes.source
    for parent, node in asked(source):
        held: dict[str, None] = {}
        for inner in ast.walk(node):
            if isinstance(inner, ast.Attribute | ast.Subscript) and isinstance(inner.value, ast.Name | ast.Attribute):
                held[source.of(inner.value)] = None
            if isinstance(inner, ast.Name) and isinstance(inner.ctx, ast.Load) and inner.id in scopes.of(node).names:
                held[inner.id] = None
            if isinstance(inner, ast.Attribute) and isinstance(inner.value, ast.Name):
                held[source.of(inner)] = None
        for text in held:
            for start in (f"{text} is None or", f"{text} is not None and", f"not {text} or", f"{text} and"):
                yield _joined(source, parent, node, start, "")


def extended(scopes: Scopes) -> Iterator[Change]:
    """A condition made wider or narrower by another one of the function, by a name of it, or by a comparison of two."""
    source = scopes.source
    for parent, node in asked(source):
        scope = scopes.of(node)
        own = {source.of(inner) for inner in ast.walk(node) if isinstance(inner, ast.expr)}
        others = [text for text in scope.conditions if text not in own][:MOST]
        words = [text for text in scope.names if text not in own][:MOST]
        for text in (*others, *words):
            fine = text if text in words else f"({text})" if " or " in text or " if " in text else text
            for end in (f"and {fine}", f"or {fine}", f"and not {_bracketed(text)}", f"or not {_bracketed(text)}"):
                yield _joined(source, parent, node, "", end)


def compared_too(scopes: Scopes) -> Iterator[Change]:
    """A condition made wider or narrower by a comparison of what the function compares and counts with."""
    source = scopes.source
    for parent, node in asked(source):
        scope = scopes.of(node)
        things = scope.compared[:MOST]
        for left in things:
            for right in ("0", "1", *things):
                if left != right:
                    for sign in ("==", "<", ">", "!="):
                        yield _joined(source, parent, node, "", f"and {left} {sign} {right}")
                        if sign != "!=" or right in things:  # nearly everything is other than a number: it would hold always
                            yield _joined(source, parent, node, "", f"or {left} {sign} {right}")


def replaced_by_others(scopes: Scopes) -> Iterator[Change]:
    """Another condition of the function, or a name of it, in the place of a condition."""
    source = scopes.source
    for parent, node in asked(source):
        scope = scopes.of(node)
        yield from instead(source, parent, node, (*scope.conditions, *scope.names[: 2 * MOST]))


def newly_compared(scopes: Scopes) -> Iterator[Change]:
    """A comparison of what the function counts with, or a test for emptiness, in the place of a condition."""
    source = scopes.source
    for parent, node in asked(source):
        scope = scopes.of(node)
        things = scope.compared[:MOST]
        texts = [
            f"{left} {sign} {right}" for left in things for right in ("0", "1", *things) if left != right for sign in ("==", "<")
        ]
        texts += [f"{left} <= {right}" for left in things for right in things if left != right]
        texts += [f"{'not ' if empty else ''}{name}" for name in scope.names[:MOST] for empty in (False, True)]
        yield from instead(source, parent, node, texts)


def _joined(source: Source, parent: ast.AST, node: ast.expr, start: str, end: str) -> Change:
    """A condition with something before or behind it, in as little new text as keeps it whole."""
    span = source.span(node)
    word = (start.rsplit(" ", 1)[-1] if start else end.split(" ", 1)[0]).strip()
    whole = isinstance(node, ast.BoolOp) and (isinstance(node.op, ast.Or) != (word == "or"))
    left, right = ("(", ")") if whole or isinstance(node, ast.IfExp | ast.Lambda | ast.NamedExpr) else ("", "")
    outer, close = ("(", ")") if isinstance(parent, ast.BoolOp | ast.UnaryOp | ast.Compare) else ("", "")
    head, tail = f"{outer}{start} {left}" if start else f"{outer}{left}", f"{right} {end}{close}" if end else f"{right}{close}"
    changes = [(Span(span.start, span.start, span.line), head)] if head else []
    if tail:
        changes.append((Span(span.end, span.end, node.end_lineno or node.lineno), tail))
    return tuple(changes)


def _bracketed(text: str) -> str:
    return (
        f"({text})"
        if " " in text and not text.startswith("not ")
        else text.removeprefix("not ")
        if text.startswith("not ")
        else text
    )


def _is_not(node: ast.expr) -> bool:
    return isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not)
