"""Reproductions: tests and scripts that show a bug. None counts before it has failed on base for the right reason."""

import ast
import re
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import PurePosixPath

from swarm.errors import Inconclusive
from swarm.evidence.baseline import is_red
from swarm.evidence.canaries import beside
from swarm.evidence.ground import Ground
from swarm.evidence.patch import is_doctest, is_test
from swarm.evidence.results import Outcome, TestResult, TestRun
from swarm.evidence.runner import Manner
from swarm.evidence.runners.plain import PlainRunner
from swarm.syntax import module_of

RUNS = 3
ASSERTIONS = ("AssertionError", "Failed", "failureException")
"""The exceptions by which a test says no: Python's own, and pytest's for what it expected to be raised."""
UNREACHABLE = ("gaierror", "ConnectionRefusedError", "ConnectionError", "URLError", "ConnectError", "TimeoutError", "HTTPError")
"""What a test dies of that needs the network, which nobody has in a sandbox."""


class Form(Enum):
    """What a reproduction is."""

    TEST = "test"
    """A file with tests."""
    SCRIPT = "script"
    """A program: it ends well when the bug is gone."""


class NotAdmitted(Inconclusive):
    """The reproduction {name} proves nothing: {reason}
    Without one that fails on base, nobody can tell whether anything was fixed.
    It has to fail three times of three by an assertion, or by an exception that the project's own code raises."""

    outcome = "inconclusive"


@dataclass(frozen=True, kw_only=True)
class Reproduction:
    """A test file or a script, as its author wrote it."""

    name: str
    """Its file, as people call it; if that lies in a folder of the repository, the test is run there."""
    content: bytes
    author: str = ""
    unseen: bool = False
    """Whether no author of a patch can have seen it: what a patch has in common with it is no sign of a trick."""

    @property
    def form(self) -> Form:
        """Whether there are tests in it."""
        try:
            module = module_of(self.content)
        except (SyntaxError, ValueError) as error:
            raise NotAdmitted(name=self.name, reason=f"it cannot be read as Python: {error}.") from error
        for node in module.body:
            match node:
                case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) if name.startswith("test"):
                    return Form.TEST
                case ast.ClassDef(name=name, body=body) if any(
                    isinstance(inner, ast.FunctionDef) and inner.name.startswith("test") for inner in body
                ):
                    return Form.TEST
        return Form.SCRIPT

    def like(self, other: str) -> str:
        """A test file in the folder where this one belongs: its own, if it has one, or else that of the other."""
        folder = PurePosixPath(self.name).parent
        inside = str(folder) != "." and not folder.is_absolute() and ".." not in folder.parts
        return self.name if inside else other


@dataclass(frozen=True, kw_only=True)
class Admitted:
    """A reproduction that failed on base for the right reason, in every run."""

    reproduction: Reproduction
    tests: tuple[str, ...]
    """Its tests that fail, without the file; of a script, none."""
    said: Mapping[str, TestResult]
    """What they said on base."""


def home(tests: Iterable[str]) -> str:
    """A test file of the project, beside which others are found as well."""
    return next((test.partition("::")[0] for test in tests if not is_doctest(test)), "test_it.py")


def admit(reproduction: Reproduction, ground: Ground, issue: str = "") -> Admitted:
    """Run a reproduction on base, each time under another name, once in another folder if it can, and see that it fails."""
    must_ask(reproduction)
    seen: list[dict[str, TestResult]] = []
    for number in range(RUNS):
        elsewhere = number == RUNS - 1
        run = _on_base(ground, reproduction, _place(reproduction, ground, elsewhere=elsewhere), number)
        if elsewhere and run.collection_errors:  # tests may import what lies beside them
            run = _on_base(ground, reproduction, _place(reproduction, ground, elsewhere=False), number)
        if run.collection_errors:
            raise NotAdmitted(name=reproduction.name, reason=f"it cannot be loaded: {_line(*run.collection_errors.values())}")
        if not run.complete:
            raise NotAdmitted(name=reproduction.name, reason=f"on base, {_line(run.why_incomplete)}.")
        seen.append({test.partition("::")[2]: result for test, result in run.results.items()})
    return _admitted(reproduction, seen, issue)


def _place(reproduction: Reproduction, ground: Ground, *, elsewhere: bool) -> str:
    """Another name each time, and another folder if it is to be elsewhere."""
    folder = f"in_{secrets.token_hex(3)}" if elsewhere else ""
    return beside(reproduction.like(home(ground.baseline.tests)), f"r{secrets.token_hex(5)}", folder)


def _on_base(ground: Ground, reproduction: Reproduction, path: str, number: int) -> TestRun:
    tree = ground.rooms.mirror.put(ground.tree, {path: reproduction.content, **packaged(path, ground)})
    with ground.rooms.open(tree) as room:
        patience, silence = ground.baseline.patience, ground.baseline.silence
        if reproduction.form is Form.SCRIPT:
            python = ground.rooms.environment
            plain = PlainRunner(python.python, path, first=python.first, folder=python.folder)
            return plain.run(room.sandbox, timeout=patience, silence=silence)
        manner = Manner(also=(path,), hash_seed=number)
        return ground.runner.run(room.sandbox, (path,), timeout=patience, silence=silence, manner=manner)


def packaged(path: str, ground: Ground) -> dict[str, bytes]:
    """What a test file needs beside it in a new folder: where tests are a package, a folder among them is one as well."""
    folder = PurePosixPath(path).parent
    there = set(ground.rooms.mirror.paths(ground.tree))
    if str(folder) == "." or any(other.startswith(f"{folder}/") for other in there):
        return {}
    in_package = str(folder.parent / "__init__.py") in there
    return {f"{folder}/__init__.py": b""} if in_package or ground.runner.framework == "unittest" else {}


def _admitted(reproduction: Reproduction, seen: Sequence[Mapping[str, TestResult]], issue: str) -> Admitted:
    first, *others = seen
    bad = [test for test, result in first.items() if result.outcome in (Outcome.FAILED, Outcome.ERROR)]
    if not bad:
        raise NotAdmitted(name=reproduction.name, reason="it passes on base.")
    for test in bad:
        if any(run.get(test) is None or run[test].outcome is not first[test].outcome for run in others):
            raise NotAdmitted(name=reproduction.name, reason=f"on base, {test or 'it'} fails in some runs and not in others.")
        if reason := wrong_reason(first[test], issue):
            raise NotAdmitted(name=reproduction.name, reason=reason)
    script = reproduction.form is Form.SCRIPT
    return Admitted(reproduction=reproduction, tests=() if script else tuple(bad), said={test: first[test] for test in bad})


def wrong_reason(result: TestResult, issue: str = "") -> str:
    """Why this failure does not show a bug; empty: it does."""
    said = f"{result.test.partition('::')[2] or 'it'} fails with {result.message or result.outcome.value}"
    if not is_red(result):
        return f"{said}, before it gets to its question."
    if result.error in UNREACHABLE:
        return f"{said}: it needs the network."
    if result.error in ASSERTIONS or (result.error and re.search(rf"\b{re.escape(result.error)}\b", issue)):
        return ""
    path = result.test.partition("::")[0]
    if any(frame.path != path and not is_test(frame.path) for frame in result.frames):
        return ""
    return f"{said}, which is raised by the test itself and not by the project's code."


def must_ask(reproduction: Reproduction) -> None:
    """Refuse what looks at nothing."""
    if is_constant(reproduction.content):
        raise NotAdmitted(name=reproduction.name, reason="it asserts something that no code can change.")


def is_constant(content: bytes) -> bool:
    """Whether some assertion cannot but fail: it looks at nothing."""
    try:
        module = module_of(content)
    except (SyntaxError, ValueError):
        return False
    live = (ast.Name, ast.Call, ast.Attribute)
    return any(
        isinstance(node, ast.Assert) and not any(isinstance(part, live) for part in ast.walk(node.test))
        for node in ast.walk(module)
    )


def _line(*texts: str) -> str:
    return " ".join(" ".join(texts).split())[-300:]
