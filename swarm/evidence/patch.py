"""What a candidate changes, split into source, tests, and what a person has to look at."""

import sys
from collections.abc import Collection, Iterable
from fnmatch import fnmatchcase
from pathlib import PurePosixPath

from unidiff.errors import UnidiffParseError
from unidiff.patch import PatchSet

from sandboxes.git import GitTrouble
from sandboxes.listing import LINK, SUBMODULE, Change
from sandboxes.mirror import Mirror
from swarm.errors import Conflict, SwarmError
from swarm.evidence.naming import TEST_FILES, TEST_FOLDERS
from swarm.values import Value

SENSITIVE_FOLDERS = """
    .github .circleci .husky .vscode .idea .devcontainer .claude .codex .gemini .cursor .swarm .ci
    *.egg-info *.dist-info __pycache__
"""
"""Where CI, editors, agents and installations keep what they run."""
SENSITIVE_FILES = """
    .gitlab-ci* Jenkinsfile [Mm]akefile GNUmakefile *.mk Dockerfile* .dockerignore .pre-commit* .git* .env* .envrc
    setup.py setup.cfg pyproject.toml requirements* *.lock package.json .npmrc
    conftest.py pytest.ini .pytest.ini pytest.toml .pytest.toml tox.ini noxfile* .coveragerc
    sitecustomize.py usercustomize.py *.pth *.pyc *.so *.pyd
    AGENTS.md CLAUDE.md GEMINI.md .cursor* .mcp.json .swarm.toml
"""
"""What decides how things are built, tested, installed or run, wherever it lies."""
RUNNER = frozenset({"pytest", "_pytest", "pluggy", "iniconfig"})
"""Packages that a file of the same name at the top of the tree would stand in for."""

NOWHERE = "/dev/null"
"""What a diff calls a file that is not there."""
OTHER_ENDS = ". It would if its lines did not end in CR LF: those of the files end in LF"


class DoesNotApply(Conflict):
    """The patch {name} does not apply to base {base}: {said}
    Nothing was changed.
    Name the commit that it was made for: --base COMMIT"""


class UnreadableDiff(SwarmError):
    """The diff between base and the candidate cannot be read: {reason}"""


class Patch(Value, kw_only=True):
    """A candidate's changes against base. Every changed path is in exactly one of source, tests and sensitive."""

    base: str
    """The tree of base."""
    tree: str
    """The candidate's tree."""
    source: tuple[str, ...] = ()
    tests: tuple[str, ...] = ()
    sensitive: tuple[str, ...] = ()
    bent: tuple[str, ...] = ()
    """Of the tests, those that are there on base: the patch changes or deletes them."""
    added: int = 0
    """Lines."""
    removed: int = 0

    @property
    def empty(self) -> bool:
        """Whether nothing is changed at all."""
        return not (self.source or self.tests or self.sensitive)


def split(mirror: Mirror, base: str, tree: str, tests: Iterable[str] = (), folder: str = "") -> Patch:
    """What lies between two trees. Files in which tests were found on base are tests, whatever they are called.

    `folder`: where the project lies in them.
    """
    files = {test.partition("::")[0] for test in tests if not is_doctest(test)}
    changes = mirror.changes(base, tree)
    sensitive = [change for change in changes if is_sensitive(change, folder)]
    in_tests = [change for change in changes if change not in sensitive and is_test(change.path, files)]
    added, removed = lines(mirror.diff(base, tree))
    return Patch(
        base=base,
        tree=tree,
        source=tuple(change.path for change in changes if change not in sensitive and change not in in_tests),
        tests=tuple(change.path for change in in_tests),
        sensitive=tuple(change.path for change in sensitive),
        bent=tuple(change.path for change in in_tests if change.status != "A"),
        added=added,
        removed=removed,
    )


def applied(mirror: Mirror, base: str, diff: bytes, name: str) -> str:
    """The tree of base with a diff applied; paths that lead out of the repository, or into its git folder, are refused."""
    if outside := _absolute(_read(diff)):
        raise DoesNotApply(name=name, base=base[:12], said=f"{outside} is no path of the repository")
    try:
        return mirror.apply(mirror.tree(base), diff)
    except GitTrouble as error:
        said = " ".join(str(error.facts.get("said", error)).split())[:300]
        said += OTHER_ENDS if _applies(mirror, base, diff.replace(b"\r\n", b"\n")) else ""
        raise DoesNotApply(name=name, base=base[:12], said=said) from error


def _applies(mirror: Mirror, base: str, diff: bytes) -> bool:
    try:
        mirror.apply(mirror.tree(base), diff)
    except GitTrouble:
        return False
    return True


def source_only(mirror: Mirror, patch: Patch) -> str:
    """Base with the source part of the patch and nothing else: the tree that is judged."""
    return mirror.with_paths(patch.base, patch.tree, patch.source)


def is_test(path: str, files: Collection[str] = ()) -> bool:
    """Whether a file belongs to the tests: by its folder, by its name, or since tests were found in it."""
    pure = PurePosixPath(path)
    in_folder = any(part in TEST_FOLDERS for part in pure.parts[:-1])
    return in_folder or path in files or _matches(pure.name, TEST_FILES)


def serves_tests(path: str, files: Collection[str] = ()) -> bool:
    """Whether a file is a test, or there for tests alone."""
    return is_test(path, files) or PurePosixPath(path).name == "conftest.py"


def is_sensitive(change: Change, folder: str = "") -> bool:
    """Whether a person has to look: the file decides how things run, or is not what a file usually is."""
    path = PurePosixPath(change.path)
    folders = SENSITIVE_FOLDERS.split()
    by_name = _matches(path.name, SENSITIVE_FILES.split()) or any(_matches(part, folders) for part in path.parts[:-1])
    another_mode = change.status in ("M", "T") and change.old_mode != change.new_mode
    return by_name or another_mode or change.new_mode in (LINK, SUBMODULE) or (change.status == "A" and _shadows(path, folder))


def lines(diff: bytes) -> tuple[int, int]:
    """How many lines a unified diff adds and removes."""
    patches = _read(diff)
    return patches.added, patches.removed


def _read(diff: bytes) -> PatchSet:
    try:
        return PatchSet.from_string(diff.decode("utf-8", "replace"))
    except UnidiffParseError as error:
        raise UnreadableDiff(reason=error) from error


def _absolute(patches: PatchSet) -> str:
    """A path that a diff names from the root of the file system, which git would take for one of the repository; empty: none."""
    named = (name for file in patches for name in (file.source_file, file.target_file))
    return next((name for name in named if name.startswith("/") and name != NOWHERE), "")


def changed_lines(mirror: Mirror, base: str, tree: str) -> frozenset[str]:
    """The lines that a candidate adds or takes away, each behind its file and its sign."""
    files = PatchSet.from_string(mirror.diff(base, tree).decode("utf-8", "replace"))
    changed = ((file.path, line) for file in files for hunk in file for line in hunk if line.is_added or line.is_removed)
    return frozenset(f"{path}: {line.line_type}{line.value.strip()}" for path, line in changed)


def _matches(name: str, patterns: Iterable[str]) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in patterns)


def _shadows(path: PurePosixPath, folder: str) -> bool:
    """Whether a new file at the top of the import path stands in for a module of Python or of the test runner."""
    parts = (path.relative_to(folder) if path.is_relative_to(folder) else path).parts
    parts = parts[1:] if parts[:1] == ("src",) else parts
    top = PurePosixPath(parts[0]).stem if parts else ""
    return path.suffix == ".py" and (top in sys.stdlib_module_names or top in RUNNER)


def is_doctest(test: str) -> bool:
    """Whether a test lives in a source file; pytest names doctests by their dotted name."""
    return "." in test.partition("::")[2].partition("[")[0]
