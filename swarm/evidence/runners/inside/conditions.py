"""On what the beginning of a session of pytest depends in a tree, before it looks for tests, and what it did touch of it.

A session that has begun on one tree is good for another only if it would have begun in the same way there.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator, Sequence

SETTINGS = ("pytest.toml", ".pytest.toml", "pytest.ini", ".pytest.ini", "pyproject.toml", "tox.ini", "setup.cfg")
"""Where pytest looks for its own, in every folder from the tests upwards."""
CACHE = ".pytest_cache"
STARTS = ("subprocess.Popen", "os.system", "os.posix_spawn", "os.exec", "os.fork", "os.forkpty", "os.spawn")
"""What starts another process, whose ways are not seen."""
LISTS = ("os.listdir", "os.scandir", "glob.glob")
TOUCHES = (
    "open",
    *("os.mkdir", "os.rmdir", "os.remove", "os.rename", "os.link", "os.symlink"),
    *("os.truncate", "os.utime", "os.chmod", "shutil.rmtree", "sqlite3.connect"),
)


def conditions(told: dict[str, Any], arranged: Sequence[Any]) -> Hashable:
    """What must not change for tests like these to go on from the same beginning; None: they need one of their own.

    They do where something of the tree would be imported or looked at before the tests are looked for that others have not.
    """
    first, manner, environment, folder = arranged
    if not told["tests"] or manner["also"] or os.path.lexists(CACHE):
        return None
    here = set(_upwards(folder))
    below: set[str] = set()
    for path in (test.partition("::")[0] for test in told["tests"]):
        if not _plain(path, folder):
            return None
        below |= set(_upwards(os.path.dirname(path))) - here  # noqa: PTH120
    unwanted = [os.path.join(place, name) for place in below for name in SETTINGS]  # noqa: PTH118
    unwanted += [os.path.join(place, "conftest.py") for place in below | here]  # noqa: PTH118
    if any(map(os.path.lexists, unwanted)):
        return None
    paths = [os.path.join(place, name) for place in sorted(here) for name in SETTINGS]  # noqa: PTH118
    told_first = environment.get("PYTHONPATH", "").split(os.pathsep)
    places = sorted({*here, *first, *(os.path.join(folder, place) for place in told_first)})  # noqa: PTH118
    return (
        (tuple(told["options"]), tuple(first), tuple(sorted(environment.items())), folder),
        tuple((path, _content(path)) for path in paths),
        tuple((place, _names(place)) for place in places),
    )


def _plain(path: str, folder: str) -> bool:
    """Whether this is the name of a file below the folder that pytest takes for nothing else."""
    beneath = os.path.relpath(path, folder or ".")
    return os.path.normpath(path) == path and os.path.isfile(path) and not beneath.startswith(("/", "..", "-", "@"))  # noqa: PTH113


def _upwards(folder: str) -> Iterator[str]:
    """This folder and all above it, as seen from the top of the tree."""
    while folder:
        yield folder
        folder = os.path.dirname(folder)  # noqa: PTH120
    yield ""


def _content(path: str) -> bytes | None:
    if not os.path.isfile(path):  # noqa: PTH113
        return None
    with open(path, "rb") as file:  # noqa: PTH123
        return file.read()


def _names(folder: str) -> tuple[str, ...] | None:
    return tuple(sorted(os.listdir(folder or "."))) if os.path.isdir(folder or ".") else None  # noqa: PTH112, PTH208


class Witness:
    """Sees what a process does with a tree, until it is asked, beside reading the settings and looking for modules."""

    def __init__(self, root: str, folder: str) -> None:
        """Watch from now on."""
        self._root, self._watching, self._touched = root, True, ""
        settings = [os.path.join(root, place, name) for place in _upwards(folder) for name in SETTINGS]  # noqa: PTH118
        self._free = {os.path.normpath(path) for path in (*settings, *(os.path.join(root, place) for place in _upwards(folder)))}  # noqa: PTH118
        sys.addaudithook(self._heard)

    def touched(self) -> str:
        """What it had to do with the tree that another tree would have changed; empty: nothing. It is not watched any more."""
        self._watching = False
        imported = [name for name, module in sorted(sys.modules.items()) if self._inside(getattr(module, "__file__", None))]
        return self._touched or " ".join(imported)

    def _heard(self, event: str, arguments: tuple[Any, ...]) -> None:
        if not self._watching:
            return
        if event in STARTS:
            self._touched = event
        elif event in LISTS:
            if "importlib" not in sys._getframe(1).f_code.co_filename and self._inside(arguments[0] or "."):  # noqa: SLF001
                self._touched = f"{event} {arguments[0]}"
        elif event in TOUCHES and self._inside(arguments[0]):
            self._touched = f"{event} {arguments[0]}"

    def _inside(self, name: Any) -> bool:
        """Whether this is a path in the tree that is not free to look at."""
        if not isinstance(name, (str, bytes, os.PathLike)):
            return False
        path = os.path.abspath(os.fsdecode(name))  # noqa: PTH100
        cache = os.path.join(self._root, CACHE)  # noqa: PTH118
        return (path + os.sep).startswith(self._root + os.sep) and path not in self._free and not path.startswith(cache)
