"""The story of `swarm verify`, top to bottom: judge a patch that anybody wrote, with no agents and no model."""

import posixpath
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from sandboxes.repository import NoCommit
from swarm.errors import UsageError
from swarm.evidence.ground import Ground
from swarm.evidence.hearing import Hearing
from swarm.evidence.patch import applied
from swarm.evidence.reproduction import Admitted, Reproduction, admit
from swarm.evidence.verdict import case_of, heard
from swarm.issue import Issue
from swarm.parts import Parts
from swarm.ruling import Ruling
from swarm.survey import surveyed

LARGEST = 64 * 1024 * 1024
"""Bytes of a diff that are read."""
HEADER = re.compile(rb"^(diff --git |--- )", re.MULTILINE)
AS_GIT = "Give a unified diff, as `git diff` prints it."
NAME_IT = "Name a file with a test or a script, or a test as `path/test_it.py::test_name`."


@dataclass(frozen=True)
class Submitted:
    """The patch that is to be judged: a diff, or the tree of a branch."""

    name: str
    base: str
    """The commit that it is against."""
    diff: bytes = b""
    commit: str = ""
    """Of the branch; empty: it is a diff."""


def verify(
    parts: Parts, submitted: Submitted, *, reproductions: Sequence[str], issue: Issue | None, note: Callable[[str], None]
) -> Ruling:
    """Judge what was submitted on its base."""
    for name in reproductions:
        _must_be_somewhere(name)
    parts.mirror.take(parts.repository, submitted.base)
    tree = tree_of(parts, submitted)  # what does not apply is told before any test is run
    ground = surveyed(parts, submitted.base, lambda stage, text: note(f"{stage}: {text}"))
    called = {name: _as_known(name, parts.repository.place, ground.baseline.tests) for name in reproductions}
    named = tuple(test for test in called.values() if test)
    text = f"{issue.title}\n{issue.body}" if issue else ""
    held = tuple(admitted(ground, name, parts.repository.top, text) for name in reproductions if not called[name])
    note(f"judging {submitted.name} on {submitted.base[:12]}")
    hearing = Hearing(case_of(tree, ground, named, held))
    judgement = heard(hearing, parts.store.put_raw)
    return Ruling(submitted.name, judgement, hearing, issue.title if issue else "")


def submission(parts: Parts, given: str, stdin: BinaryIO) -> Submitted:
    """What was given on the command line: a file with a diff, `-`, or a branch, which is judged from where it left base."""
    repository, base = parts.repository, parts.repository.commit(parts.settings.base)
    if given == "-":
        return Submitted("standard input", base, _read(stdin, "standard input"))
    if (file := Path(given)).is_file():
        with file.open("rb") as content:
            return Submitted(given, base, _read(content, given))
    try:
        commit = repository.commit(given)
    except NoCommit as error:
        what, remedy = f"There is no file and no branch `{given}`.", "Name a file with a diff, a branch, or - for standard input."
        raise UsageError(what=what, remedy=remedy) from error
    return Submitted(given, repository.fork(base, commit), commit=commit)


def tree_of(parts: Parts, submitted: Submitted) -> str:
    """The tree with the patch in it."""
    if submitted.commit:
        return parts.mirror.take(parts.repository, submitted.commit)
    return applied(parts.mirror, submitted.base, submitted.diff, submitted.name)


def admitted(ground: Ground, name: str, top: Path, issue: str) -> Admitted:
    """A reproduction in a file, after it has failed on base for the right reason."""
    file = Path(name)
    if not file.is_file():
        raise UsageError(what=f"There is no file `{name}`, and no test of this name on base.", remedy=NAME_IT)
    inside = file.resolve().is_relative_to(top.resolve())
    called = file.resolve().relative_to(top.resolve()).as_posix() if inside else file.name
    return admit(Reproduction(name=called, content=file.read_bytes(), author="you"), ground, issue)


def _as_known(name: str, place: str, tests: Sequence[str]) -> str:
    """A test of base by its name as seen from where the person stands, or from the top; empty: it is none."""
    return next((one for one in (posixpath.join(place, name), name) if one in tests), "")


def _must_be_somewhere(name: str) -> None:
    """Whether base has a test of this name shows when its tests are run; a file is there or not, and that can be told at once."""
    if "::" not in name and not Path(name).is_file():
        raise UsageError(what=f"There is no file `{name}`.", remedy=NAME_IT)


def _read(stream: BinaryIO, name: str) -> bytes:
    content = stream.read(LARGEST + 1)
    if len(content) > LARGEST:
        raise UsageError(what=f"The diff in {name} is larger than {LARGEST} bytes.", remedy="Judge it as a branch.")
    if not content.strip():
        raise UsageError(what=f"The diff in {name} is empty.", remedy=AS_GIT)
    if not HEADER.search(content):
        raise UsageError(what=f"There is no diff in {name}.", remedy=AS_GIT)
    return content
