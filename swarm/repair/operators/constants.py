"""Other constants, initial values and bounds."""

import ast
from collections.abc import Iterator

from swarm.repair.operators.putting import fitted, instead
from swarm.repair.scope import Scopes
from swarm.repair.source import Change, Span

EMPTY = ("None", "0", "[]", '""', "{}", "False")
BEGINNINGS = (
    "0",
    "1",
    "-1",
    "None",
    "[]",
    "{}",
    "set()",
    "True",
    "False",
    '""',
    'float("inf")',
    'float("-inf")',
    "[[]]",
    "[0]",
    "[1]",
)
MOST = 12


def constants(scopes: Scopes) -> Iterator[Change]:
    """Another constant of the same kind: one of the function, or a common one."""
    source = scopes.source
    for parent, node in source.expressions():
        if not isinstance(node, ast.Constant) or isinstance(parent, ast.Expr | ast.JoinedStr | ast.FormattedValue):
            continue
        kind, near = type(node.value), scopes.of(node).constants
        same = [text for text in near if type(ast.literal_eval(text)) is kind] if kind is not type(...) else []
        match node.value:
            case bool():
                texts = [str(not node.value)]
            case int():
                texts = ["0", "1", "2", "-1", *same, str(-node.value), str(node.value * 2), str(node.value * 10)]
            case float():
                texts = ["0.0", "1.0", *same, str(node.value * 10), str(node.value / 10), repr(-node.value)]
            case str():
                texts = ['""', '" "', *same[:MOST]]
            case None:
                texts = ["0", "[]", '""', "{}", "False", "True"]
            case _:
                continue
        yield from instead(source, parent, node, [_signed(parent, text) for text in texts])


def initial_values(scopes: Scopes) -> Iterator[Change]:
    """Another value to begin with: a common one, a parameter, or the first of what is gone through."""
    source = scopes.source
    for block in scopes.blocks:
        for node in block.statements:
            match node:
                case ast.Assign(value=value) | ast.AnnAssign(value=ast.expr() as value) if source.wants(node):
                    plain = isinstance(
                        value, ast.Constant | ast.List | ast.Dict | ast.UnaryOp | ast.Name | ast.Call | ast.Subscript
                    )
                    if not plain or (isinstance(value, ast.List | ast.Dict) and len(list(ast.walk(value))) > 6):
                        continue
                    names = scopes.of(node).parameters
                    texts = (*BEGINNINGS, *names, *(f"{name}[0]" for name in names), *(f"[{name}]" for name in names))
                    texts = (*texts, *(f"{shape}({name})" for name in names for shape in ("len", "list", "set")))
                    yield from instead(source, node, value, texts)


def defaults(scopes: Scopes) -> Iterator[Change]:
    """Another default of a parameter."""
    source = scopes.source
    for parent, node in source.expressions():
        if isinstance(parent, ast.arguments):
            yield from instead(source, parent, node, BEGINNINGS[:11])


def returned_constants(scopes: Scopes) -> Iterator[Change]:
    """Something simple to return: a constant, a parameter, a variable."""
    source = scopes.source
    for parent, node in source.expressions():
        if isinstance(parent, ast.Return):
            scope = scopes.of(node)
            wrapped = [f"[{source.of(node)}]", f"({source.of(node)},)"]
            texts = ("True", "False", "None", "0", "1", "[]", "[[]]", '""', *scope.names[:MOST], *wrapped)
            yield from instead(source, parent, node, texts)
    for block in scopes.blocks:
        for statement in block.statements:
            if isinstance(statement, ast.Return) and statement.value is None and source.wants(statement):
                end = source.span(statement).end
                for text in ("True", "False", "0", "[]", *scopes.of(statement).names[:MOST]):
                    yield ((Span(end, end, statement.lineno), f" {text}"),)


def bounds(scopes: Scopes) -> Iterator[Change]:
    """Bounds of slices and ranges left out, added, or other ones; steps; an index in the place of a slice."""
    source = scopes.source
    for parent, node in source.expressions():
        match node:
            case ast.Subscript(slice=ast.Slice(lower=lower, upper=upper, step=step)):
                inner = node.slice
                assert isinstance(inner, ast.Slice)
                span = Span(source.span(node.value).end, source.span(node).end, node.lineno)
                low, high = source.of(lower) if lower else "", source.of(upper) if upper else ""
                pace = f":{source.of(step)}" if step else ""
                for text in _slices(low, high, pace):
                    yield ((span, f"[{text}]"),)
                yield from instead(source, parent, node, [source.of(node.value)])
            case ast.Call(func=ast.Name(id="range"), args=args) if args and not node.keywords:
                yield from instead(source, parent, node, _ranges([source.of(one) for one in args]))


def _slices(low: str, high: str, pace: str) -> list[str]:
    found = [f"{low}:{pace}", f":{high}{pace}", f"{low}:{high}"] if low and high else []
    found += [
        f"{high}:{low}{pace}",
        f"{low}:{high}:-1",
        f"1:{high}{pace}" if not low else "",
        f"{low}:-1{pace}" if not high else "",
    ]
    return [text for text in dict.fromkeys(found) if text and text != f"{low}:{high}{pace}"]


def _ranges(args: list[str]) -> list[str]:
    match args:
        case [stop]:
            return [
                f"range(1, {stop})",
                f"range(1, {stop} + 1)",
                f"range({stop} - 1, -1, -1)",
                f"range({stop}, 0, -1)",
                f"range(0, {stop}, 2)",
            ]
        case [start, stop]:
            back = f"range({stop} - 1, {start} - 1, -1)"
            return [
                f"range({stop})",
                back,
                f"range({stop}, {start})",
                f"range({start}, {stop}, -1)",
                f"range({start}, {stop}, 2)",
            ]
        case [start, stop, step]:
            return [f"range({start}, {stop})", f"range({stop}, {start}, {step})", f"range({start}, {stop}, -{step})"]
    return []


def _signed(parent: ast.AST, text: str) -> str:
    return fitted(parent, text) if text.startswith("-") else text
