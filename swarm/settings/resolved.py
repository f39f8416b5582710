"""The settings as they came out, with the origin of each value."""

from collections.abc import Mapping
from enum import Enum

from swarm.settings.files import Table
from swarm.settings.values import Key, Settings, keys, meanings
from swarm.values import Value


class Source(Enum):
    """Who can give a value, the weakest first."""

    DEFAULT = "default"
    USER = "user"
    """The user's own file."""
    REPOSITORY = "repository"
    """The repository's file: whoever wrote the repository wrote it."""
    ENVIRONMENT = "environment"
    FLAG = "flag"


class Origin(Value):
    """Where a value comes from."""

    source: Source
    text: str

    def __str__(self) -> str:
        return self.text


class Row(Value):
    """One setting as `swarm config` shows it."""

    key: str
    value: object
    origin: str
    meaning: str


class Resolved(Value, kw_only=True):
    """All settings and how they came to be."""

    settings: Settings
    origins: Mapping[str, Origin]
    """By the name of the key."""
    repository: Table | None
    """What the repository's own file says, as far as it is in force; None if it has none."""
    repository_top: str = ""
    notices: tuple[str, ...] = ()
    """What the user should be told, a sentence each."""

    def value(self, key: Key) -> object:
        """The value of a setting."""
        value: object = getattr(self.settings, key.name)
        return value

    def guarded(self) -> tuple[Key, ...]:
        """The settings in force that come from the repository and need the user's trust."""
        return tuple(key for key in keys() if key.takes.guarded and self.origins[key.name].source is Source.REPOSITORY)

    def table(self) -> tuple[Row, ...]:
        """A row for each setting."""
        texts = meanings()
        return tuple(Row(key.name, key.shown(self.value(key)), str(self.origins[key.name]), texts[key.name]) for key in keys())
