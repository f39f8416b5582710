"""What stands around suspicious lines: the conditions and loops they depend on; and around suspicious functions: constants,
defaults and class bodies, which run when a module is imported."""

import ast
from collections.abc import Iterator, Mapping, Sequence

from swarm.code.suspects import Suspect
from swarm.repair.source import NotPython, parse

SHARE = 0.15
"""How suspicious it is, beside the worst line of the file."""
DEPENDS = 0.95
"""How suspicious a condition or loop is, beside the worst line that is run or not because of it."""
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


def depended_on(sources: Mapping[str, bytes], suspects: Sequence[Suspect]) -> tuple[Suspect, ...]:
    """The conditions and loops because of which suspicious lines are run: a line that raises is seldom itself the fault."""
    found: list[Suspect] = []
    for path in dict.fromkeys(suspect.path for suspect in suspects):
        try:
            tree = parse(sources[path])
        except (KeyError, NotPython):
            continue
        mine = [one for one in suspects if one.path == path]
        for node in ast.walk(tree):
            if isinstance(node, ast.If | ast.While | ast.For | ast.Try | ast.With):
                inside = [one for one in mine if one.first <= (node.end_lineno or node.lineno) and node.lineno < one.last]
                if inside:
                    worst = max(inside, key=lambda one: one.weight)
                    why = f"line {worst.first} depends on it ({worst.why})"
                    found.append(Suspect(path, node.lineno, node.lineno, round(worst.weight * DEPENDS, 4), why))
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
