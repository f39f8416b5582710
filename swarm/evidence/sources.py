"""The files of a project as they are at one moment, read without touching anybody's live tree."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Self

from sandboxes.mirror import Mirror
from swarm.values import Value


class Sources(Value):
    """The paths of all files, and a way to read one of them."""

    paths: frozenset[str]
    read: Callable[[str], bytes]

    @classmethod
    def of(cls, files: Mapping[str, bytes]) -> Self:
        """Files that are at hand."""
        return cls(frozenset(files), files.__getitem__)

    @classmethod
    def in_tree(cls, mirror: Mirror, tree: str) -> Self:
        """The files of a tree in the mirror."""
        return cls(frozenset(mirror.paths(tree)), partial(mirror.read, tree))

    def within(self, folder: str) -> Self:
        """The files of a folder, by their paths in it."""
        if not folder:
            return self
        start = f"{folder}/"
        paths = frozenset(path.removeprefix(start) for path in self.paths if path.startswith(start))
        return type(self)(paths, lambda path: self.read(f"{start}{path}"))

    def text(self, path: str) -> str:
        """A file as text; nothing where there is no such file."""
        return self.read(path).decode("utf-8-sig", "replace") if path in self.paths else ""

    def has(self, path: str) -> bool:
        """Whether there is a file or a folder of this name."""
        path = path.removeprefix("./").rstrip("/")
        return path in ("", ".") or path in self.paths or any(one.startswith(f"{path}/") for one in self.paths)
