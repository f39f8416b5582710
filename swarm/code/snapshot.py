"""One state of a project's files, and what can be asked of it: what a file imports, and how a part of it is."""

import hashlib
import tomllib
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import field
from functools import cached_property
from pathlib import PurePosixPath

from swarm.code.blocks import MODULE, Blocks
from swarm.values import Value

FILE, FOLDER, IMPORTS, SETTINGS = "=", "/", "<", "["
"""What can be asked of a path, beside the name of a block: its content, its list, where its imports lead, pytest's settings."""


class Snapshot(Value):
    """The files of a tree, by path, with what names their content; and a way to read the Python ones in blocks."""

    tree: str
    files: Mapping[str, str]
    read: Callable[[str], bytes]
    """The content of a file, by its path."""
    blocks_of: Callable[[str], Blocks]
    """The blocks of a Python file, by its path."""
    folder: str = ""
    """The folder in which the project lies; empty: the top."""
    _values: dict[tuple[str, str], str] = field(default_factory=dict, compare=False, repr=False)

    def value(self, path: str, what: str) -> str:
        """How a part of the project is in this state; empty where it is not there."""
        asked = (path, what)
        if asked not in self._values:
            self._values[asked] = self._value(path, what)
        return self._values[asked]

    def _value(self, path: str, what: str) -> str:
        if what == FOLDER:
            return _hashed("\n".join(self._folders.get(path, ())))
        if path not in self.files:
            return ""
        if what == FILE:
            return self.files[path]
        if what == SETTINGS:
            return _hashed(self._settings(path))
        if what == IMPORTS:
            return _hashed("\n".join(self.leads_to(path)))
        return self.blocks_of(path).value(what)

    def closure(self, paths: Iterable[str]) -> set[str]:
        """These files and all that they import, and what that imports; with the `__init__.py` above each."""
        found: set[str] = set()
        waiting = [path for path in paths if path in self.files]
        while waiting:
            path = waiting.pop()
            if path not in found:
                found.add(path)
                waiting += [*self._leads(path), *self._above(path)]
        return found

    def leads_to(self, path: str) -> tuple[str, ...]:
        """The files that it may import, sorted."""
        return tuple(sorted(set(self._leads(path))))

    def upwards(self, name: str) -> Iterator[str]:
        """Every place of a file of this name in the project's folder and above, where pytest looks for its settings."""
        return (f"{start}{name}" for start in self._starts)

    def conftests(self, path: str) -> Iterator[str]:
        """Every place above a test file where a `conftest.py` counts for it, whether or not there is one."""
        return (str(folder / "conftest.py") for folder in PurePosixPath(path).parents)

    def _leads(self, path: str) -> Iterator[str]:
        for name in self.blocks_of(path).imports if path.endswith(".py") else ():
            yield from self._modules(path, name)

    def _modules(self, path: str, name: str) -> Iterator[str]:
        """The files that a name may mean. One that ends as the name does may be it, wherever the project's path begins."""
        dots = len(name) - len(name.lstrip("."))
        parts = tuple(part for part in name.split(".") if part)
        if dots:
            folder = PurePosixPath(path).parents[min(dots, len(PurePosixPath(path).parents)) - 1]
            parts = (*folder.parts, *parts)
            yield from (one for length in range(len(folder.parts), len(parts) + 1) for one in self._exactly(parts[:length]))
            return
        for length in range(1, len(parts) + 1):
            wanted = parts[:length]
            yield from (one for place, one in self._named.get(wanted[-1], ()) if place[-length:] == wanted)

    def _exactly(self, parts: tuple[str, ...]) -> Iterator[str]:
        for one in ("/".join(parts) + ".py", "/".join((*parts, "__init__.py"))):
            if one in self.files:
                yield one

    def _above(self, path: str) -> Iterator[str]:
        return (one for folder in PurePosixPath(path).parents if (one := str(folder / "__init__.py")) in self.files)

    @cached_property
    def _starts(self) -> tuple[str, ...]:
        """How paths begin in the project's folder and above."""
        folder = PurePosixPath(self.folder)
        return (*(f"{place}/" for place in (folder, *folder.parents) if place.name), "")

    @cached_property
    def _named(self) -> dict[str, list[tuple[tuple[str, ...], str]]]:
        """Every module by the last part of its name."""
        found: dict[str, list[tuple[tuple[str, ...], str]]] = defaultdict(list)
        for path in self.files:
            if path.endswith(".py"):
                parts = PurePosixPath(path).with_suffix("").parts
                place = parts[:-1] if parts[-1] == "__init__" else parts
                if place:
                    found[place[-1]].append((place, path))
        return found

    @cached_property
    def _folders(self) -> dict[str, list[str]]:
        found: dict[str, set[str]] = defaultdict(set)
        for path in self.files:
            parts = PurePosixPath(path).parts
            for depth, name in enumerate(parts):
                found["/".join(parts[:depth])].add(name)
        return {folder: sorted(names) for folder, names in found.items()}

    def _settings(self, path: str) -> str:
        """What pytest reads in a file that has more to say than that."""
        try:
            told = tomllib.loads(self.read(path).decode())
        except ValueError:
            return self.files[path]
        return repr(told.get("tool", {}).get("pytest"))


def _hashed(text: str) -> str:
    return hashlib.blake2b(text.encode("utf-8", "surrogateescape"), digest_size=8).hexdigest()


__all__ = ["FILE", "FOLDER", "IMPORTS", "MODULE", "SETTINGS", "Snapshot"]
