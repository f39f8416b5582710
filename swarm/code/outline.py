"""What a source file defines, who mentions a name, and whether a file parses: by tree-sitter, in ten languages."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from pathlib import PurePosixPath

from tree_sitter import Language, Node, Parser

WIDEST = 160
"""Characters of a symbol's first line."""


@dataclass(frozen=True)
class Grammar:
    """What is worth knowing of a language."""

    module: str
    """The package with its grammar, in which it stands as the function `entry`."""
    defines: frozenset[str]
    """The nodes that define a symbol."""
    functions: frozenset[str]
    """Of these, the ones whose inside is nobody's business."""
    entry: str = "language"
    bound: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """Nodes that define a symbol only if their value is one of these."""


def _grammar(module: str, functions: str, others: str, entry: str = "language", bound: str = "") -> Grammar:
    inner, outer = frozenset(functions.split()), frozenset(others.split())
    values = {bound: frozenset({"arrow_function", "function_expression", "function"})} if bound else {}
    return Grammar(module, inner | outer, inner, entry, values)


_SCRIPT = ("function_declaration generator_function_declaration method_definition", "class_declaration")
_TYPED = f"{_SCRIPT[1]} abstract_class_declaration interface_declaration type_alias_declaration enum_declaration internal_module"
PYTHON = _grammar("tree_sitter_python", "function_definition", "class_definition")
JAVASCRIPT = _grammar("tree_sitter_javascript", *_SCRIPT, bound="variable_declarator")
TYPESCRIPT = _grammar("tree_sitter_typescript", _SCRIPT[0], _TYPED, "language_typescript", "variable_declarator")
TSX = _grammar("tree_sitter_typescript", _SCRIPT[0], _TYPED, "language_tsx", "variable_declarator")
GO = _grammar("tree_sitter_go", "function_declaration method_declaration", "type_spec")
RUST = _grammar("tree_sitter_rust", "function_item", "struct_item enum_item trait_item impl_item mod_item macro_definition")
JAVA = _grammar(
    "tree_sitter_java",
    "method_declaration constructor_declaration",
    "class_declaration interface_declaration enum_declaration record_declaration",
)
C = _grammar("tree_sitter_c", "function_definition", "struct_specifier enum_specifier union_specifier")
CPP = _grammar("tree_sitter_cpp", "function_definition", "struct_specifier enum_specifier class_specifier namespace_definition")
RUBY = _grammar("tree_sitter_ruby", "method singleton_method", "class module")

GRAMMARS: Mapping[str, Grammar] = {
    **dict.fromkeys((".py", ".pyi"), PYTHON),
    **dict.fromkeys((".js", ".mjs", ".cjs", ".jsx"), JAVASCRIPT),
    **dict.fromkeys((".ts", ".mts", ".cts"), TYPESCRIPT),
    ".tsx": TSX,
    ".go": GO,
    ".rs": RUST,
    ".java": JAVA,
    **dict.fromkeys((".c", ".h"), C),
    **dict.fromkeys((".cc", ".cpp", ".cxx", ".hh", ".hpp", ".hxx"), CPP),
    ".rb": RUBY,
}
BODIES = frozenset({"struct_specifier", "enum_specifier", "union_specifier", "class_specifier"})
"""Nodes that define something only where they have a body; elsewhere they mention it."""
CALLS = frozenset(
    {"call", "call_expression", "method_invocation", "new_expression", "object_creation_expression", "macro_invocation"}
)

CALLEES = ("function", "name", "method", "constructor", "type", "macro")


@dataclass(frozen=True)
class Symbol:
    """Something that a file defines."""

    name: str
    line: int
    end: int
    depth: int
    text: str
    """Its first line."""


@dataclass(frozen=True)
class Mention:
    """A place where a name occurs, outside of comments and texts."""

    how: str
    """`defines`, `calls` or `uses`."""
    path: str
    line: int
    text: str


def speaks(path: str) -> bool:
    """Whether the language of this file is known."""
    return PurePosixPath(path).suffix.lower() in GRAMMARS


def outline(path: str, source: bytes) -> list[Symbol]:
    """What the file defines, in order."""
    grammar = GRAMMARS[PurePosixPath(path).suffix.lower()]
    return list(_symbols(_root(grammar, source), grammar, source, 0))


def mentions(path: str, source: bytes, name: str) -> list[Mention]:
    """Where the file defines, calls or uses a name."""
    grammar = GRAMMARS[PurePosixPath(path).suffix.lower()]
    root, lines, found = _root(grammar, source), source.split(b"\n"), []
    for hit in re.finditer(rb"(?<![\w$])" + re.escape(name.encode()) + rb"(?![\w$])", source):
        node = root.descendant_for_byte_range(hit.start(), hit.end())
        if node is not None and _is_name(node) and (node.start_byte, node.end_byte) == hit.span():
            row = node.start_point[0]
            found.append(Mention(_how(node, grammar), path, row + 1, _line(lines[row])))
    return found


def syntax_error(path: str, source: bytes) -> str:
    """What keeps the file from being parsed, with its line; empty: nothing, or its language is not known."""
    suffix = PurePosixPath(path).suffix.lower()
    if suffix not in GRAMMARS:
        return ""
    node = _root(GRAMMARS[suffix], source)
    if not node.has_error:
        return ""
    while inner := next((child for child in node.children if child.has_error or child.is_missing), None):
        node = inner
    line = node.start_point[0] + 1
    if node.is_missing:
        return f"line {line}: `{node.type}` is missing"
    said = source[node.start_byte : node.end_byte].decode("utf-8", "replace").strip().split("\n")[0]
    return f"line {line}: `{said[:80]}` is not understood"


def _symbols(node: Node, grammar: Grammar, source: bytes, depth: int) -> Iterator[Symbol]:
    for child in node.named_children:
        name = _name(child) if _defines(child, grammar) else None
        if name is None:
            if child.named_child_count:
                yield from _symbols(child, grammar, source, depth)
            continue
        first = source[child.start_byte : child.end_byte].split(b"\n", 1)[0]
        text = name.text or b""
        yield Symbol(text.decode("utf-8", "replace"), child.start_point[0] + 1, child.end_point[0] + 1, depth, _line(first))
        if child.type not in grammar.functions:
            yield from _symbols(child, grammar, source, depth + 1)


def _defines(node: Node, grammar: Grammar) -> bool:
    if values := grammar.bound.get(node.type):
        value = node.child_by_field_name("value")
        return value is not None and value.type in values
    return node.type in grammar.defines and (node.type not in BODIES or node.child_by_field_name("body") is not None)


def _name(node: Node) -> Node | None:
    """The node with the name of what a node defines."""
    if named := node.child_by_field_name("name") or (node.child_by_field_name("type") if node.type == "impl_item" else None):
        return named
    inner = node.child_by_field_name("declarator")
    while inner is not None and (deeper := inner.child_by_field_name("declarator")):
        inner = deeper
    return inner


def _is_name(node: Node) -> bool:
    return "identifier" in node.type or node.type == "constant"


def _how(node: Node, grammar: Grammar) -> str:
    around = node.parent
    above = around
    for _ in range(4):  # in C the name lies some declarators deep
        if above is None:
            break
        if _defines(above, grammar) and (name := _name(above)) is not None and name.start_byte == node.start_byte:
            return "defines"
        above = above.parent
    for _ in range(3):
        if around is None:
            break
        if around.type in CALLS:
            callee = next(filter(None, map(around.child_by_field_name, CALLEES)), None)
            return "calls" if callee is not None and callee.start_byte <= node.start_byte < callee.end_byte else "uses"
        around = around.parent
    return "uses"


def _line(text: bytes) -> str:
    return " ".join(text.decode("utf-8", "replace").split())[:WIDEST]


def _root(grammar: Grammar, source: bytes) -> Node:
    # A parser is for one thread at a time, and costs next to nothing; the language behind it is for all.
    return Parser(_language(grammar.module, grammar.entry)).parse(source).root_node


@cache
def _language(module: str, entry: str) -> Language:
    return Language(getattr(import_module(module), entry)())
