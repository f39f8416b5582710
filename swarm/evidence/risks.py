"""What makes a verified change look as if it fitted its tests more than its issue. It decides nothing; it ranks."""

import ast
from collections import Counter
from collections.abc import Mapping

from swarm.syntax import module_of

ORDINARY = (0, 1, -1, 2, "", None, True, False, ...)
"""Values that are in every program; that a test has them too says nothing."""
UNSURE, OFF = " Not told apart by any test: ", " It only switches something off."
STILL = " Fails as before: "
BROAD = {"Exception", "BaseException"}


def risks(before: Mapping[str, bytes], after: Mapping[str, bytes], asked: frozenset[object] = frozenset()) -> tuple[str, ...]:
    """What is doubtful about a change of these files; `asked` are the values that the reproductions have."""
    found: list[str] = []
    for path in sorted({*before, *after}):
        old, new = _parsed(before.get(path, b"")), _parsed(after.get(path, b""))
        found += [f"{path} {said}" for said in (*_taken_away(old, new), *_caught(old, new), *_fitted(old, new, asked))]
    return tuple(found)


def said_of(rival: str, *, off: bool, still: str = "") -> str:
    """What the summary of a candidate says of it: that it only takes something away, an input for which the fault is as it was,
    and which input no test tells it by."""
    return f"{OFF if off else ''}{f'{STILL}{still}.' if still else ''}{f'{UNSURE}{rival}.' if rival else ''}"


def doubts_of(summary: str) -> tuple[str, ...]:
    """What a summary says that a person should look at."""
    said, _, rival = summary.partition(UNSURE)
    said, _, still = said.partition(STILL)
    doubts = {
        "it does no more than to switch a condition or a statement off": OFF in said,
        f"an input that no test has still fails as the failing tests did: {still.rstrip('.')}": still,
        f"no test tells it from another that is nearly as likely: {rival.rstrip('.')}": rival,
    }
    return tuple(doubt for doubt, there in doubts.items() if there)


def values_of(source: bytes) -> frozenset[object]:
    """The telling constants of a source."""
    return frozenset(value for value in _values(_parsed(source)) if not _is_ordinary(value))


def _taken_away(old: ast.AST, new: ast.AST) -> list[str]:
    fewer = _statements(old) - _statements(new)
    return [f"loses {fewer} statement{'s' if fewer > 1 else ''}"] if fewer > 0 else []


def _caught(old: ast.AST, new: ast.AST) -> list[str]:
    return ["catches every exception where it did not"] if _broad_handlers(new) > _broad_handlers(old) else []


def _fitted(old: ast.AST, new: ast.AST, asked: frozenset[object]) -> list[str]:
    more = Counter(_values(new)) - Counter(_values(old))
    shared = [value for value in more if not _is_ordinary(value) and value in asked]
    return [f"has {shared[0]!r} in it now, which the reproduction has too"] if shared else []


def _statements(tree: ast.AST) -> int:
    return sum(isinstance(node, ast.stmt) for node in ast.walk(tree))


def _broad_handlers(tree: ast.AST) -> int:
    handlers = [node for node in ast.walk(tree) if isinstance(node, ast.ExceptHandler)]
    return sum(one.type is None or (isinstance(one.type, ast.Name) and one.type.id in BROAD) for one in handlers)


def _values(tree: ast.AST) -> list[object]:
    return [node.value for node in ast.walk(tree) if isinstance(node, ast.Constant)]


def _is_ordinary(value: object) -> bool:
    return any(value is one or (type(value) is type(one) and value == one) for one in ORDINARY)


def _parsed(source: bytes) -> ast.AST:
    """The syntax tree; what is no Python has none to compare."""
    try:
        return module_of(source)
    except (SyntaxError, ValueError):
        return ast.Module(body=[], type_ignores=[])
