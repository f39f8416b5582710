"""Another variable, attribute, method or function of the same kind."""

import ast
from collections.abc import Iterator

from swarm.repair.operators.putting import instead
from swarm.repair.scope import Scopes
from swarm.repair.source import Change, Span

MOST = 14
RELATED = (
    "append extend insert add update appendleft",
    "pop popleft remove discard popitem",
    "strip lstrip rstrip",
    "lower upper title capitalize casefold",
    "find rfind index rindex",
    "startswith endswith",
    "keys values items",
    "split rsplit splitlines partition rpartition",
    "isdigit isalpha isalnum isdecimal isnumeric isupper islower isspace",
    "get setdefault pop",
    "union intersection difference symmetric_difference",
    "issubset issuperset isdisjoint",
    "replace removeprefix removesuffix",
    "ljust rjust center zfill",
    "sort reverse",
    "days seconds total_seconds",
    "date datetime time",
    "match search fullmatch",
    "findall finditer",
    "read readline readlines",
    "encode decode",
    "heappush heappop heapify",
    "bisect bisect_left bisect_right insort",
    "combinations permutations product",
)
"""Methods that are taken for one another."""
FUNCTIONS = (
    "min max sum len abs round",
    "any all",
    "sorted reversed list tuple set frozenset iter",
    "int float str bool repr round",
    "ceil floor trunc round",
    "dict OrderedDict defaultdict Counter",
    "isinstance issubclass",
    "map filter",
    "enumerate zip range",
    "ord chr",
    "getattr hasattr",
    "ValueError TypeError KeyError IndexError RuntimeError",
    "range len",
)
"""Functions that are taken for one another."""


def variables(scopes: Scopes) -> Iterator[Change]:
    """Another variable of the function in the place of one."""
    source = scopes.source
    for parent, node in source.expressions():
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and not _is_called(parent, node):
            yield from instead(source, parent, node, scopes.of(node).names[:MOST])


def constants_of_the_module(scopes: Scopes) -> Iterator[Change]:
    """Another constant that the module defines or imports in the place of one, the one with the likest name first."""
    source = scopes.source
    known = list(dict.fromkeys(name for node in source.tree.body for name in _named_by(node) if name.isupper()))
    for parent, node in source.expressions():
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and node.id in known:
            yield from instead(source, parent, node, sorted(known, key=lambda name: -_likeness(name, node.id))[:MOST])


def targets(scopes: Scopes) -> Iterator[Change]:
    """Another variable assigned to; two that are assigned at once in the other order."""
    source = scopes.source
    for parent, node in source.expressions():
        if (
            isinstance(node, ast.Name)
            and isinstance(node.ctx, ast.Store)
            and isinstance(parent, ast.Assign | ast.AugAssign | ast.Tuple)
        ):
            yield from instead(source, parent, node, scopes.of(node).names[:MOST])
        elif isinstance(node, ast.Tuple) and len(node.elts) == 2:
            one, other = (source.of(element) for element in node.elts)
            if one != other:
                yield ((source.span(node.elts[0]), other), (source.span(node.elts[1]), one))


def attributes(scopes: Scopes) -> Iterator[Change]:
    """Another attribute or method that is used in the file, or a relative of it."""
    source = scopes.source
    for parent, node in source.expressions():
        if isinstance(node, ast.Attribute):
            called = _is_called(parent, node)
            related = [name for group in RELATED for name in group.split() if node.attr in group.split()]
            known = scopes.attributes[called]
            near = sorted(known, key=lambda name: -_likeness(name, node.attr))[:MOST]
            span = source.span(node)
            at = Span(span.end - len(node.attr.encode()), span.end, node.end_lineno or node.lineno)
            for name in dict.fromkeys((*related, *near)):
                if name != node.attr and source.text(at) == node.attr:
                    yield ((at, name),)


def attribute_owners(scopes: Scopes) -> Iterator[Change]:
    """An attribute of another object, one that was left out, or one too many."""
    source = scopes.source
    for parent, node in source.expressions():
        if isinstance(node, ast.Attribute) and not _is_called(parent, node) and isinstance(node.ctx, ast.Load):
            yield from instead(source, parent, node, [source.of(node.value)])
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and not _is_called(parent, node):
            scope = scopes.of(node)
            if node.id in scope.names:
                own = [f"{node.id}.{name}" for name in scopes.attributes[False][:MOST]]
                known = [f"self.{node.id}"] if node.id in scopes.attributes[False] else []
                yield from instead(source, parent, node, [*known, *own])


def functions(scopes: Scopes) -> Iterator[Change]:
    """Another function: a relative among Python's own, or another one of the module."""
    source = scopes.source
    for parent, node in source.expressions():
        if isinstance(node, ast.Name) and _is_called(parent, node):
            related = [name for group in FUNCTIONS for name in group.split() if node.id in group.split()]
            own = scopes.functions if node.id in scopes.functions else ()
            yield from instead(source, parent, node, [*related, *own[:MOST]])


def keywords(scopes: Scopes) -> Iterator[Change]:
    """Another key or text that the file uses where one stands as a key."""
    source = scopes.source
    keys = [
        source.of(node)
        for parent, node in source.everything
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and isinstance(parent, ast.Subscript | ast.Dict | ast.Call)
    ]
    for parent, node in source.expressions():
        if (
            isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and isinstance(parent, ast.Subscript | ast.Dict | ast.Call | ast.Compare)
        ):
            old = source.of(node)
            near = sorted(dict.fromkeys(keys), key=lambda text: -_likeness(text, old))
            yield from instead(source, parent, node, near[:MOST])


def _named_by(node: ast.stmt) -> Iterator[str]:
    """The names that a statement of a module gives to something."""
    match node:
        case ast.Assign(targets=targets):
            yield from (target.id for target in targets if isinstance(target, ast.Name))
        case ast.AnnAssign(target=ast.Name(id=name)):
            yield name
        case ast.ImportFrom(names=names):
            yield from (name.asname or name.name for name in names)


def _is_called(parent: ast.AST, node: ast.expr) -> bool:
    return isinstance(parent, ast.Call) and parent.func is node


def _likeness(one: str, other: str) -> float:
    """How alike two names are: the parts that they share."""
    left, right = set(one.strip("'\"").lower().split("_")), set(other.strip("'\"").lower().split("_"))
    common = sum(1 for a, b in zip(one, other, strict=False) if a == b)
    return 2.0 * len(left & right) + common / max(len(one), len(other), 1)
