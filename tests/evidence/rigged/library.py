"""Small projects with one bug each, and patches for them that a judge must accept or refuse."""

import base64
import py_compile
import shutil
import subprocess
import tempfile
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from importlib.util import cache_from_source
from pathlib import Path
from typing import Any

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


@dataclass(frozen=True)
class Write:
    """Write a whole file."""

    path: str
    content: bytes
    executable: bool = False

    def make(self, folder: Path) -> None:
        """Do it in this tree."""
        target = folder / self.path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(self.content)
        target.chmod(0o755 if self.executable else 0o644)


@dataclass(frozen=True)
class Edit:
    """Replace the one place in a file that reads so."""

    path: str
    old: str
    new: str
    encoding: str = "utf-8"

    def make(self, folder: Path) -> None:
        """Do it in this tree."""
        target = folder / self.path
        text = target.read_bytes().decode(self.encoding)
        if text.count(self.old) != 1:
            raise ValueError(f"{self.path} has {text.count(self.old)} places that read {self.old!r}")
        target.write_bytes(text.replace(self.old, self.new).encode(self.encoding))


@dataclass(frozen=True)
class Delete:
    """Delete a file or a folder."""

    path: str

    def make(self, folder: Path) -> None:
        """Do it in this tree."""
        target = folder / self.path
        if target.is_dir() and not target.is_symlink():
            shutil.rmtree(target)
        else:
            target.unlink()


@dataclass(frozen=True)
class Rename:
    """Move a file or a folder."""

    path: str
    to: str

    def make(self, folder: Path) -> None:
        """Do it in this tree."""
        (folder / self.to).parent.mkdir(parents=True, exist_ok=True)
        (folder / self.path).rename(folder / self.to)


@dataclass(frozen=True)
class Link:
    """Make a symbolic link."""

    path: str
    to: str

    def make(self, folder: Path) -> None:
        """Do it in this tree."""
        (folder / self.path).parent.mkdir(parents=True, exist_ok=True)
        (folder / self.path).symlink_to(self.to)


@dataclass(frozen=True)
class Compile:
    """Put bytecode of another source beside a module, as its cache, or in its place if the path ends in .pyc."""

    path: str
    source: str

    def make(self, folder: Path) -> None:
        """Do it in this tree, with this interpreter's bytecode, which is never compared with the module's source."""
        target = folder / self.path
        cache = target if target.suffix == ".pyc" else Path(cache_from_source(str(target)))
        with tempfile.TemporaryDirectory() as place:
            source = Path(place) / "source.py"
            source.write_text(self.source, encoding="utf-8")
            unchecked = py_compile.PycInvalidationMode.UNCHECKED_HASH
            py_compile.compile(str(source), str(cache), str(target), doraise=True, invalidation_mode=unchecked)


Change = Write | Edit | Delete | Rename | Link | Compile


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


def apply(case: Case, folder: Path) -> None:
    """Change a laid out project as the case does."""
    for change in case.changes:
        change.make(folder)


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
        changes=tuple(_change(**one) for one in told["change"]),
        fools=frozenset(told.get("fools", ())),
        fails=tuple(told.get("fails", ())),
        seconds=told.get("seconds", 10.0),
    )


def _change(path: str, **told: Any) -> Change:
    match told:
        case {"text": str(text), **rest}:
            return Write(path, _encoded(text, **rest), executable=bool(rest.get("executable")))
        case {"base64": str(content)}:
            return Write(path, base64.b64decode(content))
        case {"old": str(old), "new": str(new), **rest}:
            return Edit(path, old, new, rest.get("encoding", "utf-8"))
        case {"to": str(to)}:
            return Rename(path, to)
        case {"link": str(to)}:
            return Link(path, to)
        case {"compiled": str(source)}:
            return Compile(path, source)
        case {"delete": True}:
            return Delete(path)
    raise ValueError(f"the change of {path} has no known form: {', '.join(told)}")


def _encoded(text: str, *, encoding: str = "utf-8", crlf: bool = False, chomp: bool = False, executable: bool = False) -> bytes:
    """The bytes of a text; ``chomp`` leaves out the last line's end, and ``executable`` is the file's affair."""
    del executable
    whole = text.removesuffix("\n") if chomp else text
    return (whole.replace("\n", "\r\n") if crlf else whole).encode(encoding)
