"""A Python file of a patch: what it means, and what in it is new."""

import ast
import difflib
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

WHOLE = ast.Call | ast.Subscript | ast.Attribute
"""What a name is a part of, and what tells which use of it is meant."""


@dataclass(frozen=True)
class Added:
    """A Python file of a patch, with what it was on base."""

    module: ast.Module
    base: ast.Module
    lines: frozenset[int]
    """The new ones."""
    tests: Collection[str]
    """Names of tests and test files."""
    literals: Collection[object]
    """The values that the reproductions mention."""
    measures: Collection[str] = ()
    """The names of what the reproductions measure by."""

    @cached_property
    def imported(self) -> Mapping[str, str]:
        """What each imported name stands for, in full."""
        return _imported(self.module)

    def nodes(self) -> Iterator[ast.AST]:
        """What stands on new lines."""
        return (node for node in ast.walk(self.module) if getattr(node, "lineno", 0) in self.lines)

    def full_name(self, node: ast.AST) -> str:
        """The name of what a name or an attribute stands for, as far as imports tell."""
        return full_name(node, self.imported)

    def was_there(self, node: ast.AST) -> bool:
        """Whether base uses the same thing in the same words, as often: a line may change around it."""
        whole = ast.unparse(self._wholes.get(node, node))
        return self._uses(self.base)[whole] >= self._uses(self.module)[whole]

    @cached_property
    def _wholes(self) -> Mapping[ast.AST, ast.AST]:
        """The largest call, subscript or attribute that each of its parts begins."""
        found: dict[ast.AST, ast.AST] = {}
        for node in ast.walk(self.module):
            inner: ast.AST = node
            while isinstance(inner, WHOLE):
                inner = inner.func if isinstance(inner, ast.Call) else inner.value
                found.setdefault(inner, node)
        return found

    def _uses(self, module: ast.Module) -> Counter[str]:
        if module not in self._counted:
            wanted = (node for node in ast.walk(module) if isinstance(node, WHOLE | ast.Name))
            self._counted[module] = Counter(ast.unparse(node) for node in wanted)
        return self._counted[module]

    @cached_property
    def _counted(self) -> dict[ast.Module, Counter[str]]:
        return {}


def full_name(node: ast.AST, imported: Mapping[str, str]) -> str:
    """The name of what a name or an attribute stands for, as far as imports tell."""
    match node:
        case ast.Name(id=name):
            return imported.get(name, name)
        case (
            ast.Attribute(value=value, attr=str(attr))
            | ast.Call(func=ast.Name(id="getattr"), args=[value, ast.Constant(value=str(attr)), *_])
        ):
            inner = full_name(value, imported)
            return f"{inner}.{attr}" if inner else ""
        case _:
            return ""


def is_attribute(node: ast.AST) -> bool:
    """Whether a call asks for an attribute by a name that is written there."""
    match node:
        case ast.Call(func=ast.Name(id="getattr"), args=[_, ast.Constant(value=str()), *_]):
            return True
    return False


def added_lines(before: bytes, after: bytes) -> frozenset[int]:
    """The numbers of the lines that are new or changed."""
    blocks = difflib.SequenceMatcher(None, before.splitlines(), after.splitlines(), autojunk=False).get_opcodes()
    return frozenset(number + 1 for tag, _, _, first, end in blocks if tag != "equal" for number in range(first, end))


def _imported(module: ast.Module) -> dict[str, str]:
    names: dict[str, str] = {}
    for node in ast.walk(module):
        match node:
            case ast.Import(names=aliases):
                for alias in aliases:
                    names[alias.asname or alias.name.partition(".")[0]] = (
                        alias.name if alias.asname else alias.name.partition(".")[0]
                    )
            case ast.ImportFrom(module=str(origin), names=aliases, level=0):
                names |= {alias.asname or alias.name: f"{origin}.{alias.name}" for alias in aliases}
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Name() | ast.Attribute() as value):
                # What stands under another name for a while is still the same thing.
                if (full := full_name(value, names)).partition(".")[0] in names.values():
                    names[name] = full
    return names
