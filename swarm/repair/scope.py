"""What a function offers to edits of it: names, conditions, values and statements that stand in it already."""

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from swarm.repair.source import Source

Function = ast.FunctionDef | ast.AsyncFunctionDef
SMALL = 60
"""Characters: a longer expression is no ingredient."""
BLOCKS = ("body", "orelse", "finalbody")


@dataclass(frozen=True)
class Block:
    """Statements that stand below one another."""

    owner: ast.AST
    name: str
    """`body`, `orelse` or `finalbody`."""
    statements: Sequence[ast.stmt]
    function: Function | None
    loops: int
    """How many loops of the function it stands in."""


@dataclass(frozen=True)
class Scope:
    """A function, or the module where there is none."""

    source: Source
    node: Function | ast.Module

    @cached_property
    def parameters(self) -> tuple[str, ...]:
        """Its parameters, without the object itself."""
        if isinstance(self.node, ast.Module):
            return ()
        given = self.node.args
        names = [one.arg for one in (*given.posonlyargs, *given.args, *given.kwonlyargs)]
        return tuple(name for name in names if name not in ("self", "cls"))

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Parameters and what it assigns, in the order of the source."""
        stored = [node.id for node in ast.walk(self.node) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)]
        return tuple(dict.fromkeys((*self.parameters, *stored)))

    @cached_property
    def expressions(self) -> tuple[tuple[ast.AST, ast.expr], ...]:
        """Every expression in it, with the node it stands in."""
        inside = {id(node) for node in ast.walk(self.node)}
        return tuple(pair for pair in self.source.everything if id(pair[1]) in inside)

    @cached_property
    def conditions(self) -> tuple[str, ...]:
        """What is asked in it, each part by itself."""
        found: list[str] = []
        for parent, node in self.expressions:
            asked = isinstance(parent, ast.If | ast.While | ast.IfExp | ast.BoolOp | ast.comprehension) and _is_asked(
                parent, node
            )
            if (asked or isinstance(node, ast.Compare)) and not isinstance(node, ast.BoolOp | ast.Constant):
                found.append(self.source.of(node))
        return _short(found)

    @cached_property
    def returned(self) -> tuple[str, ...]:
        """What it returns."""
        return _short(self.source.of(node.value) for node in ast.walk(self.node) if isinstance(node, ast.Return) and node.value)

    @cached_property
    def constants(self) -> tuple[str, ...]:
        """Numbers, texts and other constants in it, as they are written."""
        return _short(self.source.of(node) for _, node in self.expressions if isinstance(node, ast.Constant))

    @cached_property
    def simple_statements(self) -> tuple[str, ...]:
        """Its statements of one line that do something, as they are written."""
        kinds = (ast.Expr, ast.Assign, ast.AugAssign, ast.Return)
        found = [node for node in ast.walk(self.node) if isinstance(node, kinds) and node.lineno == node.end_lineno]
        return _short(
            self.source.of(node)
            for node in sorted(found, key=lambda node: node.lineno)
            if not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))
        )

    @cached_property
    def compared(self) -> tuple[str, ...]:
        """Names and attributes that are used as numbers or compared in it."""
        found = [
            self.source.of(node)
            for parent, node in self.expressions
            if isinstance(node, ast.Name | ast.Attribute) and isinstance(parent, ast.Compare | ast.BinOp | ast.AugAssign)
        ]
        return _short(found)


class Scopes:
    """The scopes and blocks of a source."""

    def __init__(self, source: Source) -> None:
        """Find out which node stands in which function."""
        self.source = source
        self._of: dict[int, Scope] = {}
        self.blocks: list[Block] = []
        """Every list of statements, in the order of the source."""
        self.module = Scope(source, source.tree)
        self._walk(source.tree, self.module, None, 0)

    def of(self, node: ast.AST) -> Scope:
        """The function in which a node stands."""
        return self._of.get(id(node), self.module)

    def _walk(self, node: ast.AST, scope: Scope, function: Function | None, loops: int) -> None:
        self._of[id(node)] = scope
        if isinstance(node, Function):
            for outside in (*node.decorator_list, *node.args.defaults, *(one for one in node.args.kw_defaults if one)):
                self._walk(outside, scope, function, loops)
            scope, function, loops = Scope(self.source, node), node, 0
        for name in BLOCKS:
            body = getattr(node, name, None)
            if isinstance(body, list) and body and isinstance(body[0], ast.stmt):
                inside = loops + (isinstance(node, ast.For | ast.While | ast.AsyncFor) and name == "body")
                self.blocks.append(Block(node, name, body, function, inside))
                for child in body:
                    self._walk(child, scope, function, inside)
        for child in ast.iter_child_nodes(node):
            if id(child) not in self._of:
                self._walk(child, scope, function, loops)

    @cached_property
    def attributes(self) -> dict[bool, tuple[str, ...]]:
        """The attributes that the file uses: those that are called, and those that are not."""
        found: dict[bool, dict[str, None]] = {True: {}, False: {}}
        for parent, node in self.source.everything:
            if isinstance(node, ast.Attribute):
                found[isinstance(parent, ast.Call) and parent.func is node][node.attr] = None
        for owner in ast.walk(self.source.tree):
            if isinstance(owner, ast.ClassDef):
                found[True].update((one.name, None) for one in owner.body if isinstance(one, Function))
        return {called: tuple(names) for called, names in found.items()}

    @cached_property
    def optional(self) -> frozenset[str]:
        """Parameters of any function whose default is None: functions inside others ask for those of the outer one."""
        found: list[str] = []
        for node in ast.walk(self.source.tree):
            if isinstance(node, Function):
                given = node.args
                late = [*given.posonlyargs, *given.args][-len(given.defaults) :] if given.defaults else []
                pairs = [*zip(late, given.defaults, strict=True), *zip(given.kwonlyargs, given.kw_defaults, strict=True)]
                found += [one.arg for one, default in pairs if isinstance(default, ast.Constant) and default.value is None]
        return frozenset(found)

    @cached_property
    def functions(self) -> tuple[str, ...]:
        """The functions that the module itself defines."""
        return tuple(node.name for node in self.source.tree.body if isinstance(node, Function))


def _is_asked(parent: ast.AST, node: ast.expr) -> bool:
    match parent:
        case ast.If(test=test) | ast.While(test=test) | ast.IfExp(test=test):
            return node is test
        case ast.comprehension(ifs=ifs):
            return node in ifs
    return isinstance(parent, ast.BoolOp)


def _short(texts: Sequence[str] | Iterator[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(text for text in texts if len(text) <= SMALL and "\n" not in text))
