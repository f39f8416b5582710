"""What has to be installed before a project's tests can run, read from its own files. Nothing of it is executed to find out."""

import hashlib
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import PurePosixPath
from typing import Any

from sandboxes import poetry
from sandboxes.listing import entries
from sandboxes.mirror import Mirror
from sandboxes.packages import canonical
from sandboxes.trouble import Trouble
from sandboxes.values import Value

DECLARING = frozenset({
    "pyproject.toml", "setup.py", "setup.cfg", "MANIFEST.in", "uv.lock", "uv.toml", "poetry.lock", ".python-version"
})  # fmt: skip
SHARED = ("pyproject.toml", "uv.lock", ".python-version")
FOR_TESTS = frozenset({
    "test", "tests", "testing", "test-deps", "pytest", "dev", "develop", "development", "dev-dependencies", "ci"
})  # fmt: skip
REQUIREMENTS = re.compile(
    r"(?:(?P<folder>requirements|reqs)/(?P<inner>[\w.-]+)|(?P<outer>[\w.-]*requirements[\w.-]*))\.(?:txt|in)"
)
PLAIN = frozenset({"requirements", "base", "main", "common", "install", "prod"})
NATIVE = ("mesonpy", "scikit_build_core", "maturin", "setuptools_rust")
EXTENSION = re.compile(r"\b(?:ext_modules|cythonize|rust_extensions|cffi_modules)\b")


class WrongRecipe(Trouble):
    """The project does not say what its tests need: {file} cannot be read ({reason}).
    Correct it, or use the environment that you work in: --env inherit"""

    exit_code = 7


class Recipe(Value, kw_only=True):
    """How to set up what a project's tests need."""

    locked: bool = False
    """By `uv.lock`; then only the extras and groups count beside it."""
    requirements: tuple[str, ...] = ()
    """Files of requirements, as paths in the project."""
    named: tuple[str, ...] = ()
    """Single requirements."""
    constraints: tuple[str, ...] = ()
    """Versions to keep to, from a lock file of another tool."""
    project: bool = False
    """Whether the project itself can be installed, so that its metadata and entry points are there."""
    extras: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    python: str = ""
    """The versions of Python that will do, as the project says it."""
    pinned: str = ""
    """The version that it asks for in `.python-version`."""
    native: str = ""
    """What of it has to be compiled; empty where nothing has."""
    paths: frozenset[str] = frozenset()
    """Every file of the repository."""
    folder: str = ""
    """The folder of the repository in which this is what the project says; empty: the top."""
    fingerprint: str = ""
    """Changes when any file does that decides what is installed."""

    @property
    def empty(self) -> bool:
        """Whether nothing has to be installed."""
        return not (self.locked or self.requirements or self.named or self.project)


def recipe_of(mirror: Mirror, tree: str, folder: str = "") -> Recipe:
    """Read the recipe of a project as it is in a tree of the mirror: in its folder, or at the top if that one says nothing."""
    listed = {path.decode("utf-8", "surrogateescape"): entry for path, entry in entries(_list(mirror, tree))}
    start = f"{folder}/" if folder else ""
    facts = hashlib.sha256(start.encode("utf-8", "surrogateescape"))
    for path in sorted(listed):
        if _declares(path) or _declares(path.removeprefix(start)):
            facts.update(f"{path}\0{listed[path].oid}\n".encode("utf-8", "surrogateescape"))
    inner = frozenset(path.removeprefix(start) for path in listed if path.startswith(start))

    def read(names: Iterable[str], start: str) -> dict[str, bytes]:
        there = [name for name in names if start + name in listed and listed[start + name].mode.startswith("100")]
        return {name: mirror.read(tree, start + name) for name in there}

    above = _shared(read(SHARED, "")) if folder and "pyproject.toml" in inner else {}
    recipe = replace(_read({**above, **read(DECLARING, start)}, inner, facts.hexdigest()), paths=frozenset(listed), folder=folder)
    return recipe_of(mirror, tree) if folder and recipe.empty else recipe


def _shared(top: Mapping[str, bytes]) -> Mapping[str, bytes]:
    """What the top says for the projects below it as well: which Python, and, in a workspace, by which lock file."""
    workspace = _table(_toml(top, "pyproject.toml"), "tool", "uv", "workspace")
    shared = (".python-version", "uv.lock") if workspace else (".python-version",)
    return {name: top[name] for name in shared if name in top}


def _list(mirror: Mirror, tree: str) -> bytes:
    return mirror.git.run("ls-tree", "-r", "-z", "--full-tree", tree)


def _declares(path: str) -> bool:
    return PurePosixPath(path).name in DECLARING or REQUIREMENTS.fullmatch(path) is not None


def _read(files: Mapping[str, bytes], paths: frozenset[str], fingerprint: str) -> Recipe:
    shared = _toml(files, "pyproject.toml")
    locked, by_poetry = "uv.lock" in files, "poetry.lock" in files
    installable = _installable(shared, paths)
    extras = _chosen(_table(shared, "project", "optional-dependencies"))
    metadata_only = not installable and not locked
    named = (
        *(_own_dependencies(shared, extras) if metadata_only else ()),
        *(() if locked else _grouped(_table(shared, "dependency-groups"))),
        *(() if locked else poetry.requirements(_table(shared, "tool", "poetry"), FOR_TESTS, main=metadata_only)),
    )
    return Recipe(
        locked=locked,
        requirements=() if locked or by_poetry else tuple(sorted(path for path in paths if _wanted(path))),
        named=tuple(dict.fromkeys(named)),
        constraints=poetry.constraints(_toml(files, "poetry.lock")) if by_poetry and not locked else (),
        project=installable,
        extras=(*extras, *(_chosen(_table(shared, "tool", "poetry", "extras")))),
        groups=_chosen(_table(shared, "dependency-groups")),
        python=str(_table(shared, "project").get("requires-python", "")),
        pinned=_pinned(files.get(".python-version", b"")),
        native=_native(shared, files.get("setup.py", b"")),
        paths=paths,
        fingerprint=fingerprint,
    )


def _toml(files: Mapping[str, bytes], name: str) -> dict[str, Any]:
    try:
        return tomllib.loads(files.get(name, b"").decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise WrongRecipe(file=name, reason=error) from error


def _table(values: Mapping[str, Any], *names: str) -> Mapping[str, Any]:
    """The table of this name; what is no table, or not there, has nothing in it."""
    found: Any = values
    for name in names:
        found = found.get(name, {}) if isinstance(found, Mapping) else {}
    return found if isinstance(found, Mapping) else {}


def _installable(shared: Mapping[str, Any], paths: frozenset[str]) -> bool:
    """Whether the project is a package and not only a collection of files with dependencies."""
    of_poetry = _table(shared, "tool", "poetry")
    if of_poetry.get("package-mode") is False or _table(shared, "tool", "uv").get("package") is False:
        return False
    described = any(_table(shared, *names) for names in (("project",), ("tool", "poetry"), ("tool", "flit")))
    return "setup.py" in paths or ("build-system" in shared and (described or "setup.cfg" in paths))


def _own_dependencies(shared: Mapping[str, Any], extras: Iterable[str]) -> Iterable[str]:
    yield from _texts(_table(shared, "project").get("dependencies"))
    for extra in extras:
        yield from _texts(_table(shared, "project", "optional-dependencies").get(extra))


def _grouped(groups: Mapping[str, Any]) -> Iterable[str]:
    for name in _chosen(groups):
        yield from _of_group(groups, name, ())


def _of_group(groups: Mapping[str, Any], name: str, above: tuple[str, ...]) -> Iterable[str]:
    """The requirements of a group, and of those that it includes."""
    by_name = {canonical(each): value for each, value in groups.items()}
    for item in by_name.get(canonical(name), ()):
        if isinstance(item, str):
            yield item
        elif isinstance(item, Mapping) and (inner := str(item.get("include-group", ""))) and inner not in above:
            yield from _of_group(groups, inner, (*above, name))


def _chosen(choices: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(name for name in choices if canonical(name) in FOR_TESTS)


def _texts(values: object) -> Iterable[str]:
    return (value for value in values if isinstance(value, str)) if isinstance(values, list) else ()


def _wanted(path: str) -> bool:
    """Whether this is a file of requirements that running or testing needs."""
    found = REQUIREMENTS.fullmatch(path)
    if found is None or not path.endswith(".txt"):
        return False
    words = [word for word in re.split(r"[-_.]", found["inner"] or found["outer"]) if word != "requirements"]
    return not words or all(word in PLAIN | FOR_TESTS for word in words)


def _pinned(content: bytes) -> str:
    found = re.match(r"\s*(?:cpython-|python)?(3\.\d+)", content.decode("utf-8", "replace"))
    return found[1] if found else ""


def _native(shared: Mapping[str, Any], setup: bytes) -> str:
    """What has to be compiled, as far as the files say so."""
    build = _table(shared, "build-system")
    said = " ".join((str(build.get("build-backend", "")), *_texts(build.get("requires")))).replace("-", "_")
    if tool := next((tool for tool in NATIVE if tool in said), ""):
        return f"it is built by {tool}"
    return "setup.py has extension modules" if EXTENSION.search(setup.decode("utf-8", "replace")) else ""
