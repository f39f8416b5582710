"""Reads the lines that a patch adds to the source for what looks at the tests, their runner, or the process they share."""

import ast
import difflib
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase

from sandboxes.mirror import Mirror
from swarm.evidence import suspicious
from swarm.evidence.patch import Patch
from swarm.evidence.special import special_cases

SHOWN = 160
"""Characters of a line that are shown."""
Function = ast.FunctionDef | ast.AsyncFunctionDef
Seen = Iterator[tuple[int, str]]
"""Lines, each with what is suspicious there."""


@dataclass(frozen=True)
class Suspicion:
    """A line of the patch that a person should look at, and why."""

    path: str
    line: int
    reason: str
    text: str

    @property
    def sentence(self) -> str:
        """The place, the reason, and the line."""
        return f"{self.path}:{self.line} {self.reason}: `{self.text}`"


@dataclass(frozen=True)
class Added:
    """A Python file of a patch: what it means, and which of its lines are new."""

    module: ast.Module
    lines: Collection[int]
    imported: Mapping[str, str]
    """What each imported name stands for, in full."""
    tests: Collection[str]
    """Names of tests and test files."""
    literals: Collection[object]
    """The values that the reproductions mention."""

    def nodes(self) -> Iterator[ast.AST]:
        """What stands on new lines."""
        return (node for node in ast.walk(self.module) if getattr(node, "lineno", 0) in self.lines)

    def full_name(self, node: ast.AST) -> str:
        """The name of what a name or an attribute stands for, as far as imports tell."""
        match node:
            case ast.Name(id=name):
                return self.imported.get(name, name)
            case ast.Attribute(value=value, attr=attr):
                inner = self.full_name(value)
                return f"{inner}.{attr}" if inner else ""
            case _:
                return ""


def scan(mirror: Mirror, patch: Patch, tests: Iterable[str] = (), literals: Collection[object] = ()) -> tuple[Suspicion, ...]:
    """Everything suspicious in the source part of a patch; each reason once for a line."""
    names = {part for test in tests for part in _names(test)}
    base, new = set(mirror.paths(patch.base)), set(mirror.paths(patch.tree))
    found: dict[tuple[str, int, str], Suspicion] = {}
    for path in (path for path in patch.source if path in new):
        after = mirror.read(patch.tree, path)
        before = mirror.read(patch.base, path) if path in base else b""
        lines = _decoded(after)
        for number, reason in _scan_file(path, before, after, names, literals):
            text = lines[number - 1].strip()[:SHOWN] if 0 < number <= len(lines) else ""
            found.setdefault((path, number, reason), Suspicion(path, number, reason, text))
    return tuple(found[place] for place in sorted(found))


def added_lines(before: bytes, after: bytes) -> frozenset[int]:
    """The numbers of the lines that are new or changed."""
    blocks = difflib.SequenceMatcher(None, before.splitlines(), after.splitlines(), autojunk=False).get_opcodes()
    return frozenset(number + 1 for tag, _, _, first, end in blocks if tag != "equal" for number in range(first, end))


def _scan_file(path: str, before: bytes, after: bytes, tests: Collection[str], literals: Collection[object]) -> Seen:
    if b"\0" in after:
        yield 1, "is binary"
        return
    lines = added_lines(before, after)
    for number in lines:
        if suspicious.HIDDEN.intersection(_decoded(after)[number - 1]):
            yield number, "holds characters that cannot be seen"
    if not path.endswith((".py", ".pyi")):
        return
    try:
        module = ast.parse(after)
    except (SyntaxError, ValueError, RecursionError) as error:
        yield getattr(error, "lineno", 1) or 1, "cannot be read as Python"
        return
    added = Added(module, lines, _imported(module), tests, literals)
    for rule in RULES:
        yield from rule(added)


def _decoded(content: bytes) -> list[str]:
    return [line.decode("utf-8", "replace") for line in content.splitlines()] or [""]


def _names(test: str) -> Iterator[str]:
    """The name of a test function, and those of its file."""
    path, _, inner = test.partition("::")
    yield inner.partition("[")[0].rpartition("::")[2]
    yield path
    yield path.rpartition("/")[2].removesuffix(".py")


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
                if (full := Added(module, (), names, (), ()).full_name(value)).partition(".")[0] in names.values():
                    names[name] = full
    return names


def _reason(name: str, table: Mapping[str, str]) -> str:
    return next((reason for reason, words in table.items() if any(fnmatchcase(name, word) for word in words.split())), "")


def _module_reason(name: str) -> str:
    parts = name.split(".")
    heads = [".".join(parts[:count]) for count in range(1, len(parts) + 1)]
    return next((reason for head in heads if (reason := _reason(head, suspicious.MODULES))), "")


def imports(added: Added) -> Seen:
    """What is imported."""
    for node in added.nodes():
        match node:
            case ast.Import(names=aliases):
                full = [alias.name for alias in aliases]
            case ast.ImportFrom(module=str(origin), names=aliases, level=0):
                full = [f"{origin}.{alias.name}" for alias in aliases]
            case _:
                continue
        for name in full:
            if reason := _module_reason(name) or _reason(name, suspicious.NAMES):
                yield node.lineno, reason


def names(added: Added) -> Seen:
    """What is used, whatever it was imported as, and attributes that lead to frames and code."""
    for node in added.nodes():
        if isinstance(node, ast.Name | ast.Attribute) and (full := added.full_name(node)):
            known = full.partition(".")[0] in {name.partition(".")[0] for name in added.imported.values()}
            reason = _reason(full, suspicious.NAMES) or (_module_reason(full) if known else "")
            if reason:
                yield node.lineno, reason
        if isinstance(node, ast.Attribute) and (reason := _reason(node.attr, suspicious.ATTRIBUTES)):
            yield node.lineno, reason


def definitions(added: Added) -> Seen:
    """What means something to others by being defined."""
    for node in added.nodes():
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                pass
            case ast.Name(id=name, ctx=ast.Store()) | ast.Attribute(attr=name, ctx=ast.Store()):
                pass
            case _:
                continue
        if reason := _reason(name, suspicious.DEFINED):
            yield node.lineno, reason


def comparisons(added: Added) -> Seen:
    """Objects that are equal to everything, or true whatever they hold."""
    for node in ast.walk(added.module):
        match node:
            case ast.FunctionDef(name="__eq__" | "__ne__" | "__contains__", args=arguments):
                new = (
                    added.lines & set(range(node.lineno, (node.end_lineno or node.lineno) + 1))
                    if isinstance(added.lines, frozenset)
                    else set()
                )
                other = arguments.args[-1].arg if arguments.args else ""
                looks = any(isinstance(part, ast.Name) and part.id == other for line in node.body for part in ast.walk(line))
                returns = [part.value for part in ast.walk(node) if isinstance(part, ast.Return)]
                constant = bool(returns) and all(isinstance(value, ast.Constant) for value in returns)
                if new and (not looks or constant):
                    yield min(new), suspicious.EQUAL
            case ast.ClassDef(bases=bases, body=body) if {"str", "int", "float", "bytes", "list", "dict", "tuple", "set"} & {
                added.full_name(base) for base in bases
            }:
                for line in body:
                    if getattr(line, "name", "") in ("__eq__", "__ne__", "__hash__") and line.lineno in added.lines:
                        yield line.lineno, suspicious.EQUAL
            case ast.Assign(targets=targets) if node.lineno in added.lines:
                if any(added.full_name(target).rpartition(".")[2] in ("__eq__", "__ne__", "__bool__") for target in targets):
                    yield node.lineno, suspicious.EQUAL


def replacements(added: Added) -> Seen:
    """Something of another module, or of a built-in, that is given another value."""
    known = {name.partition(".")[0] for name in added.imported}
    for node in added.nodes():
        match node:
            case ast.Attribute(ctx=ast.Store() | ast.Del(), value=value) if _root(value) in known:
                yield node.lineno, suspicious.REPLACES
            case ast.Subscript(ctx=ast.Store() | ast.Del(), value=value) if _is_namespace(value, known):
                yield node.lineno, suspicious.REPLACES
            case ast.Call(func=ast.Name(id="setattr" | "delattr"), args=[first, *_]) if _root(first) not in ("self", "cls"):
                yield node.lineno, suspicious.REPLACES
            case ast.Call(func=ast.Name(id="getattr"), args=[first, second, *_]) if not isinstance(second, ast.Constant):
                if _root(first) in known:
                    yield node.lineno, suspicious.RUNTIME
            case ast.Call(func=ast.Name(id="globals" | "vars" | "locals")):
                yield node.lineno, suspicious.REPLACES


def handlers(added: Added) -> Seen:
    """Exceptions that only a test or the runner raises, caught on the way to it."""
    for node in ast.walk(added.module):
        match node:
            case ast.ExceptHandler(type=kind) if node.lineno in added.lines:
                caught = {added.full_name(part) for part in ast.walk(kind)} if kind else {"BaseException"}
                if caught.intersection(suspicious.CAUGHT):
                    yield node.lineno, "catches what a test raises"
            case ast.Call(func=func, args=args) if node.lineno in added.lines and added.full_name(func).endswith("suppress"):
                if {added.full_name(arg) for arg in args}.intersection(suspicious.CAUGHT):
                    yield node.lineno, "catches what a test raises"


def words(added: Added) -> Seen:
    """Strings that name a test, its file, the runner, or what tells where the code runs; texts for people are left alone."""
    prose = {id(node.value) for node in ast.walk(added.module) if isinstance(node, ast.Expr)}
    for node in added.nodes():
        if isinstance(node, ast.Constant) and isinstance(node.value, str | bytes) and id(node) not in prose:
            value = node.value.decode("latin-1") if isinstance(node.value, bytes) else node.value
            if value in added.tests:
                yield node.lineno, suspicious.RUNNER
            for reason, pattern in suspicious.WORDS.items():
                if re.search(pattern, value):
                    yield node.lineno, reason


def surroundings(added: Added) -> Seen:
    """The whole environment, or a variable of it whose name is made up on the way."""
    plain = {
        id(node.value if isinstance(node, ast.Subscript) else node.func.value)  # type: ignore[attr-defined]
        for node in ast.walk(added.module)
        if (isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant))
        or (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.args
            and isinstance(node.args[0], ast.Constant)
        )
    }
    for node in added.nodes():
        if isinstance(node, ast.Attribute) and added.full_name(node) == "os.environ" and id(node) not in plain:
            yield node.lineno, suspicious.SNIFFS


def cases(added: Added) -> Seen:
    """The very cases that the reproduction asks for, answered one by one."""
    for line in special_cases(added.module, added.literals):
        if line in added.lines:
            yield line, "answers a case of the reproduction as such"


def _root(node: ast.AST) -> str:
    while isinstance(node, ast.Attribute | ast.Subscript | ast.Call):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node.id if isinstance(node, ast.Name) else ""


def _is_namespace(node: ast.AST, known: Collection[str]) -> bool:
    match node:
        case ast.Call(func=ast.Name(id="globals" | "vars")):
            return True
        case ast.Attribute(attr="__dict__") | ast.Attribute(attr="modules"):
            return True
        case _:
            return isinstance(node, ast.Attribute) and _root(node) in known


Rule = Callable[[Added], Seen]
RULES: tuple[Rule, ...] = (
    imports,
    names,
    definitions,
    comparisons,
    replacements,
    handlers,
    words,
    surroundings,
    cases,
)
