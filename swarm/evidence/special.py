"""Recognises code that answers the cases of a test one by one, in the place of an answer to the question."""

import ast
from collections.abc import Collection, Iterable, Iterator

TRIVIAL: tuple[object, ...] = (0, 1, -1, 2, True, False, None, "", b"", 0.0, 1.0)
"""Values that are special in themselves."""
Branch = ast.If | ast.IfExp | ast.match_case | ast.Dict


def literals_of(sources: Iterable[ast.AST]) -> frozenset[object]:
    """The values that tests mention."""
    return frozenset(_value(node) for source in sources for node in ast.walk(source) if isinstance(node, ast.Constant))


def measures_of(sources: Iterable[ast.AST]) -> frozenset[str]:
    """The names of what tests measure a distance by: the bound of an inequality, or the tolerance of a comparison."""
    found: set[str] = set()
    for node in (node for source in sources for node in ast.walk(source)):
        match node:
            case ast.Compare(ops=[ast.Lt() | ast.LtE()], comparators=[bound]):
                found |= _names(bound)
            case ast.Compare(left=bound, ops=[ast.Gt() | ast.GtE()]):
                found |= _names(bound)
            case ast.keyword(arg="abs" | "rel" | "abs_tol" | "rel_tol" | "delta" | "places", value=bound):
                found |= _names(bound)
    return frozenset(found)


def _names(node: ast.AST) -> set[str]:
    inner = list(ast.walk(node))
    return {part.id for part in inner if isinstance(part, ast.Name)} | {
        part.attr for part in inner if isinstance(part, ast.Attribute)
    }


def special_cases(module: ast.Module, literals: Collection[object]) -> Iterator[int]:
    """The lines on which a value that a test mentions is answered by another one that it mentions."""
    known = set(literals)
    for node in ast.walk(module):
        match node:
            case ast.If(test=test, body=body):
                found = _asked(test, known) and any(_answers(line, known) for line in body)
            case ast.IfExp(test=test, body=answer, orelse=other):
                found = _asked(test, known) and bool(_constants([answer, other]) & known)
            case ast.match_case(pattern=pattern, body=body):
                found = bool(_constants([pattern]) & known - set(map(_key, TRIVIAL))) and any(
                    _answers(line, known) for line in body
                )
            case ast.Dict(keys=keys, values=values):
                asked = _constants([key for key in keys if key is not None]) - set(map(_key, TRIVIAL))
                found = bool(asked & known) and bool(_constants(values) & known)
            case ast.BoolOp(values=values):
                found = any(_asked(value, known) for value in values) and any(
                    isinstance(value, ast.Constant) and _value(value) in known for value in values
                )
            case _:
                continue
        if found:
            yield from range(_line(node), _end(node) + 1)


def _asked(test: ast.expr, known: Collection[object]) -> bool:
    """Whether a condition is that something equals a value of the test."""
    trivial = set(map(_key, TRIVIAL))
    for node in ast.walk(test):
        match node:
            case ast.Compare(ops=ops) if any(isinstance(one, ast.Eq | ast.In | ast.Is | ast.NotEq | ast.NotIn) for one in ops):
                if (_constants([node]) & set(known)) - trivial:
                    return True
    return False


def _answers(line: ast.stmt, known: Collection[object]) -> bool:
    match line:
        case ast.Return(value=ast.expr() as value) | ast.Assign(value=value):
            plain = all(
                isinstance(
                    part, ast.Constant | ast.List | ast.Tuple | ast.Dict | ast.Set | ast.expr_context | ast.UnaryOp | ast.unaryop
                )
                for part in ast.walk(value)
            )
            return plain and bool(_constants([value]) & set(known))
        case _:
            return False


def _constants(nodes: Iterable[ast.AST]) -> set[object]:
    return {_value(part) for node in nodes for part in ast.walk(node) if isinstance(part, ast.Constant)}


def _value(node: ast.Constant) -> object:
    return _key(node.value)


def _key(value: object) -> object:
    """A value such that 1, 1.0 and True are three."""
    return type(value).__name__, repr(value)


def _line(node: Branch | ast.BoolOp | ast.AST) -> int:
    return node.pattern.lineno if isinstance(node, ast.match_case) else int(getattr(node, "lineno", 0))


def _end(node: ast.AST) -> int:
    return node.body[-1].lineno if isinstance(node, ast.match_case) else int(getattr(node, "lineno", 0))
