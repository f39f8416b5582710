"""A Python file in blocks: its functions, and all that is outside of them. A test depends on blocks, not on whole files."""

import ast
import hashlib
import re
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field

from swarm.syntax import module_of
from swarm.values import Value

MODULE = "<module>"
DOTTED = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)+")
"""A string that may be the name of a module, for whoever imports by name."""


class Block(Value):
    """A function or method, with all that is nested in it."""

    name: str
    first: int
    last: int
    value: str
    """A hash of what it means: neither comments nor lines count."""


class Blocks(Value):
    """What there is in one file."""

    module: str
    """A hash of all that is outside of functions, their names and parameters included."""
    functions: tuple[Block, ...] = ()
    imports: tuple[str, ...] = ()
    """What it may import, as `a.b`; with leading dots where it is relative."""
    readable: bool = True

    def at(self, line: int) -> str:
        """The name of the function around a line, or `<module>`."""
        return next((one.name for one in self.functions if one.first <= line <= one.last), MODULE)

    def value(self, name: str) -> str:
        """The hash of a block; empty where there is none of this name."""
        return self.module if name == MODULE else next((one.value for one in self.functions if one.name == name), "")


@dataclass
class _Found:
    blocks: list[Block] = field(default_factory=list)
    names: dict[str, int] = field(default_factory=dict)


def blocks(source: bytes) -> Blocks:
    """Read a file; one that is no Python is a single block."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the style of somebody else's source is not swarm's business
            tree = module_of(source)
            imports = tuple(dict.fromkeys(_imports(tree)))
            found = _Found()
            _take_out(tree, "", found)
            return Blocks(_hashed(ast.dump(tree)), tuple(found.blocks), imports)
    except (SyntaxError, ValueError, RecursionError):
        return Blocks(_hashed(source.decode("utf-8", "replace")), readable=False)


def _take_out(parent: ast.AST, prefix: str, found: _Found) -> None:
    """Make a block of each function, and leave only its head where it was."""
    for node in ast.iter_child_nodes(parent):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            name = f"{prefix}{node.name}"
            found.names[name] = again = found.names.get(name, 0) + 1
            first = min([node.lineno, *(one.lineno for one in node.decorator_list)])
            unique = name if again == 1 else f"{name}#{again}"
            found.blocks.append(Block(unique, first, node.end_lineno or node.lineno, _hashed(ast.dump(node))))
            node.body = []
        else:
            _take_out(node, f"{prefix}{node.name}." if isinstance(node, ast.ClassDef) else prefix, found)


def _imports(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=names):
                yield from (one.name for one in names)
            case ast.ImportFrom(module=module, names=names, level=level):
                start = "." * level + (module or "")
                yield start
                yield from (f"{start}.{one.name}" if module else f"{start}{one.name}" for one in names if one.name != "*")
            case ast.Constant(value=str(text)) if DOTTED.fullmatch(text):
                yield text


def _hashed(text: str) -> str:
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()
