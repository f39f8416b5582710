"""What a child may have changed, and how it is put back before the next one is born: the worktree, and what is temporary."""

from __future__ import annotations

import base64
import contextlib
import os
import shutil
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


class Tree:
    """The worktree, and how every file in it is when no test has touched it."""

    def __init__(self) -> None:
        """Look at it as it is."""
        self._known = dict(_looked_at("."))
        self.littered = False
        """Whether there was anything that did not belong there when it was last restored, beside what pytest itself leaves."""

    def put(self, files: dict[str, Any]) -> None:
        """Have these files with this content: a mode and the bytes, or nothing at all."""
        for path in files:
            _remove(path)
            self._known.pop(path, None)
            self._forget_empty(os.path.dirname(path))  # noqa: PTH120
        for path, wanted in files.items():
            if wanted:
                self._make_folder(os.path.dirname(path))  # noqa: PTH120
                _write(path, *wanted)
                self._known[path] = _stamp(os.lstat(path))

    def restored(self) -> list[str]:
        """Take away what does not belong here; tell what has to be put back."""
        found = dict(_looked_at("."))
        others = found.keys() - self._known.keys()
        self.littered = any(path.partition(os.sep)[0] != ".pytest_cache" for path in others)
        for path in sorted(others, reverse=True):
            _remove(path)
        spoilt = [path for path, stamp in self._known.items() if found.get(path) != stamp]
        for path in sorted(path for path in spoilt if not self._known[path][1]):
            if found.get(path) is not None and found[path][1]:
                _remove(path)
            self._make_folder(path)
            os.chmod(path, self._known[path][0] & 0o7777)  # noqa: PTH101
            self._known[path] = _stamp(os.lstat(path))
        return sorted(path for path in spoilt if self._known[path][1])

    def _make_folder(self, path: str) -> None:
        if not path or os.path.isdir(path):  # noqa: PTH112
            return
        self._make_folder(os.path.dirname(path))  # noqa: PTH120
        os.mkdir(path)  # noqa: PTH102
        self._known[path] = _stamp(os.lstat(path))

    def _forget_empty(self, path: str) -> None:
        """Take away the folders that were there for the sake of this file, as git does."""
        while path:
            try:
                os.rmdir(path)  # noqa: PTH106
            except OSError:  # something else is in it, or it is gone
                return
            self._known.pop(path, None)
            path = os.path.dirname(path)  # noqa: PTH120


def _looked_at(folder: str) -> Iterator[tuple[str, tuple[int, ...]]]:
    """Everything below a folder; whatever a test has made unreadable is made readable again."""
    with contextlib.suppress(OSError):
        os.chmod(folder, os.stat(folder).st_mode | 0o700) if not os.access(folder, os.R_OK | os.X_OK) else None  # noqa: PTH101, PTH116
    with os.scandir(folder) as entries:
        for entry in entries:
            path = entry.path[2:]
            yield path, _stamp(entry.stat(follow_symlinks=False))
            if entry.is_dir(follow_symlinks=False):
                yield from _looked_at(entry.path)


def _stamp(info: os.stat_result) -> tuple[int, ...]:
    """What tells that a file was changed. Of a folder only its rights count: the time changes with what is in it."""
    if info.st_mode & 0o170000 == 0o040000:
        return (info.st_mode, 0, 0, 0, 0)
    return (info.st_mode, info.st_ino or 1, info.st_size, info.st_mtime_ns, info.st_ctime_ns)


def _remove(path: str) -> None:
    if os.path.isdir(path) and not os.path.islink(path):  # noqa: PTH112, PTH114
        shutil.rmtree(path)
    elif os.path.lexists(path):
        os.unlink(path)  # noqa: PTH108


def _write(path: str, mode: str, content: str) -> None:
    """As git would: a link, an empty folder for a submodule, or a file that is executable or not."""
    data = base64.b64decode(content)
    if mode == "120000":
        os.symlink(data, os.fsencode(path))  # noqa: PTH211
    elif mode == "160000":
        os.mkdir(path)  # noqa: PTH102
    else:
        with open(path, "xb") as file:  # noqa: PTH123
            file.write(data)
            os.fchmod(file.fileno(), 0o755 if mode == "100755" else 0o644)


class Kept:
    """Folders for what is temporary, and what of it stays from one child to the next."""

    def __init__(self, folders: Iterable[str]) -> None:
        """What is in these, and in the program's own, stays."""
        all_ = {*folders, os.environ["HOME"], os.environ["TMPDIR"]}
        self._names = {folder: set(os.listdir(folder)) for folder in all_ if os.path.isdir(folder)}  # noqa: PTH112, PTH208

    def added(self) -> bool:
        """Whether there is more in them now."""
        return any(set(os.listdir(folder)) - names for folder, names in self._names.items())  # noqa: PTH208

    def clear(self) -> None:
        """Remove the rest."""
        for folder, names in self._names.items():
            for name in set(os.listdir(folder)) - names:  # noqa: PTH208
                with contextlib.suppress(OSError):  # another user's: then it is no child's
                    _remove(os.path.join(folder, name))  # noqa: PTH118
