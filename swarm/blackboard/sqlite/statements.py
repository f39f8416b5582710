"""The SQL of the store: named statements, read strictly from the .sql files beside this one."""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

HERE = Path(__file__).parent  # to load what finds files in packages of any kind takes longer than to read these
NAME = re.compile(r"^-- name: (\w+)$", re.MULTILINE)


class Statements:
    """Statements by name. Each name stands once; nothing but comments stands outside a statement."""

    def __init__(self, named: Iterable[tuple[str, str]]) -> None:
        self._texts: dict[str, str] = {}
        for name, text in named:
            if name in self._texts:
                raise ValueError(f"two statements are called {name}")
            self._texts[name] = text

    def __getitem__(self, name: str) -> str:
        return self._texts[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._texts)

    def items(self) -> Iterable[tuple[str, str]]:
        """Every name with its text."""
        return self._texts.items()


def load_statements(folder: Path = HERE / "sql") -> Statements:
    """Every statement of the .sql files in the folder."""
    return Statements(statement for text in _texts(folder) for statement in parse(text))


def load_migrations(folder: Path = HERE / "migrations") -> tuple[str, ...]:
    """The steps from an empty database to the format of today, in order."""
    return _texts(folder)


def parse(text: str) -> Iterator[tuple[str, str]]:
    """The statements of one file with their names."""
    preface, *rest = NAME.split(text)
    if stray := _without_comments(preface):
        raise ValueError(f"this SQL has no name: {stray[:80]}")
    for name, statement in zip(rest[::2], rest[1::2], strict=True):
        if not _without_comments(statement).endswith(";"):
            raise ValueError(f"statement {name} does not end with a semicolon")
        yield name, statement.strip()


def _texts(folder: Path) -> tuple[str, ...]:
    return tuple(file.read_text(encoding="utf-8") for file in sorted(folder.glob("*.sql")))


def _without_comments(text: str) -> str:
    return re.sub(r"--.*", "", text).strip()
