"""The tests of a Python file and what they lean on, by its syntax tree: comments and formatting do not exist here."""

import ast
import copy
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from swarm.evidence.parameters import inlined
from swarm.syntax import module_of

Function = ast.FunctionDef | ast.AsyncFunctionDef

FIXTURES = frozenset(
    """
    setUp tearDown setUpClass tearDownClass setUpModule tearDownModule asyncSetUp asyncTearDown runTest run
    setup_method teardown_method setup_class teardown_class setup_module teardown_module setup_function teardown_function
    """.split()
)


@dataclass(frozen=True)
class Test:
    """One test function or method."""

    __test__ = False

    name: str
    """`TestShop::test_total`, without the file."""
    function: Function
    marks: tuple[ast.expr, ...]
    """Its decorators, those of its classes, and `pytestmark`."""
    guards: tuple[str, ...]
    """The conditions under which it is defined at all."""

    @property
    def body(self) -> str:
        """What it does, in one way of writing."""
        return "\n".join(ast.unparse(statement) for statement in self.function.body)

    @property
    def parameters(self) -> frozenset[str]:
        """The fixtures that it takes."""
        arguments = self.function.args
        return frozenset(arg.arg for arg in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs))

    @property
    def uses(self) -> frozenset[str]:
        """Every name in it."""
        parts = (self.function, *self.marks)
        return self.parameters | {node.id for part in parts for node in ast.walk(part) if isinstance(node, ast.Name)}


@dataclass(frozen=True)
class Inventory:
    """What a file holds."""

    tests: Mapping[str, Test] = field(default_factory=dict)
    support: Mapping[str, str] = field(default_factory=dict)
    """Fixtures, helpers, constants and imports by name, each as its text."""
    statements: tuple[str, ...] = ()
    """What the file does beside defining things."""
    automatic: frozenset[str] = frozenset()
    """Of the support, what works on tests that do not name it."""


def inventory(source: bytes) -> Inventory:
    """Take stock of a file; a file that is no Python raises SyntaxError or ValueError."""
    module = module_of(source)
    _drop_prose(module)
    inlined(module)
    stock = _Stock()
    stock.take(module.body, prefix="", marks=_pytestmark(module.body), guards=(), is_tests=True)
    return Inventory(stock.tests, stock.support, tuple(stock.statements), frozenset(stock.automatic))


class _Stock:
    """An inventory in the making."""

    def __init__(self) -> None:
        self.tests: dict[str, Test] = {}
        self.support: dict[str, str] = {}
        self.statements: list[str] = []
        self.automatic: set[str] = set()

    def take(
        self, body: Sequence[ast.stmt], *, prefix: str, marks: tuple[ast.expr, ...], guards: tuple[str, ...], is_tests: bool
    ) -> None:
        """Sort what a module or a class defines."""
        for statement in body:
            match statement:
                case ast.FunctionDef() | ast.AsyncFunctionDef():
                    self._function(statement, prefix, marks, guards, is_tests=is_tests)
                case ast.ClassDef():
                    self._class(statement, prefix, marks, guards)
                case ast.If(test=test, body=inner, orelse=other) if _defines(statement):
                    text = ast.unparse(test)
                    self.take(inner, prefix=prefix, marks=marks, guards=(*guards, f"if {text}"), is_tests=is_tests)
                    self.take(other, prefix=prefix, marks=marks, guards=(*guards, f"if not {text}"), is_tests=is_tests)
                case ast.Import(names=names) | ast.ImportFrom(names=names):
                    for name in names:
                        self.support[(name.asname or name.name).partition(".")[0]] = _imported(statement, name)
                case ast.Pass():
                    pass
                case _:
                    self._statement(statement, prefix)

    def _function(
        self, function: Function, prefix: str, marks: tuple[ast.expr, ...], guards: tuple[str, ...], *, is_tests: bool
    ) -> None:
        name = f"{prefix}{function.name}"
        if is_tests and function.name.startswith("test") and not any(map(_is_fixture, function.decorator_list)):
            self.tests[name] = Test(name, function, (*marks, *function.decorator_list), guards)
            return
        self.tests.pop(name, None)
        self.support[name] = ast.unparse(function)
        text = " ".join(map(ast.unparse, function.decorator_list))
        if function.name in FIXTURES or function.name.startswith("pytest_") or "autouse=True" in text:
            self.automatic.add(name)

    def _class(self, kind: ast.ClassDef, prefix: str, marks: tuple[ast.expr, ...], guards: tuple[str, ...]) -> None:
        name = f"{prefix}{kind.name}"
        if not any(isinstance(node, Function) and node.name.startswith("test") for node in ast.walk(kind)):
            self.support[name] = ast.unparse(kind)
            return
        bases = " ".join(map(ast.unparse, kind.bases))
        self.support[f"{name}()"] = f"({bases})"
        inner = (*marks, *kind.decorator_list, *_pytestmark(kind.body))
        self.take(kind.body, prefix=f"{name}::", marks=inner, guards=guards, is_tests=_is_collected(kind, bases))

    def _statement(self, statement: ast.stmt, prefix: str) -> None:
        """An assignment gives a name to something, and may take a test's name away; anything else simply happens."""
        match statement:
            case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
                if name != "pytestmark":
                    self.tests.pop(f"{prefix}{name}", None)
                    self.support[f"{prefix}{name}"] = ast.unparse(statement)
            case ast.Delete(targets=targets):
                for target in targets:
                    self.tests.pop(f"{prefix}{ast.unparse(target)}", None)
            case _:
                self.statements.append(ast.unparse(statement))


def _pytestmark(body: Sequence[ast.stmt]) -> tuple[ast.expr, ...]:
    """The marks that a module or a class gives to all tests in it."""
    marks: list[ast.expr] = []
    for statement in body:
        match statement:
            case ast.Assign(targets=[ast.Name(id="pytestmark")], value=ast.List(elts=elements) | ast.Tuple(elts=elements)):
                marks.extend(elements)
            case ast.Assign(targets=[ast.Name(id="pytestmark")], value=value):
                marks.append(value)
    return tuple(marks)


def _is_collected(kind: ast.ClassDef, bases: str) -> bool:
    """Whether a runner takes tests from a class of this name with these bases."""
    refuses = any(ast.unparse(statement).replace(" ", "") == "__test__=False" for statement in kind.body)
    constructs = any(isinstance(statement, Function) and statement.name == "__init__" for statement in kind.body)
    is_case = bool(bases)  # a base may be a test case of another file
    return not refuses and (is_case or (kind.name.startswith("Test") and not constructs))


def _is_fixture(decorator: ast.expr) -> bool:
    return ast.unparse(decorator).partition("(")[0].rpartition(".")[2] == "fixture"


def _defines(statement: ast.If) -> bool:
    return any(isinstance(node, Function | ast.ClassDef) for node in ast.walk(statement))


def _imported(statement: ast.Import | ast.ImportFrom, name: ast.alias) -> str:
    alone = copy.copy(statement)
    alone.names = [name]
    return ast.unparse(alone)


def _drop_prose(module: ast.Module) -> None:
    """Take out what says something to people only: docstrings, and the messages of assertions."""
    for node in ast.walk(module):
        match node:
            case (
                ast.Module(body=[ast.Expr(value=ast.Constant(value=str())), *rest])
                | ast.ClassDef(body=[ast.Expr(value=ast.Constant(value=str())), *rest])
                | ast.FunctionDef(body=[ast.Expr(value=ast.Constant(value=str())), *rest])
                | ast.AsyncFunctionDef(body=[ast.Expr(value=ast.Constant(value=str())), *rest])
            ):
                node.body = rest or ([] if isinstance(node, ast.Module) else [ast.Pass()])
            case ast.Assert():
                node.msg = None
            case ast.Call(func=ast.Attribute(attr=name)) if name.startswith("assert"):
                node.keywords = [keyword for keyword in node.keywords if keyword.arg != "msg"]


def calls(function: Function) -> Iterator[ast.Call]:
    """Every call in a function."""
    return (node for node in ast.walk(function) if isinstance(node, ast.Call))
