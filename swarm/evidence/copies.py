"""Copies of a reproduction under other names: one that asks the same, and twins that must fail whatever the code answers."""

import ast
import copy
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from swarm.evidence.strictness import Function, helpers, sharpen
from swarm.syntax import expression_of, module_of

NewName = Callable[[], str]
"""Gives another word at each call, to be part of a name."""
LATER = "this line was to be reached"
BLOCKS = ast.With | ast.AsyncWith | ast.For | ast.AsyncFor | Function
EXPECTING = re.compile("raises|Raises|suppress")
"""What a block is called in which something is to be raised."""


@dataclass(frozen=True)
class Copy:
    """A test file under other names."""

    content: bytes
    names: Mapping[str, str]
    """Its tests, each with the one that it was made from; both without the file."""


def renamed(module: ast.Module, tests: Sequence[str], word: NewName) -> Copy:
    """The module with only these tests, and with other names for them and their classes; empty where it has none of them."""
    wanted = {_plain(test)[-1] for test in tests}
    present = {function.name for function in _functions(module)}
    names = {name: f"test_{word()}" for name in sorted(wanted & present)}
    classes = {part for test in tests for part in _plain(test)[:-1]}
    names |= {name: _class_name(name, word) for name in sorted(classes)}
    copied = _Renaming(names).visit(copy.deepcopy(module))
    known = [test for test in tests if _plain(test)[-1] in names]
    return Copy(_written(copied), {_renamed(test, names): test for test in known})


def failing_later(module: ast.Module, tests: Sequence[str], word: NewName) -> Copy:
    """The same tests, but each fails in its last line: whoever makes them pass does so without the code's help."""
    wanted = [test for test in tests if _reaches_its_end(module, _plain(test)[-1])]
    twin = copy.deepcopy(module)
    for function in _functions(twin):
        function.body.append(module_of(f"raise AssertionError({LATER!r})").body[0])
    return renamed(twin, wanted, word)


def comparing_with_nothing(module: ast.Module, tests: Sequence[str], word: NewName) -> Copy:
    """The same tests, but what they compare the answer with is an object that equals nothing else."""
    twin = copy.deepcopy(module)
    twisted = {function.name for function in _functions(twin) if _twist(function)}
    return renamed(twin, [test for test in tests if _plain(test)[-1] in twisted], word)


def failing_inside(module: ast.Module, tests: Sequence[str], word: NewName) -> Copy:
    """The same tests, but each fails right behind its last assertion inside a block: whoever hides that hides the assertion."""
    twin = copy.deepcopy(module)
    cut = {function.name for function in _functions(twin) if _cut(function.body)}
    return renamed(twin, [test for test in tests if _plain(test)[-1] in cut and _reaches_its_end(module, _plain(test)[-1])], word)


def stricter(module: ast.Module, tests: Sequence[str], word: NewName) -> Copy:
    """The same tests, but what they compare with has to be told from what is nearly the same."""
    twin = copy.deepcopy(module)
    near, blind = (f"{word()}_{word()}" for _ in range(2))
    strict = {function.name for function in _functions(twin) if sharpen(function, near, blind)}
    twin.body += helpers(near, blind)
    return renamed(twin, [test for test in tests if _plain(test)[-1] in strict], word)


def callable_alone(module: ast.Module, tests: Sequence[str]) -> tuple[str, ...]:
    """Those of the tests that are functions without parameters: they can be called by anybody."""
    bare = {node.name for node in module.body if isinstance(node, ast.FunctionDef) and _is_bare(node)}
    return tuple(test for test in tests if test in bare)


def imports_of(module: ast.Module, own: Iterable[str]) -> str:
    """The lines by which a module imports what is the project's own."""
    names = set(own)
    lines = [ast.unparse(node) for node in module.body if _imported(node) & names]
    return "".join(f"{line}\n" for line in dict.fromkeys(lines))


def _imported(node: ast.stmt) -> set[str]:
    match node:
        case ast.Import(names=names):
            return {name.name.partition(".")[0] for name in names}
        case ast.ImportFrom(module=str(module), level=0, names=names) if all(name.name != "*" for name in names):
            return {module.partition(".")[0]}
        case _:
            return set()


class _Renaming(ast.NodeTransformer):
    """Gives the wanted tests other names and takes the other tests away."""

    def __init__(self, names: Mapping[str, str]) -> None:
        self._names = names
        self._inside = False

    def _function(self, node: Function) -> Function | None:
        if self._inside:
            self.generic_visit(node)
            return node
        if node.name.startswith("test") and node.name not in self._names:
            return None
        self._inside = True
        self.generic_visit(node)
        self._inside = False
        node.name = self._names.get(node.name, node.name)
        return node

    def visit_FunctionDef(self, node: ast.FunctionDef) -> Function | None:  # as the library
        return self._function(node)

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> Function | None:  # as the library
        return self._function(node)

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.ClassDef:  # as the library
        self.generic_visit(node)
        node.name = self._names.get(node.name, node.name)
        node.body = node.body or [ast.Pass()]
        return node

    def visit_Name(self, node: ast.Name) -> ast.Name:  # as the library
        node.id = self._names.get(node.id, node.id)
        return node


def _functions(module: ast.Module) -> Iterator[Function]:
    """The functions of a module and of the classes in it."""
    waiting: list[ast.stmt] = list(module.body)
    for node in waiting:
        if isinstance(node, Function):
            yield node
        elif isinstance(node, ast.ClassDef):
            waiting.extend(node.body)


def _plain(test: str) -> list[str]:
    """Classes and function of a test, without what a parameter adds to its name."""
    return test.partition("[")[0].partition("#")[0].split("::")


def _renamed(test: str, names: Mapping[str, str]) -> str:
    plain = "::".join(_plain(test))
    return "::".join(names.get(part, part) for part in _plain(test)) + test[len(plain) :]


def _class_name(name: str, word: NewName) -> str:
    """Another name that the same patterns for test classes fit."""
    new = word().title().replace("_", "")
    if name.startswith("Test"):
        return f"Test{new}"
    return next((f"{new}{end}" for end in ("TestCase", "Tests", "Test") if name.endswith(end)), name)


def _reaches_its_end(module: ast.Module, name: str) -> bool:
    """Whether a test that passes is sure to get to a line after its last."""
    early = (ast.Return, ast.Yield, ast.YieldFrom)
    return all(
        not any(isinstance(node, early) for node in ast.walk(function)) and "xfail" not in ast.unparse(function)
        for function in _functions(module)
        if function.name == name
    )


def _cut(body: list[ast.stmt], *, inside: bool = False) -> bool:
    """Let the last assertion inside a block, sure to be reached, be followed by one that fails; whether there was any."""
    for at, node in reversed(list(enumerate(body))):
        if inside and _is_assertion(node):
            body.insert(at + 1, module_of(f"raise AssertionError({LATER!r})").body[0])
            return True
        if isinstance(node, BLOCKS) and not _expects(node) and _cut(node.body, inside=True):
            return True
    return False


def _expects(node: ast.stmt) -> bool:
    """Whether something is to be raised in a block."""
    return isinstance(node, ast.With | ast.AsyncWith) and any(EXPECTING.search(ast.unparse(item)) for item in node.items)


def _is_assertion(node: ast.stmt) -> bool:
    match node:
        case ast.Assert():
            return True
        case ast.Expr(value=ast.Call(func=ast.Attribute(attr=name))):
            return name.startswith("assert")
    return False


def _surely_reached(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """The statements that a test cannot but come to."""
    for node in body:
        yield node
        if isinstance(node, ast.With | ast.AsyncWith) and not _expects(node):
            yield from _surely_reached(node.body)


def _twist(function: Function) -> bool:
    """Replace what answers are compared with; whether there was any."""
    found = False
    for node in _surely_reached(function.body):
        match node:
            case ast.Assert(test=ast.Compare(ops=[ast.Eq()], comparators=[right]) as compared):
                answer_left = isinstance(compared.left, ast.Call) or not isinstance(right, ast.Call)
                if answer_left and not isinstance(compared.left, ast.Constant):
                    compared.comparators = [_nothing()]
                else:
                    compared.left = _nothing()
                found = True
            case ast.Expr(value=ast.Call(func=ast.Attribute(attr="assertEqual" | "assertEquals"), args=[_, _, *_] as values)):
                at = 0 if isinstance(values[0], ast.Constant) else 1
                values[at] = _nothing()
                found = True
    return found and "xfail" not in ast.unparse(function)


def _nothing() -> ast.expr:
    return expression_of("object()").body


def _is_bare(node: ast.FunctionDef) -> bool:
    arguments = node.args
    return not (arguments.args or arguments.posonlyargs or arguments.kwonlyargs or node.decorator_list)


def _written(module: ast.AST) -> bytes:
    return (ast.unparse(ast.fix_missing_locations(module)) + "\n").encode("utf-8", "surrogateescape")
