"""Notes what each test reaches: the functions of the tree that it enters, the files that it opens, the folders that it lists.

Entering a function is all that is noted, not every line: that is what an edit of it can change, and it costs little. A fixture
that lives longer than one test is noted once and counts for each test that has it.
"""

from __future__ import annotations

import os
import sys
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import CodeType, FrameType

STARTS = ("subprocess.Popen", "os.system", "os.posix_spawn", "os.exec", "os.fork", "os.forkpty", "os.spawn")
"""What starts another process, whose ways are not seen."""
LISTS = ("os.listdir", "os.scandir", "glob.glob")
COMPILED = (".pyc", ".pyo")
MODULE = "<module>"


class Notes:
    """What was reached between two moments."""

    def __init__(self) -> None:
        """Nothing so far."""
        self.codes: dict[int, CodeType] = {}
        self.files: set[str] = set()
        self.folders: set[str] = set()
        self.opaque = False

    def add(self, other: Notes) -> None:
        """Count what the others hold as well."""
        self.codes.update(other.codes)
        self.files |= other.files
        self.folders |= other.folders
        self.opaque = self.opaque or other.opaque


class Reach:
    """Watches the whole process; what it sees goes into the notes of whatever is going on."""

    def __init__(self, root: str) -> None:
        """Watch for what lies below `root`."""
        self._root = root + os.sep
        self._stack: list[Notes] = []
        self._lasting: dict[int, Notes] = {}
        self._places: dict[str, str] = {}
        self.imports: dict[str, Notes] = {}
        """What importing a file reaches, by its path; under the empty name what is reached by whoever looks for tests."""
        self._collecting = self._listening = True
        self._trace, self._trace_import = self._entered, self._entered_early
        self._depth = 0
        sys.addaudithook(self._heard)

    def listen(self, listening: bool) -> None:
        """Take heed of what is opened, or do not."""
        self._listening = listening

    def collected(self) -> None:
        """From now on only tests are looked at."""
        self._collecting = False

    @contextmanager
    def noting(self) -> Iterator[Notes]:
        """Note what is reached from here on, in this thread and those that it starts."""
        notes = Notes()
        self._stack.append(notes)
        before = sys.gettrace()
        foreign = before is not None and before is not self._trace
        if not foreign:
            sys.settrace(self._trace)
            threading.settrace(self._trace)
        try:
            yield notes
        finally:
            if not foreign:
                sys.settrace(before)
                threading.settrace(before)
            self._stack.pop()
            notes.opaque = notes.opaque or foreign  # a debugger or coverage looks on in our place: what was entered is not known

    @contextmanager
    def resting(self) -> Iterator[None]:
        """Do not look who is entered meanwhile."""
        before = sys.gettrace()
        if before is self._trace:
            sys.settrace(None)
        try:
            yield
        finally:
            if before is self._trace:
                sys.settrace(before)

    @contextmanager
    def lasting(self, fixture: object) -> Iterator[None]:
        """Note what a fixture reaches that lives longer than this test."""
        with self.noting() as notes:
            yield
        self._lasting[id(fixture)] = notes

    def of_fixture(self, fixture: object) -> Notes:
        """What such a fixture has reached when it was made."""
        return self._lasting.get(id(fixture), Notes())

    def tell(self, channel: Any, test: str, notes: Notes) -> None:
        """Tell what a test has reached, or the import of a file."""
        channel.tell(
            "reached",
            test=test,
            functions=self.functions(notes),
            files=sorted(notes.files),
            folders=sorted(notes.folders),
            opaque=notes.opaque,
        )

    def functions(self, notes: Notes) -> dict[str, list[int]]:
        """The first lines of the functions that were entered, by file; 0 is the file itself, when it was imported."""
        found: dict[str, set[int]] = {}
        for code in notes.codes.values():
            if path := self._path(code.co_filename):
                found.setdefault(path, set()).add(0 if code.co_name == MODULE else code.co_firstlineno)
        return {path: sorted(lines) for path, lines in sorted(found.items())}

    def in_tree(self, code: CodeType | None) -> bool:
        """Whether this is a function of the tree, as far as can be seen."""
        return code is None or code.co_filename.startswith(self._root)

    def _entered(self, frame: FrameType, _event: str, _argument: Any) -> None:
        if self._stack and frame.f_code.co_filename.startswith(self._root):
            self._stack[-1].codes[id(frame.f_code)] = frame.f_code

    def _entered_early(self, frame: FrameType, _event: str, _argument: Any) -> Any:
        """Note what an import enters. Only while a file of the tree is imported: tracing all that pytest does would take long."""
        code = frame.f_code
        if not code.co_filename.startswith(self._root):
            return None
        self._importing(frame.f_back).codes[id(code)] = code
        if code.co_name != MODULE:
            return None
        self._depth += 1
        frame.f_trace_lines = False
        return self._left

    def _left(self, _frame: FrameType, event: str, _argument: Any) -> Any:
        if event == "return":
            self._depth -= 1
            if not self._depth:
                sys.settrace(None)
        return self._left

    def _executed(self, code: Any) -> None:
        """A file of the tree is about to be imported."""
        name = getattr(code, "co_filename", "")
        if not self._depth and self._collecting and name.startswith(self._root) and sys.gettrace() is None:
            sys.settrace(self._trace_import)

    def _importing(self, frame: FrameType | None) -> Notes:
        """The notes of the file of the tree whose import is going on, the innermost."""
        while frame is not None and not (frame.f_code.co_name == MODULE and frame.f_code.co_filename.startswith(self._root)):
            frame = frame.f_back
        return self.imports.setdefault(self._path(frame.f_code.co_filename) if frame else "", Notes())

    def _heard(self, event: str, arguments: tuple[Any, ...]) -> None:
        """Hear of every file that is opened and every folder that is listed, whoever does it."""
        if not self._listening:
            return
        if event == "exec":
            self._executed(arguments[0])
        elif event == "open":
            if (path := self._path(arguments[0])) and not path.endswith(COMPILED):
                self._opened(path)
        elif event in LISTS:
            if not sys._getframe(1).f_code.co_filename.startswith("<frozen importlib"):  # noqa: SLF001
                self._listed(event, arguments[0])
        elif event in STARTS and self._stack:
            self._stack[-1].opaque = True

    def _opened(self, path: str) -> None:
        if self._stack:
            self._stack[-1].files.add(path)
        elif self._collecting and not path.endswith(".py"):  # those are opened to be imported
            self._importing(sys._getframe(2)).files.add(path)  # noqa: SLF001

    def _listed(self, event: str, name: Any) -> None:
        text = os.fsdecode(name) if isinstance(name, (str, bytes, os.PathLike)) else "."
        if event == "glob.glob":
            text = os.path.dirname(text) or "."  # noqa: PTH120
            while any(sign in text for sign in "*?["):
                text = os.path.dirname(text) or "."  # noqa: PTH120
        absolute = os.path.abspath(text)  # noqa: PTH100
        if not (absolute + os.sep).startswith(self._root):
            return
        notes = self._stack[-1] if self._stack else self._importing(sys._getframe(2)) if self._collecting else None  # noqa: SLF001
        if notes is not None and (self._stack or notes is not self.imports.get("")):  # pytest itself lists every folder
            notes.folders.add(absolute[len(self._root) :])

    def _path(self, name: Any) -> str:
        """The path in the tree; empty if it is no file of the tree."""
        if not isinstance(name, (str, bytes, os.PathLike)):
            return ""
        text = os.fsdecode(name)
        if text.startswith("<"):
            return ""
        known = self._places.get(text)
        if known is None or not os.path.isabs(text):  # noqa: PTH117
            absolute = os.path.abspath(text)  # noqa: PTH100
            known = absolute[len(self._root) :] if absolute.startswith(self._root) else ""
            known = "" if "__pycache__" in known or known.startswith(".git" + os.sep) else known
            self._places[text] = known
        return known
