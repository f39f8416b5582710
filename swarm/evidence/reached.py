"""Which assertions a test has, and what can keep each of them from being reached."""

import ast
from collections.abc import Iterator, Sequence
from dataclasses import replace

from swarm.evidence.assertions import Check, asserted, called, name_of

EXITS = ("exit", "_exit", "quit")


def checks(function: ast.FunctionDef | ast.AsyncFunctionDef) -> tuple[Check, ...]:
    """All assertions of a test, in their order."""
    return tuple(_Walk().through(function.body, ()))


class _Walk:
    """One way through a test, counting what can end it before its end."""

    def __init__(self) -> None:
        self._exits = 0

    def through(self, statements: Sequence[ast.stmt], guards: tuple[str, ...]) -> Iterator[Check]:
        """The assertions of these statements, in their order."""
        for statement in statements:
            for check in self._of(statement, guards):
                yield check if check.line else replace(check, line=statement.lineno)

    def _of(self, statement: ast.stmt, guards: tuple[str, ...]) -> Iterator[Check]:
        match statement:
            case ast.Assert(test=test):
                yield from self._placed(asserted(test), guards)
            case ast.Expr(value=ast.Call() as call) | ast.Expr(value=ast.Await(value=ast.Call() as call)):
                self._exits += name_of(call) in EXITS
                yield from self._placed(called(call), guards)
            case ast.Return() | ast.Continue() | ast.Break():
                self._exits += 1
            case ast.With(items=items, body=body) | ast.AsyncWith(items=items, body=body):
                for item in items:
                    yield from self._placed(called(item.context_expr), guards)
                caught = tuple(
                    f"with {ast.unparse(one.context_expr)}" for one in items if name_of(one.context_expr) == "suppress"
                )
                yield from self.through(body, (*guards, *caught))
            case ast.If(test=test, body=body, orelse=other):
                yield from self.through(body, (*guards, f"if {ast.unparse(test)}"))
                yield from self.through(other, (*guards, f"if not {ast.unparse(test)}"))
            case ast.For(target=target, iter=source, body=body) | ast.AsyncFor(target=target, iter=source, body=body):
                yield from self.through(body, (*guards, f"for {ast.unparse(target)} in {ast.unparse(source)}"))
            case ast.While(test=test, body=body):
                yield from self.through(body, (*guards, f"while {ast.unparse(test)}"))
            case ast.Try() | ast.TryStar():
                yield from self._tried(statement, guards)
            case ast.Match(cases=cases):
                for case in cases:
                    yield from self.through(case.body, (*guards, f"case {ast.unparse(case.pattern)}"))
            case ast.FunctionDef(name=name, body=body) | ast.AsyncFunctionDef(name=name, body=body):
                outside, self._exits = self._exits, 0
                yield from self.through(body, (*guards, f"def {name}"))
                self._exits = outside

    def _tried(self, statement: ast.Try | ast.TryStar, guards: tuple[str, ...]) -> Iterator[Check]:
        swallowing = [handler for handler in statement.handlers if not _fails(handler)]
        caught = tuple(f"except {ast.unparse(handler.type) if handler.type else 'BaseException'}" for handler in swallowing)
        yield from self.through(statement.body, (*guards, *caught))
        for handler in statement.handlers:
            yield from self.through(
                handler.body, (*guards, f"on {ast.unparse(handler.type) if handler.type else 'BaseException'}")
            )
        yield from self.through(statement.orelse, guards)
        yield from self.through(statement.finalbody, guards)

    def _placed(self, found: Iterator[Check], guards: tuple[str, ...]) -> Iterator[Check]:
        for check in found:
            yield replace(check, guards=guards, exits=self._exits)


def _fails(handler: ast.ExceptHandler) -> bool:
    """Whether a handler makes the test fail after all."""
    nodes = list(ast.walk(handler))
    return any(isinstance(node, ast.Raise) or name_of(node) == "fail" for node in nodes if isinstance(node, ast.Raise | ast.Call))
