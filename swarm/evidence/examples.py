"""The rule about examples that are tests: they stand in the very files that a patch changes, so nobody can put them back."""

import ast
import doctest
from collections.abc import Iterable, Mapping, Sequence

from sandboxes.mirror import Mirror
from swarm.blackboard.candidates import Judgement
from swarm.evidence.case import file_of
from swarm.evidence.hearing import Hearing
from swarm.evidence.patch import is_doctest
from swarm.syntax import module_of

RULE = "every old example stands"
Example = tuple[str, str]
"""What is typed, and what is shown."""


def keeps_examples(hearing: Hearing) -> Judgement | None:
    """A test that is an example in the source asks what it asked on base, or a person has to look."""
    patch, mirror = hearing.case.patch, hearing.ground.rooms.mirror
    changed = set(patch.source)
    for test in hearing.ground.baseline.tests:
        if is_doctest(test) and file_of(test) in changed and not _stands(mirror, patch.base, patch.tree, test):
            hearing.doubts_that(RULE, f"{test} is an example in the source, and the patch tells it anew.")
    return None


def _stands(mirror: Mirror, base: str, tree: str, test: str) -> bool:
    """Whether all examples of base are there as they were, with nothing before or between them that could change them."""
    path, _, name = test.partition("::")
    if path not in mirror.paths(tree):
        return True  # it cannot be found any more, which is the business of other rules
    before, after = (_of(name, _examples(path, mirror.read(side, path))) for side in (base, tree))
    return [*after][: len(before)] == [*before]


def _of(name: str, examples: Mapping[str, Sequence[Example]]) -> Sequence[Example]:
    """The examples of the test: its dotted name ends with the name of what they explain."""
    fitting = [known for known in examples if f".{name}".endswith(f".{known}")]
    return examples[max(fitting, key=len)] if fitting else examples.get("", ())


def _examples(path: str, content: bytes) -> dict[str, Sequence[Example]]:
    """What is shown in each docstring of a module, or in all of a text, by the dotted name of what it explains."""
    if not path.endswith(".py"):
        return {"": _shown(content.decode("utf-8", "replace"))}
    try:
        return {name: _shown(text) for name, text in _docstrings("", module_of(content))}
    except (SyntaxError, ValueError):
        return {}


def _docstrings(name: str, node: ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) -> Iterable[tuple[str, str]]:
    yield name, ast.get_docstring(node) or ""
    for inner in node.body:
        if isinstance(inner, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            yield from _docstrings(f"{name}.{inner.name}".lstrip("."), inner)


def _shown(text: str) -> Sequence[Example]:
    try:
        return [(one.source, one.want) for one in doctest.DocTestParser().get_examples(text)]
    except ValueError:  # written in a way that no runner can read
        return []
