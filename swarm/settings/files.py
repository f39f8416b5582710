"""One file of settings, read without trusting it: nothing in it is executed, what is wrong is refused by file and line."""

import os
import re
import stat
import tomllib
from collections.abc import Mapping
from pathlib import Path

from swarm.errors import UnreadableSettings, WrongSetting
from swarm.settings.lines import key_lines
from swarm.values import Value

LARGEST = 1024 * 1024
"""Bytes that a file of settings may have."""


class Table(Value):
    """The settings that one file holds."""

    place: str
    """How the user would call the file."""
    values: Mapping[str, object]
    lines: Mapping[str, int]
    section: str = ""
    """The table of the file that holds them; empty where that is the whole file."""

    def origin(self, key: str) -> str:
        """Where a key of it stands."""
        return f"{self.place}:{self.lines[key]}{self.section}"


def read_table(path: Path, place: str, section: tuple[str, ...] = ()) -> Table | None:
    """The settings in a file, or in a table of it. None: there is no such file, or no such table in it."""
    if (content := _content(path, place)) is None:
        return None
    text, values = _parsed(content, place)
    lines = key_lines(text)
    for depth, name in enumerate(section, start=1):
        if name not in values:
            return None
        inner = values[name]
        if not isinstance(inner, dict):
            where = f"{place}:{lines[section[:depth]]}"
            raise WrongSetting(key=".".join(section[:depth]), origin=where, found="no table", wanted="a table")
        values = inner
    own = {name: lines[(*section, name)] for name in values}
    return Table(place, values, own, f" [{'.'.join(section)}]" if section else "")


def _content(path: Path, place: str) -> bytes | None:
    """The bytes of a regular file. A pipe would wait for ever and a device never ends, so both are left alone."""
    try:
        with open(path, "rb", opener=_open_at_once) as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise UnreadableSettings(origin=place, reason="it is no regular file")
            content = file.read(LARGEST + 1)
    except FileNotFoundError as error:
        if path.is_symlink():
            raise UnreadableSettings(origin=place, reason="it is a link to nothing") from error
        return None
    except OSError as error:
        raise UnreadableSettings(origin=place, reason=error.strerror or error) from error
    if len(content) > LARGEST:
        raise UnreadableSettings(origin=place, reason=f"it is larger than {LARGEST:,} bytes")
    return content


def _open_at_once(path: str, flags: int) -> int:
    """Open without waiting for whoever may be at the other end."""
    return os.open(path, flags | os.O_NONBLOCK)


def _parsed(content: bytes, place: str) -> tuple[str, dict[str, object]]:
    """Text and values. Editors on some platforms put a byte order mark before the text, which means nothing in UTF-8."""
    try:
        text = content.decode("utf-8-sig").replace("\r\n", "\n")
        return text, tomllib.loads(text)
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise UnreadableSettings(origin=f"{place}:{line}", reason="this line is no UTF-8 text") from error
    except tomllib.TOMLDecodeError as error:
        line = _line_of(error, content)
        reason = str(error).partition(" (at ")[0]
        raise UnreadableSettings(origin=f"{place}:{line}", reason=f"no valid TOML: {reason}") from error
    except RecursionError as error:
        raise UnreadableSettings(origin=place, reason="its values are nested too deeply") from error
    except ValueError as error:  # a number of more digits than Python reads
        raise UnreadableSettings(origin=place, reason=error) from error


def _line_of(error: tomllib.TOMLDecodeError, content: bytes) -> int:
    """The line that a parser's error names; it says so in words, or that the document ended too early."""
    named = re.search(r"\(at line (\d+), column \d+\)", str(error))
    return int(named[1]) if named else content.count(b"\n") + 1
