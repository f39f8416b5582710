"""What a project's own files say about how it is tested: read, never executed."""

import ast
import json
import re
import shlex
import tomllib
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from swarm.evidence.sources import Sources
from swarm.syntax import module_of

if TYPE_CHECKING:
    from configparser import ConfigParser

TARGETS = ("test", "tests", "check", "unittest", "pytest")
SESSIONS = ("tests", "test", "unit", "pytest", "unittest")
PYTEST_SECTIONS = {"pytest.ini": None, ".pytest.ini": None, "tox.ini": "pytest", "setup.cfg": "tool:pytest"}
RULE = re.compile(r"^([A-Za-z0-9_.-]+(?:\s+[A-Za-z0-9_.-]+)*)\s*::?(?!=)\s*([^;]*)(?:;(.*))?$")
VARIABLE = re.compile(r"^(?:export\s+)?([A-Za-z_]\w*)\s*(?:[:?]?:?=)\s*(.*)$")
POSARGS = re.compile(r"\{posargs(?::([^{}]*))?\}")


def toml(sources: Sources, path: str) -> dict[str, Any]:
    """A TOML file; one that cannot be read says as much as one that is not there."""
    try:
        return tomllib.loads(sources.text(path))
    except tomllib.TOMLDecodeError:
        return {}


def ini(sources: Sources, path: str) -> "ConfigParser":
    """A file in sections; one that cannot be read says as much as one that is not there."""
    import configparser  # noqa: PLC0415 - many projects have no such file

    parser = configparser.ConfigParser(interpolation=None, strict=False)
    try:
        parser.read_string(sources.text(path))
    except configparser.Error:
        return configparser.ConfigParser()
    return parser


def pytest_settings(sources: Sources) -> str:
    """The file in which pytest is configured."""
    for path, section in PYTEST_SECTIONS.items():
        if path in sources.paths and (section is None or ini(sources, path).has_section(section)):
            return path
    if "ini_options" in toml(sources, "pyproject.toml").get("tool", {}).get("pytest", {}):
        return "pyproject.toml"
    return min((path for path in ("conftest.py", "tests/conftest.py", "test/conftest.py") if path in sources.paths), default="")


def pytest_values(sources: Sources) -> dict[str, tuple[str, ...]]:
    """Pytest's settings, each as the words in it."""
    path = pytest_settings(sources)
    if path == "pyproject.toml":
        table = toml(sources, path)["tool"]["pytest"]["ini_options"]
    else:
        parser, section = ini(sources, path), PYTEST_SECTIONS.get(path) or "pytest"
        table = dict(parser[section]) if parser.has_section(section) else {}
    return {name: tuple(map(str, value)) if isinstance(value, list) else _words(str(value)) for name, value in table.items()}


def _words(text: str) -> tuple[str, ...]:
    try:
        return tuple(shlex.split(text))
    except ValueError:  # a quotation mark without its other one
        return tuple(text.split())


def tox_commands(sources: Sources) -> Iterator[tuple[str, str]]:
    """The commands of tox environments, each with the environment's name."""
    tables = [toml(sources, "tox.toml"), toml(sources, "pyproject.toml").get("tool", {}).get("tox", {})]
    parsers = [ini(sources, "tox.ini")]
    for table in tables:
        yield from _tox_table(table)
        if isinstance(old := table.get("legacy_tox_ini"), str):
            parsers.append(ini(Sources.of({"tox.ini": old.encode()}), "tox.ini"))
    for parser in parsers:
        for section in sorted(parser.sections(), key=len):
            if section == "testenv" or section.startswith("testenv:"):
                for line in parser.get(section, "commands", fallback="").replace("\\\n", " ").splitlines():
                    yield section.partition(":")[2] or "py", _tox_line(line)


def _tox_table(table: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """The commands of tox's newer format, in which each is a list of words."""
    named = table.get("env")
    environments = {"py": table.get("env_run_base"), **(named if isinstance(named, dict) else {})}
    for name, environment in environments.items():
        for words in (environment or {}).get("commands", ()) if isinstance(environment, dict) else ():
            flat = [part for word in words for part in (word.get("default", ()) if isinstance(word, dict) else (word,))]
            yield name, _tox_line(" ".join(str(part) for part in flat))


def _tox_line(line: str) -> str:
    line = POSARGS.sub(lambda found: found[1] or "", line.strip().lstrip("-!").strip())
    return line.replace("{envpython}", "python").replace("{toxinidir}/", "").replace("{tox_root}/", "")


def nox_commands(sources: Sources) -> Iterator[tuple[str, str]]:
    """The commands of nox sessions, each with the session's name; those called like tests first."""
    try:
        module = module_of(sources.text("noxfile.py"))
    except (SyntaxError, ValueError):
        return
    sessions = [one for one in module.body if isinstance(one, ast.FunctionDef) and any(map(_is_session, one.decorator_list))]
    for session in sorted(sessions, key=lambda one: one.name not in SESSIONS):
        for node in ast.walk(session):
            match node:
                case ast.Call(func=ast.Attribute(attr="run"), args=args):
                    words = [arg.value for arg in args if isinstance(arg, ast.Constant) and isinstance(arg.value, str)]
                    if all(isinstance(arg, ast.Constant | ast.Starred) for arg in args):
                        yield session.name, shlex.join(words)


def _is_session(decorator: ast.expr) -> bool:
    function = decorator.func if isinstance(decorator, ast.Call) else decorator
    return ast.unparse(function) in ("nox.session", "session")


def make_target(sources: Sources, wanted: str = "") -> tuple[str, tuple[str, ...]]:
    """The target of the Makefile that runs the tests, or the wanted one, and the lines of its recipe, if there is one."""
    path = next((path for path in ("GNUmakefile", "makefile", "Makefile") if path in sources.paths), "")
    variables: dict[str, str] = {}
    recipes: dict[str, list[str]] = {}
    current: list[str] = []
    for line in sources.text(path).replace("\\\n", " ").splitlines():
        if line.startswith("\t"):
            current.append(line.strip().lstrip("@-+").strip())
        elif found := VARIABLE.match(line):
            variables[found[1]] = found[2].partition("#")[0].strip()
        elif found := RULE.match(line):
            current = [found[3].strip()] if found[3] else []
            recipes.update(dict.fromkeys(found[1].split(), current))
    target = next((name for name in ((wanted,) if wanted else TARGETS) if recipes.get(name)), "")
    return target, tuple(_expanded(line, variables) for line in recipes.get(target, ()) if line and not line.startswith("#"))


def _expanded(line: str, variables: dict[str, str], depth: int = 5) -> str:
    """The line with its variables replaced; what is not known is left, and makes the line one for make alone."""
    wider = re.sub(r"\$[({](\w+)[)}]", lambda found: variables.get(found[1], found[0]), line)
    return wider if wider == line or depth == 0 else _expanded(wider, variables, depth - 1)


def package_json(sources: Sources) -> dict[str, Any]:
    """What `package.json` says; nothing if it cannot be read."""
    try:
        read = json.loads(sources.text("package.json") or "{}")
    except ValueError:
        return {}
    return read if isinstance(read, dict) else {}
