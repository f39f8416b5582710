"""Calls put round values or taken away, and arguments left out, added or replaced."""

import ast
from collections.abc import Iterator

from swarm.repair.operators.putting import fitted, grouped, instead
from swarm.repair.scope import Scopes
from swarm.repair.source import Change, Source, Span

WRAPPERS = (
    "len",
    "sorted",
    "list",
    "int",
    "str",
    "abs",
    "set",
    "tuple",
    "float",
    "reversed",
    "sum",
    "max",
    "min",
    "bool",
    "round",
)
METHODS = ("strip()", "lower()", "upper()", "copy()", "keys()", "values()", "items()", "split()")
MOST = 8


def unwrapped(scopes: Scopes) -> Iterator[Change]:
    """An argument in the place of the call, or what a method is called of."""
    source = scopes.source
    for parent, node in source.expressions():
        if isinstance(node, ast.Call) and not isinstance(parent, ast.Expr):
            texts = [source.of(one) for one in node.args if not isinstance(one, ast.Starred)]
            if isinstance(node.func, ast.Attribute):
                texts.insert(0, source.of(node.func.value))
            yield from instead(source, parent, node, texts)
        elif isinstance(node, ast.Attribute | ast.Name) and isinstance(parent, ast.Call) and parent.func is not node:
            yield ((_behind(source, node), "()"),)


def wrapped(scopes: Scopes) -> Iterator[Change]:
    """A common function, or one of the module, called with a value in its place."""
    source = scopes.source
    for parent, node in source.expressions():
        if _can_be_wrapped(parent, node):
            text = source.of(node)
            for name in (*WRAPPERS, *scopes.functions[:MOST]):
                if not text.startswith(f"{name}("):
                    yield ((source.span(node), f"{name}({text})"),)


def awaited(scopes: Scopes) -> Iterator[Change]:
    """A call that is waited for, in a function that can; or one that is not waited for."""
    source = scopes.source
    for function in ast.walk(source.tree):
        for parent, node in _called_in(function) if isinstance(function, ast.AsyncFunctionDef) else ():
            if isinstance(parent, ast.Await):
                yield from instead(source, function, parent, [source.of(node)])
            else:
                yield from instead(source, parent, node, [f"await {source.of(node)}"])


def _called_in(function: ast.AsyncFunctionDef) -> Iterator[tuple[ast.AST, ast.Call]]:
    """The calls in the function itself, each with what it stands in."""
    waiting: list[ast.AST] = [*function.body]
    while waiting:
        parent = waiting.pop()
        for node in ast.iter_child_nodes(parent):
            if isinstance(node, ast.Call):
                yield parent, node
            if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.GeneratorExp):
                waiting.append(node)


def methods_added(scopes: Scopes) -> Iterator[Change]:
    """A common method called of a value, or a method that the file calls without arguments."""
    source = scopes.source
    own = [
        f"{node.func.attr}()"
        for _, node in source.everything
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and not node.args and not node.keywords
    ]
    for parent, node in source.expressions():
        if _can_be_wrapped(parent, node) and isinstance(node, ast.Name | ast.Attribute | ast.Subscript | ast.Call):
            text = source.of(node)
            for method in dict.fromkeys((*METHODS, *own[:MOST])):
                if not text.endswith(f".{method}"):
                    yield ((_behind(source, node), f".{method}"),)


def bounded(scopes: Scopes) -> Iterator[Change]:
    """The larger or smaller of a value and another one: zero, one, what it is assigned to, a name of the function."""
    source = scopes.source
    for parent, node in source.expressions():
        if not _can_be_wrapped(parent, node) or isinstance(node, ast.Constant | ast.Compare | ast.BoolOp):
            continue  # of something true or false nobody takes the larger
        others = ["0", "1", *scopes.of(node).names[:MOST]]
        if isinstance(parent, ast.Assign):
            others = [source.of(parent.targets[0]), *others]
        for other in dict.fromkeys(others):
            if other != source.of(node):
                yield ((source.span(node), f"max({other}, {source.of(node)})"),)
                yield ((source.span(node), f"min({other}, {source.of(node)})"),)


def arguments_left_out(scopes: Scopes) -> Iterator[Change]:
    """A call without one of its arguments."""
    source = scopes.source
    for _, node in source.expressions():
        if isinstance(node, ast.Call):
            given: list[ast.expr] = [*node.args, *(one.value for one in node.keywords)]
            texts = [*(source.of(one) for one in node.args), *(_keyword(source, one) for one in node.keywords)]
            for at in range(len(given)):
                rest = texts[:at] + texts[at + 1 :]
                yield ((_inside(source, node), f"({', '.join(rest)})"),)


def arguments_added(scopes: Scopes) -> Iterator[Change]:
    """One more argument: a name of the function, a simple constant, or a keyword that the file uses."""
    source = scopes.source
    words = [
        _keyword(source, one) for _, node in source.everything if isinstance(node, ast.Call) for one in node.keywords if one.arg
    ]
    for _, node in source.expressions():
        if isinstance(node, ast.Call):
            common = ["reverse=True", "key=len"] if _called(node) in ("sorted", "sort", "min", "max") else []
            common += ["default=0", "default=None"] if _called(node) in ("min", "max") else []
            common += ["strict=True", "1"] if _called(node) in ("zip", "enumerate") else []
            names = scopes.of(node).names[:MOST]
            for text in dict.fromkeys((*common, *names, "0", "1", "None", "True", "False", '""', *words[:MOST])):
                texts = [*(source.of(one) for one in node.args), *(_keyword(source, one) for one in node.keywords)]
                if "=" in text or not node.keywords:
                    yield ((_inside(source, node), f"({', '.join([*texts, text])})"),)
                if node.args and "=" not in text:
                    yield ((_inside(source, node), f"({', '.join([text, *texts])})"),)


def elements(scopes: Scopes) -> Iterator[Change]:
    """An element in the place of the whole, the whole in the place of an element, copies, and other ways round."""
    source = scopes.source
    for parent, node in source.expressions():
        if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Load) and not isinstance(node.slice, ast.Slice):
            index = Span(source.span(node.value).end, source.span(node).end, node.lineno)
            texts = ["0", "-1", *scopes.of(node).names[:MOST], f"-{grouped(source, node.slice)}"]
            yield from (((index, f"[{text}]"),) for text in texts)
            yield from instead(source, parent, node, [source.of(node.value)])
        elif _can_be_wrapped(parent, node) and isinstance(node, ast.Name | ast.Attribute | ast.Call):
            texts = ["[0]", "[-1]", "[:]", "[1:]", "[:-1]", "[::-1]", *(f"[{name}]" for name in scopes.of(node).names[:MOST])]
            yield from (((_behind(source, node), text),) for text in texts)


def defaults_for_nothing(scopes: Scopes) -> Iterator[Change]:
    """Something in the place of None: `x or []`, and `get` where a key may be missing."""
    source = scopes.source
    for parent, node in source.expressions():
        if _can_be_wrapped(parent, node) and isinstance(node, ast.Name | ast.Attribute | ast.Call):
            for text in ("[]", "{}", '""', "0"):
                yield ((source.span(node), fitted(parent, f"{source.of(node)} or {text}")),)
        if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Load) and not isinstance(node.slice, ast.Slice):
            start, key = source.of(node.value), source.of(node.slice)
            for more in ("", ", 0", ", []", ', ""', ", {}", f", {key}"):
                yield ((source.span(node), f"{start}.get({key}{more})"),)
        if isinstance(node, ast.Call) and _called(node) == "get" and len(node.args) == 1:
            for text in ("0", "[]", '""', "{}", "False"):
                yield ((_inside(source, node), f"({source.of(node.args[0])}, {text})"),)


def generators(scopes: Scopes) -> Iterator[Change]:
    """`yield from` and `yield`, `any` and `all`, a list in the place of an element of one."""
    source = scopes.source
    for parent, node in source.expressions():
        if isinstance(node, ast.Yield) and node.value is not None:
            yield ((source.span(node), f"yield from {source.of(node.value)}"),)
        elif isinstance(node, ast.YieldFrom):
            yield ((source.span(node), f"yield {source.of(node.value)}"),)
        elif isinstance(node, ast.List) and len(node.elts) == 1 and isinstance(node.ctx, ast.Load):
            yield from instead(source, parent, node, [source.of(node.elts[0])])
        elif _can_be_wrapped(parent, node) and isinstance(node, ast.Name | ast.Subscript | ast.Attribute | ast.Call):
            yield ((source.span(node), f"[{source.of(node)}]"),)


def _can_be_wrapped(parent: ast.AST, node: ast.expr) -> bool:
    """Whether an expression is a value, and not the name of what is called or assigned to."""
    if isinstance(getattr(node, "ctx", None), ast.Store | ast.Del) or isinstance(node, ast.Starred | ast.Slice | ast.Lambda):
        return False
    if isinstance(parent, ast.Call):
        return node is not parent.func
    plain = ast.Return | ast.Assign | ast.AugAssign | ast.BinOp | ast.Compare | ast.Subscript | ast.For | ast.comprehension
    more = ast.Tuple | ast.List | ast.Dict | ast.BoolOp | ast.If | ast.While | ast.IfExp | ast.Yield | ast.keyword | ast.Slice
    return isinstance(parent, plain | more | ast.ListComp | ast.GeneratorExp | ast.UnaryOp | ast.Attribute | ast.AnnAssign)


def _behind(source: Source, node: ast.expr) -> Span:
    end = source.span(node).end
    return Span(end, end, node.end_lineno or node.lineno)


def _inside(source: Source, node: ast.Call) -> Span:
    """The parentheses of a call with everything in them."""
    start = source.span(node.func).end
    between = source.between(start, source.span(node).end)
    opening = next((span.start for span, text in between if text == "("), start)
    return Span(opening, source.span(node).end, node.lineno)


def _keyword(source: Source, one: ast.keyword) -> str:
    value = source.of(one.value)
    return f"{one.arg}={value}" if one.arg else f"**{value}"


def _called(node: ast.Call) -> str:
    match node.func:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
    return ""
