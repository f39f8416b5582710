"""Trees and their differences as values, as git lists them."""

from collections.abc import Iterator
from typing import Literal, NamedTuple

from sandboxes.git import decoded
from sandboxes.values import Value

LINK = "120000"
PLAIN = "100644"
EXECUTABLE = "100755"
SUBMODULE = "160000"


class Entry(NamedTuple):
    """One file, link or submodule of a tree. There may be a hundred thousand of them, and a tuple is made in half the time."""

    mode: str
    oid: str


class Change(Value):
    """One path that differs between two trees."""

    path: str
    status: Literal["A", "M", "D", "T"]
    """Added, modified, deleted, or of another type (file, link, submodule)."""
    old_mode: str
    new_mode: str


def entries(listed: bytes) -> Iterator[tuple[bytes, Entry]]:
    """Read what `git ls-tree -r -z` prints."""
    for line in listed.split(b"\0")[:-1]:
        facts, _, path = line.partition(b"\t")
        mode, _, oid = facts.decode("ascii").split(" ")
        yield path, Entry(mode, oid)


def changes(listed: bytes) -> Iterator[Change]:
    """Read what `git diff-tree --raw -r -z --no-renames` prints."""
    fields = listed.split(b"\0")[:-1]
    for facts, path in zip(fields[::2], fields[1::2], strict=True):
        old_mode, new_mode, _, _, status = facts.decode().removeprefix(":").split(" ")
        yield Change(decoded(path), _status(status), old_mode, new_mode)


def _status(letter: str) -> Literal["A", "M", "D", "T"]:
    match letter:
        case "A" | "M" | "D" | "T":
            return letter
        case _:
            raise ValueError(letter)
