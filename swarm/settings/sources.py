"""From where settings come, and who wins: defaults, then the user's file, the repository's, the environment, and flags."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from swarm.errors import UnknownSetting
from swarm.settings.files import Table, read_table
from swarm.settings.places import config_file
from swarm.settings.resolved import Origin, Resolved, Source
from swarm.settings.values import Key, Settings, keys
from swarm.values import Value

PREFIX = "SWARM_"
OWN, SHARED, SECTION = ".swarm.toml", "pyproject.toml", ("tool", "swarm")
"""Where a repository says what it wants: in a file that is swarm's own, or in a table of one that others share."""


class Given(Value):
    """A value that somebody gave."""

    key: Key
    value: object
    origin: Origin


def load(repository_top: Path | None, environ: Mapping[str, str], flags: Mapping[str, object], place: str = "") -> Resolved:
    """The settings of a repository's work tree, or of none. Flags are named as keys; a flag that is None was not given.

    `place`: where in it the user stands.
    """
    user = read_table(config_file(environ), _homely(config_file(environ), environ))
    repository, notices = _repository_table(repository_top)
    values: dict[str, Any] = {}
    origins = {key.name: Origin(Source.DEFAULT, "default") for key in keys()}
    for given in (
        *_from_place(place),
        *_from_table(user, Source.USER),
        *_from_table(repository, Source.REPOSITORY),
        *_from_environment(environ),
        *_from_flags(flags),
    ):
        values[given.key.name] = given.value
        origins[given.key.name] = given.origin
    return Resolved(
        settings=Settings(**values),
        origins=origins,
        repository=repository,
        repository_top=str(repository_top or ""),
        notices=notices,
    )


def _repository_table(top: Path | None) -> tuple[Table | None, tuple[str, ...]]:
    """What the repository says of itself: in its own file, or else in pyproject.toml."""
    if top is None:
        return None, ()
    own = read_table(top / OWN, OWN)
    shared = read_table(top / SHARED, SHARED, SECTION)
    if own is not None and shared is not None:
        return own, ("Both .swarm.toml and [tool.swarm] of pyproject.toml are here; only .swarm.toml counts.",)
    return (own if own is not None else shared), ()


def _from_place(place: str) -> Iterator[Given]:
    if place:
        key = next(key for key in keys() if key.name == "project")
        yield Given(key, key.checked(place, "the folder in which you are"), Origin(Source.DEFAULT, "where you stand"))


def _from_table(table: Table | None, source: Source) -> Iterator[Given]:
    known = {key.name: key for key in keys()}
    for name, value in (table.values if table else {}).items():
        assert table is not None
        origin = table.origin(name)
        if name not in known:
            raise UnknownSetting(key=name, origin=origin, hint=_hint(name, known))
        yield Given(known[name], known[name].checked(value, origin), Origin(source, origin))


def _from_environment(environ: Mapping[str, str]) -> Iterator[Given]:
    """What the environment says. A variable that is almost a setting is taken for a slip; others are somebody else's."""
    known = {key.variable.removeprefix(PREFIX): key for key in keys()}
    for variable in sorted(name for name, text in environ.items() if name.startswith(PREFIX) and text):
        name = variable.removeprefix(PREFIX)
        if name in known:
            value = known[name].parsed(environ[variable], variable)
            yield Given(known[name], value, Origin(Source.ENVIRONMENT, variable))
        elif near := _near(name, known, 0.8):
            raise UnknownSetting(key=variable, origin="the environment", hint=f"Perhaps `{PREFIX}{near}` is meant.")


def _from_flags(flags: Mapping[str, object]) -> Iterator[Given]:
    known = {key.name: key for key in keys()}
    for name, value in flags.items():
        if name not in known:
            raise UnknownSetting(key=name, origin="the command line", hint=_hint(name, known))
        if value is not None:
            flag = known[name].takes.flag
            yield Given(known[name], known[name].checked(value, flag), Origin(Source.FLAG, flag))


def _hint(name: str, known: Iterable[str]) -> str:
    """What might have been meant."""
    if name == "tool":
        return "In a file that is swarm's own, settings stand at the top, without `[tool.swarm]`."
    near = _near(name.lower().replace("-", "_"), known, 0.7)
    return f"Perhaps `{near}` is meant." if near else f"Known are {', '.join(known)}."


def _near(name: str, known: Iterable[str], closeness: float) -> str:
    """The known name that is most like this one; empty: none is."""
    import difflib  # noqa: PLC0415 - mostly everything is spelled right

    return next(iter(difflib.get_close_matches(name, list(known), n=1, cutoff=closeness)), "")


def _homely(path: Path, environ: Mapping[str, str]) -> str:
    """The path as the user would write it."""
    home = environ.get("HOME", "")
    return f"~/{path.relative_to(home)}" if home and path.is_relative_to(home) else str(path)
