"""How a text is put into the place of another so that it stays one expression or one statement."""

import ast
from collections.abc import Iterable

from swarm.repair.source import Change, Source, Span
from swarm.syntax import expression_of

ATOMS = (ast.Name, ast.Constant, ast.Attribute, ast.Call, ast.Subscript, ast.List, ast.Dict, ast.Set, ast.Tuple, ast.ListComp)
"""What needs no parentheses wherever it stands."""
BINDING = (ast.BinOp, ast.UnaryOp, ast.Compare, ast.BoolOp, ast.Attribute, ast.Starred, ast.Await, ast.IfExp)
"""Nodes in which what is not an atom needs parentheses."""


def is_atom(text: str) -> bool:
    """Whether a text needs no parentheses wherever it stands."""
    try:
        return isinstance(expression_of(text).body, ATOMS)
    except SyntaxError:
        return False


def fitted(parent: ast.AST, text: str) -> str:
    """The text, in parentheses if it could fall apart in this place."""
    if "," in text and _is_bare_tuple(text):
        return f"({text})"
    return text if not isinstance(parent, BINDING) or is_atom(text) else f"({text})"


def _is_bare_tuple(text: str) -> bool:
    try:
        return isinstance(expression_of(text).body, ast.Tuple) and not text.startswith("(")
    except SyntaxError:
        return False


def grouped(source: Source, node: ast.expr) -> str:
    """The text of an expression, in parentheses if it would fall apart elsewhere."""
    text = source.of(node)
    return text if isinstance(node, ATOMS) else f"({text})"


def instead(source: Source, parent: ast.AST, node: ast.expr, texts: Iterable[str]) -> Iterable[Change]:
    """Each of these texts in the place of an expression."""
    span = source.span(node)
    pointless = {source.text(span), *_foregone(source, parent, node, texts := list(dict.fromkeys(texts)))}
    return [((span, fitted(parent, text)),) for text in texts if text not in pointless]


def _foregone(source: Source, parent: ast.AST, node: ast.expr, texts: Iterable[str]) -> Iterable[str]:
    """The texts with which a comparison is decided before anybody looks: of a thing with itself, or of two constants."""
    if not isinstance(parent, ast.Compare) or len(parent.ops) != 1:
        return ()
    other = parent.left if node is parent.comparators[0] else parent.comparators[0]
    said = source.of(other)
    return [text for text in texts if text == said or (isinstance(other, ast.Constant) and _is_constant(text))]


def _is_constant(text: str) -> bool:
    try:
        return isinstance(expression_of(text).body, ast.Constant)
    except SyntaxError:
        return False


def line_end(source: Source) -> str:
    """How lines end in this file."""
    return "\r\n" if b"\r\n" in source.content else "\n"


def before(source: Source, node: ast.stmt, lines: Iterable[str]) -> Change | None:
    """New lines above a statement, indented as it is; None: it does not begin its line."""
    indentation = source.indentation(node)
    if indentation is None or getattr(node, "decorator_list", None):
        return None
    start = source.span(node).start
    text = "".join(f"{line}{line_end(source)}{indentation}" for line in lines)
    return ((Span(start, start, node.lineno), text),)


def after(source: Source, node: ast.stmt, lines: Iterable[str], indentation: str | None = None) -> Change | None:
    """New lines below a statement; None: something else stands on its last line."""
    indent = source.indentation(node) if indentation is None else indentation
    end = source.span(node).end
    last = node.end_lineno or node.lineno
    rest = source.content[end : source.start_of(last + 1)].decode()
    if indent is None or (rest.strip() and not rest.lstrip().startswith("#")):
        return None
    at = end + len(rest.rstrip("\r\n").encode())
    text = "".join(f"{line_end(source)}{indent}{line}" for line in lines)
    return ((Span(at, at, last), text),)


def whole_lines(source: Source, node: ast.stmt) -> Span | None:
    """The lines of a statement that has them for itself."""
    last = node.end_lineno or node.lineno
    start, end = source.start_of(node.lineno), source.start_of(last + 1)
    rest = source.content[source.span(node).end : end].decode().strip()
    if source.indentation(node) is None or (rest and not rest.startswith("#")) or getattr(node, "decorator_list", None):
        return None
    return Span(start, end, node.lineno)
