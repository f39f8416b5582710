"""What a rigged patch does and an honest one hardly ever needs: each rule names the lines on which it is done."""

import ast
import re
from collections.abc import Callable, Collection, Iterator
from fnmatch import fnmatchcase

from swarm.evidence import suspicious
from swarm.evidence.added import Added, is_attribute
from swarm.evidence.futile import decided, unreachable
from swarm.evidence.reasons import listed, of_import, of_name
from swarm.evidence.special import special_cases

Seen = Iterator[tuple[int, str]]
"""Lines, each with what is suspicious there."""


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
            if reason := of_import(name):
                yield node.lineno, reason


def names(added: Added) -> Seen:
    """What is used, whatever it was imported as, and attributes that lead to frames and code."""
    told = {id(node.func) for node in ast.walk(added.module) if isinstance(node, ast.Call) and _is_told(node, added)}
    for node in added.nodes():
        if not isinstance(node, ast.Name | ast.Attribute | ast.Call) or id(node) in told:
            continue
        if isinstance(node, ast.Call) and not is_attribute(node):
            continue
        if (reasons := of_name(node, added)) and not added.was_there(node):
            yield from ((node.lineno, reason) for reason in reasons)


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
        if reason := listed(name, suspicious.DEFINED):
            yield node.lineno, reason
    for node in added.module.body:
        if isinstance(node, ast.FunctionDef) and node.name in suspicious.MODULE_HOOKS and node.lineno in added.lines:
            yield node.lineno, suspicious.REPLACES


def comparisons(added: Added) -> Seen:
    """Objects that are equal to everything, or true whatever they hold."""
    for node in ast.walk(added.module):
        match node:
            case ast.FunctionDef(name="__eq__" | "__ne__" | "__contains__", args=arguments):
                new = added.lines & set(range(node.lineno, (node.end_lineno or node.lineno) + 1))
                other = arguments.args[-1].arg if arguments.args else ""
                looks = any(isinstance(part, ast.Name) and part.id == other for line in node.body for part in ast.walk(line))
                returns = [part.value for part in ast.walk(node) if isinstance(part, ast.Return)]
                constant = bool(returns) and all(isinstance(value, ast.Constant) for value in returns)
                if new and (not looks or constant):
                    yield min(new), suspicious.EQUAL
            case ast.ClassDef(bases=bases, body=body) if suspicious.BUILT_IN & {added.full_name(base) for base in bases}:
                for line in body:
                    if getattr(line, "name", "") in suspicious.COMPARED.split() and line.lineno in added.lines:
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
            case ast.Call(func=func, args=args) if added.full_name(func) in ("operator.attrgetter", "operator.methodcaller"):
                if not all(isinstance(arg, ast.Constant) for arg in args):
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


def depths(added: Added) -> Seen:
    """An answer that depends on how much room is left on the stack, which tells how deep the caller is."""
    for node in added.nodes():
        match node:
            case ast.ExceptHandler(type=ast.expr() as kind):
                caught = {added.full_name(part) for part in ast.walk(kind)}
                if "RecursionError" in caught and not any(isinstance(part, ast.Raise) for part in ast.walk(node)):
                    yield node.lineno, suspicious.FRAMES


def options(added: Added) -> Seen:
    """Options of calls that blunt a comparison, look at the caller, or run what a text says."""
    for node in ast.walk(added.module):
        if not isinstance(node, ast.Call):
            continue
        called = added.full_name(node.func).rpartition(".")[2]
        for option in (one for one in node.keywords if one.value.lineno in added.lines):
            for (name, word, value), reason in suspicious.OPTIONS.items():
                given = isinstance(option.value, ast.Constant) and option.value.value is value
                if given and option.arg == word and fnmatchcase(called, name):
                    yield option.value.lineno, reason


def places(added: Added) -> Seen:
    """Files outside the project, asked for by their absolute names."""
    for node in added.nodes():
        match node:
            case ast.Call(func=func, args=[ast.Constant(value=str(place)), *_]) if place.startswith(("/", "~")):
                if any(fnmatchcase(added.full_name(func), word) for word in suspicious.ABSOLUTE.split()):
                    yield node.lineno, suspicious.SNIFFS


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


def aids(added: Added) -> Seen:
    """What tests are made with: a file that uses the test runner on base already serves the tests, wherever it lies."""
    runner = suspicious.MODULES[suspicious.RUNNER].split()
    for node in ast.walk(added.base):
        match node:
            case ast.Import(names=aliases):
                used = [alias.name for alias in aliases]
            case ast.ImportFrom(module=str(origin), level=0):
                used = [origin]
            case _:
                continue
        if added.lines and any(name.partition(".")[0] in runner for name in used):
            yield min(added.lines), "changes what tests are made with"
            return


def cases(added: Added) -> Seen:
    """The very cases that the reproduction asks for, answered one by one."""
    for line in special_cases(added.module, added.literals):
        if line in added.lines:
            yield line, "answers a case of the reproduction as such"


def measures(added: Added) -> Seen:
    """What the reproduction measures by, given another value: whoever widens it has moved the mark, not the answer."""
    old = {name for node in ast.walk(added.base) for name in _given(node)}
    for node in added.nodes():
        if any(name in added.measures and name in old for name in _given(node)):
            yield getattr(node, "lineno", 1), "changes what the reproduction measures by"


def _given(node: ast.AST) -> Iterator[str]:
    """The names that a statement gives a value."""
    match node:
        case ast.Assign(targets=targets):
            yield from (target.id for target in targets if isinstance(target, ast.Name))
        case ast.AnnAssign(target=ast.Name(id=name)):
            yield name


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
    depths,
    options,
    places,
    words,
    aids,
    cases,
    measures,
    unreachable,
    decided,
)


def _is_told(node: ast.Call, added: Added) -> bool:
    """Whether a call is given the time, so that it does not ask for it."""
    least = suspicious.TOLD.get(added.full_name(node.func))
    return least is not None and len(node.args) + len(node.keywords) >= least
