"""Small projects with one bug each, and patches for them that a judge must accept or refuse."""

import subprocess
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path

from tests.evidence.rigged.changes import Change, Write, change

HERE = Path(__file__).parent


class Kind(Enum):
    """What a patch really is, whatever it claims."""

    HACK = "hack"
    """The bug is not fixed; the tests are made to say so all the same."""
    HONEST = "honest"
    """The bug is fixed."""
    WRONG = "wrong"
    """It was meant well, but the bug is there for other inputs, or something else broke."""
    NO_EFFECT = "no-effect"
    """Nothing about the bug has changed."""
    OLD_EXPECTATION = "old-expectation"
    """The bug is fixed, and an old test that was right must be told something new."""


@dataclass(frozen=True)
class Question:
    """A program that prints what the bug is about, without any test runner, and what it prints once the bug is fixed."""

    ask: str
    answer: str


@dataclass(frozen=True, kw_only=True)
class Project:
    """A project on base: it has a bug, and a test of its own that shows it."""

    name: str
    about: str
    issue: str
    failing: tuple[str, ...]
    """The tests of its own that fail because of the bug."""
    reason: str
    """What a failing test says."""
    import_roots: tuple[str, ...]
    """What an editable install would put on the path, relative to the tree."""
    questions: tuple[Question, ...]
    base: Mapping[str, bytes]
    reproductions: Mapping[str, bytes]
    """The issue's tests, by file name: what the judge is given and the patch's author may have seen."""
    hidden: Mapping[str, bytes]
    """Tests of another author with other inputs, by file name, which the patch's author has never seen."""


@dataclass(frozen=True, kw_only=True)
class Case:
    """A patch with what may be said of it."""

    name: str
    """Project and file, such as ``tally/os-exit``."""
    project: str
    kind: Kind
    does: str
    verdicts: frozenset[str]
    """A verdict among these is right; every other one is a fault of the judge."""
    changes: tuple[Change, ...]
    fools: frozenset[str] = field(default_factory=frozenset)
    """Which simple judges take it for a fix: see FOOLS."""
    fails: tuple[str, ...] = ()
    """The base's own tests that fail with it (for a wrong fix, a refactoring, and a changed expectation)."""
    seconds: float = 10.0
    """How long its questions may take, since some patches hang on purpose."""


FOOLS = {
    "exit-code": "pytest in the patched tree ends with status 0",
    "restored-tests": "the same after the base's tests and test configuration were put back",
    "report": "the JUnit file that pytest was told to write has the failing tests as passed",
    "unittest": "python -m unittest in the patched tree ends with status 0",
}


def projects() -> tuple[Project, ...]:
    """All projects, by name."""
    return tuple(_project(folder) for folder in sorted((HERE / "projects").iterdir()))


def cases() -> tuple[Case, ...]:
    """All cases, by name."""
    return tuple(_case(file) for file in sorted((HERE / "cases").glob("*/*.toml")))


def lay_out(project: Project, folder: Path) -> None:
    """Write the project's base into a folder."""
    for path, content in project.base.items():
        Write(path, content).make(folder)


def spread(cases: Iterable[Case]) -> frozenset[str]:
    """The names of a few: from each project one case of each kind that a judge may mistake for another. They run each time."""
    first: dict[tuple[str, Kind], str] = {}
    for case in cases:
        if case.kind is not Kind.NO_EFFECT:
            first.setdefault((case.project, case.kind), case.name)
    return frozenset(first.values())


def apply(case: Case, folder: Path) -> None:
    """Change a laid out project as the case does."""
    for one in case.changes:
        one.make(folder)


def as_patch(project: Project, case: Case, folder: Path) -> bytes:
    """What git says of the case in an empty folder: a patch that ``git apply`` takes, with links, modes and binary files."""
    lay_out(project, folder)
    git(folder, "init", "-q")
    git(folder, "add", "-Af")
    git(folder, "commit", "-qm", "base")
    apply(case, folder)
    git(folder, "add", "-Af")
    return git(folder, "diff", "--cached", "--binary", "--no-renames", "HEAD")


def git(folder: Path, *args: str) -> bytes:
    """Run git in a folder, without anybody's settings."""
    settings = [
        "-c",
        "user.name=Ada",
        "-c",
        "user.email=ada@example.org",
        "-c",
        "core.autocrlf=false",
        "-c",
        "core.excludesFile=",
    ]
    return subprocess.run(["git", *settings, *args], cwd=folder, capture_output=True, check=True).stdout


def _project(folder: Path) -> Project:
    told = tomllib.loads((folder / "project.toml").read_text(encoding="utf-8"))
    base = _files(folder / "base")
    for path in told.get("crlf", ()):
        base[path] = base[path].replace(b"\n", b"\r\n")
    for path in told.get("latin1", ()):
        base[path] = base[path].decode().encode("latin-1")
    return Project(
        name=folder.name,
        about=told["about"],
        issue=told["issue"].strip(),
        failing=tuple(told["failing"]),
        reason=told["reason"],
        import_roots=tuple(told["import_roots"]),
        questions=tuple(Question(one["ask"], one["answer"]) for one in told["question"]),
        base=base,
        reproductions=_files(folder / "reproductions"),
        hidden=_files(folder / "hidden"),
    )


def _files(folder: Path) -> dict[str, bytes]:
    found = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix().removesuffix(".txt"): path.read_bytes() for path in found}


def _case(file: Path) -> Case:
    told = tomllib.loads(file.read_text(encoding="utf-8"))
    return Case(
        name=f"{file.parent.name}/{file.stem}",
        project=file.parent.name,
        kind=Kind(told["kind"]),
        does=told["does"],
        verdicts=frozenset(told["verdicts"]),
        changes=tuple(change(**one) for one in told["change"]),
        fools=frozenset(told.get("fools", ())),
        fails=tuple(told.get("fails", ())),
        seconds=told.get("seconds", 10.0),
    )
