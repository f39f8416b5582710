"""What stands around suspicious functions: constants, defaults and class bodies, which run when a module is imported."""

import ast
from collections.abc import Iterator, Mapping, Sequence

from swarm.code.suspects import Suspect
from swarm.repair.source import NotPython, parse

SHARE = 0.15
"""How suspicious it is, beside the worst line of the file."""
SHORT = 12
"""Lines: a longer statement is a table or a class of its own."""


def around(sources: Mapping[str, bytes], suspects: Sequence[Suspect]) -> tuple[Suspect, ...]:
    """The statements outside of functions in suspicious files, and the heads of suspicious functions."""
    worst: dict[str, float] = {}
    for suspect in suspects:
        worst[suspect.path] = max(worst.get(suspect.path, 0.0), suspect.weight)
    found: list[Suspect] = []
    for path, weight in worst.items():
        try:
            tree = parse(sources[path])
        except (KeyError, NotPython):
            continue
        mine = [one for one in suspects if one.path == path]
        found += [Suspect(path, first, last, round(weight * SHARE, 4), why) for first, last, why in _outside(tree, mine)]
    return tuple(found)


def _outside(parent: ast.AST, suspects: Sequence[Suspect]) -> Iterator[tuple[int, int, str]]:
    for node in ast.iter_child_nodes(parent):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            last = node.end_lineno or node.lineno
            if any(one.first <= last and node.lineno <= one.last for one in suspects):
                yield node.lineno, max(node.lineno, node.body[0].lineno - 1), f"the head of {node.name}"
        elif isinstance(node, ast.ClassDef | ast.If | ast.Try):
            yield from _outside(node, suspects)
        elif isinstance(node, ast.Assign | ast.AnnAssign) and (node.end_lineno or node.lineno) - node.lineno < SHORT:
            yield node.lineno, node.end_lineno or node.lineno, "a value that suspicious functions may use"
