"""The outermost functions of a file, and how one of them is compiled alone, as if it stood where it stands."""

from __future__ import annotations
import __future__

import ast
import contextlib
import io
import marshal
import re
import tokenize
from bisect import bisect_right
from dataclasses import dataclass
from functools import cached_property
from types import CodeType
from typing import Any, Union

from .limits import BURN

LINE_END = re.compile(rb"\r\n|\r|\n")
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
LOOPS = (ast.For, ast.While, ast.AsyncFor)
Function = Union[ast.FunctionDef, ast.AsyncFunctionDef]  # noqa: UP007  # for Python 3.9
FUTURE = __future__.annotations.compiler_flag
"""The one thing that a file can still wish for from the future: it changes how functions are compiled."""


class NotAlone(Exception):
    """An edit reaches beyond the body of a single function, so the module has to be imported anew."""


@dataclass(frozen=True)
class Unit:
    """One outermost function of a file, with its decorators."""

    name: str
    classes: tuple[str, ...]
    """The classes it stands in: they decide what its private names mean."""
    indented: bool
    start: int
    end: int
    """Offsets in the file, at line starts."""
    line: int
    headers: tuple[tuple[int, int], ...]
    """Lines of the heads of the function and of those in it: decorators, parameters, defaults."""
    node: Function


class Base:
    """A file as it is in the tree."""

    def __init__(self, path: str, content: bytes, filename: str) -> None:
        """Read it; `filename` is what its code objects call it."""
        self.path, self.content, self.filename = path, content, filename
        self.encoding = tokenize.detect_encoding(io.BytesIO(content).readline)[0]
        self._starts = [0, *(match.end() for match in LINE_END.finditer(content))]
        self._originals: dict[int, tuple[CodeType, CodeType]] = {}

    @cached_property
    def code(self) -> CodeType:
        """The whole file compiled."""
        return compile(self.content, self.filename, "exec", dont_inherit=True)

    @cached_property
    def units(self) -> list[Unit]:
        """Its outermost functions in the order of the file."""
        found: list[Unit] = []
        self._collect(ast.parse(self.content), (), found)
        return sorted(found, key=lambda unit: unit.start)

    def _collect(self, parent: ast.AST, classes: tuple[str, ...], found: list[Unit]) -> None:
        for node in ast.iter_child_nodes(parent):
            if isinstance(node, FUNCTIONS):
                first = _first_line(node)
                start, end = self._offset(first), self._offset((node.end_lineno or first) + 1)
                indented = node.col_offset > 0
                found.append(Unit(node.name, classes, indented, start, end, first, _header_lines(node), node))
            elif isinstance(node, ast.ClassDef):
                self._collect(node, (*classes, node.name), found)
            elif isinstance(node, (ast.stmt, ast.ExceptHandler)):
                self._collect(node, classes, found)

    def _offset(self, line: int) -> int:
        return self._starts[line - 1] if line <= len(self._starts) else len(self.content)

    def line_of(self, offset: int) -> int:
        """The number of the line in which an offset lies."""
        return bisect_right(self._starts, offset)

    def unit(self, start: int, end: int) -> Unit | None:
        """The function in which a stretch lies."""
        units = self.units
        at = bisect_right([unit.start for unit in units], start) - 1
        return units[at] if at >= 0 and end <= units[at].end and start < units[at].end else None

    def warm(self, starts: list[int]) -> None:
        """Work out, before any child is born, what all of them will need for edits at these places."""
        for start in starts:
            unit = self.unit(start, start)
            if unit is not None and unit.start not in self._originals:
                with contextlib.suppress(NotAlone):
                    self.original(unit)

    def in_header(self, unit: Unit, start: int, end: int) -> bool:
        """Whether a stretch touches decorators, parameters or defaults, which are worked out when a function is made."""
        first, last = self.line_of(start), self.line_of(max(start, end - 1))
        return any(first <= bottom and last >= top for top, bottom in unit.headers)

    def alone(self, unit: Unit, text: bytes) -> CodeType:
        """Compile a function that has this text now, with fuel in its loops."""
        tree, node = self._parsed(unit, text)
        _refuel(node.body, entry=True)
        return _find(compile(tree, self.filename, "exec", self.code.co_flags & FUTURE, dont_inherit=True), unit)

    def keeps_headers(self, unit: Unit, text: bytes) -> bool:
        """Whether decorators, defaults and annotations, which count when a function is made, are what they were."""
        return _headers(self._parsed(unit, text)[1]) == _headers(unit.node)

    def _parsed(self, unit: Unit, text: bytes) -> tuple[ast.Module, Function]:
        wrappers = [f"{' ' * depth}class {name}:\n" for depth, name in enumerate(unit.classes)]
        if unit.indented and not wrappers:
            wrappers = ["if 1:\n"]
        above = "\n" * (unit.line - 1 - len(wrappers))  # cheaper than moving every node of the tree
        tree = ast.parse(above + "".join(wrappers) + text.decode(self.encoding))
        inner: Any = tree
        for _ in wrappers:
            if len(inner.body) != 1:
                raise NotAlone
            inner = inner.body[0]
        node = inner.body[0]
        if len(inner.body) != 1 or not isinstance(node, FUNCTIONS) or node.name != unit.name:
            raise NotAlone
        return tree, node

    def original(self, unit: Unit) -> tuple[CodeType, CodeType]:
        """The function's code as the project has it, and the same with fuel."""
        if unit.start not in self._originals:
            self._originals[unit.start] = (_find(self.code, unit), self.alone(unit, self.content[unit.start : unit.end]))
        return self._originals[unit.start]


def inner_codes(code: CodeType) -> dict[tuple[Any, ...], CodeType]:
    """A code object and those inside it, by their names and places."""
    found: dict[tuple[Any, ...], CodeType] = {}

    def walk(one: CodeType, key: tuple[Any, ...]) -> None:
        found[key] = one
        count: dict[str, int] = {}
        for constant in one.co_consts:
            if isinstance(constant, CodeType):
                count[constant.co_name] = count.get(constant.co_name, 0) + 1
                walk(constant, (*key, constant.co_name, count[constant.co_name]))

    walk(code, ())
    return found


def fingerprint(code: CodeType) -> bytes:
    """Equal for code that does the same, wherever it stands."""
    return marshal.dumps(_placeless(code), 2)  # version 2 knows no references, so equal values have equal bytes


def own_fingerprint(code: CodeType) -> bytes:
    """Equal for code that does the same but for the functions made in it."""
    return marshal.dumps(_placeless(code, nested=False), 2)


def _placeless(code: CodeType, *, nested: bool = True) -> CodeType:
    constants = tuple(
        (_placeless(one) if nested else one.co_name) if isinstance(one, CodeType) else one for one in code.co_consts
    )
    lines: Any = {"co_linetable" if hasattr(code, "co_linetable") else "co_lnotab": b""}  # the latter in Python 3.9
    return code.replace(co_firstlineno=1, co_filename="", co_consts=constants, **lines)


def _find(code: CodeType, unit: Unit) -> CodeType:
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            if constant.co_name == unit.name and constant.co_firstlineno == unit.line:
                return constant
            if constant.co_name in unit.classes:
                try:
                    return _find(constant, unit)
                except NotAlone:
                    continue
    raise NotAlone


def _refuel(body: list[ast.stmt], *, entry: bool = False) -> None:
    """Put a sip of fuel at the head of every loop and of every function."""
    for node in body:
        for name in ("body", "orelse", "finalbody", "handlers", "cases"):
            inner = getattr(node, name, None)
            if isinstance(inner, list) and inner:
                _refuel(inner, entry=isinstance(node, (*FUNCTIONS, *LOOPS)) and name == "body")
    if entry:
        at = 1 if len(body) > 1 and isinstance(body[0], ast.Expr) and isinstance(body[0].value, ast.Constant) else 0
        first = body[at]
        place = {"lineno": first.lineno, "col_offset": 0, "end_lineno": first.lineno, "end_col_offset": 0}
        call = ast.Call(func=ast.Name(id=BURN, ctx=ast.Load(), **place), args=[], keywords=[], **place)
        body.insert(at, ast.Expr(value=call, **place))


def _first_line(node: Function) -> int:
    return min([node.lineno, *(one.lineno for one in node.decorator_list)])


def _header_lines(function: Function) -> tuple[tuple[int, int], ...]:
    """From a function's first decorator to its first statement, also of those inside it."""
    nodes = [node for node in ast.walk(function) if isinstance(node, FUNCTIONS)]
    return tuple((_first_line(node), node.body[0].lineno) for node in nodes)


def _headers(function: Function) -> list[str]:
    """Everything that is worked out when this function, or one inside it, is made."""
    found = []
    for node in ast.walk(function):
        if isinstance(node, FUNCTIONS):
            given = node.args
            parameters = [*getattr(given, "posonlyargs", []), *given.args, *given.kwonlyargs, given.vararg, given.kwarg]
            notes = [one.annotation for one in parameters if one is not None]
            parts = [*node.decorator_list, *given.defaults, *given.kw_defaults, *notes, node.returns]
            found.append(" ".join(ast.dump(one) if one is not None else "-" for one in parts))
    return found
