"""The rule about examples that are tests: they stand in the very files that a patch changes, so nobody can put them back."""

import ast
import doctest
from collections.abc import Iterator, Mapping, Sequence

from swarm.blackboard.candidates import Judgement
from swarm.evidence.case import file_of
from swarm.evidence.hearing import Hearing
from swarm.evidence.patch import is_doctest
from swarm.syntax import module_of

RULE = "every old example stands"
PROMPT = ">>>"
Shown = Sequence[tuple[str, str]]
"""What is typed, and what is shown."""
Definition = ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef


def keeps_examples(hearing: Hearing) -> Judgement | None:
    """Where examples are tests, all of base are there as they were, with nothing before or between them; or a person looks."""
    patch, mirror = hearing.case.patch, hearing.ground.rooms.mirror
    asked = {file_of(test) for test in hearing.ground.baseline.tests if is_doctest(test)}
    there = set(mirror.paths(patch.tree))
    for path in patch.source:
        if path in asked & there:  # what is not there any more is the business of other rules
            before, after = (_examples(path, mirror.read(side, path)) for side in (patch.base, patch.tree))
            for owner in (owner for owner, texts in before.items() if not _stand(texts, after.get(owner, ()))):
                hearing.doubts_that(RULE, f"The examples of {owner} are tests, and the patch tells them anew.")
    return None


def _stand(before: Sequence[Shown], after: Sequence[Shown]) -> bool:
    return len(before) <= len(after) and all([*new[: len(old)]] == [*old] for old, new in zip(before, after, strict=False))


def _examples(path: str, content: bytes) -> Mapping[str, Sequence[Shown]]:
    """What each text with examples shows, by what it stands in; a file that is no Python is one text."""
    whole = {path: [_shown(content.decode("utf-8", "replace"))]}
    if not path.endswith(".py"):
        return whole
    found: dict[str, list[Shown]] = {}
    try:
        for owner, text in _texts(path, module_of(content)):
            found.setdefault(owner, []).append(_shown(text))
    except (SyntaxError, ValueError):
        return whole
    return found


def _texts(owner: str, node: ast.AST) -> Iterator[tuple[str, str]]:
    """Every text with a prompt in it, docstring or not, with what it stands in."""
    for inner in ast.iter_child_nodes(node):
        if isinstance(inner, ast.Constant) and isinstance(inner.value, str) and PROMPT in inner.value:
            yield owner, inner.value
        yield from _texts(f"{owner}::{inner.name}" if isinstance(inner, Definition) else owner, inner)


def _shown(text: str) -> Shown:
    try:
        return [(one.source, one.want) for one in doctest.DocTestParser().get_examples(text)]
    except ValueError:  # written in a way that no runner can read: then it is to stay as it is, letter by letter
        return [("", text)]
