"""Notes what each of unittest's tests reaches.

What a class or a module sets up is reached before its first test begins, and what it tears down after the last one has ended. So
whatever is reached between two tests counts for all tests of both their files.
"""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from swarm.evidence.runners.inside.reach import Notes, Reach


class Reaching:
    """Is told when a test begins and ends, and tells in the end what each of them reached."""

    def __init__(self, channel: Any, reach: Reach) -> None:
        """Tell over this channel what this one notes."""
        self._channel, self._reach = channel, reach
        self._tests: dict[str, Notes] = {}
        self._files: dict[str, Notes] = {}
        self._file = ""
        self._meanwhile: Notes | None = None
        self._between, self._running = ExitStack(), ExitStack()

    @contextmanager
    def session(self) -> Iterator[None]:
        """All tests are found and will be run now."""
        self._reach.collected()
        for path, notes in self._reach.imports.items():
            self._reach.tell(self._channel, path, notes)
        with self._between:
            self._pass_on_to("")
            yield
            self._pass_on_to("")
        for test, notes in self._tests.items():
            notes.add(self._files[_file_of(test)])
            self._reach.tell(self._channel, test, notes)

    def began(self, test: str) -> None:
        """A test begins."""
        self._pass_on_to(_file_of(test))
        self._tests[test] = self._running.enter_context(self._reach.noting())

    def ended(self) -> None:
        """It is over, but for what its class and its module tear down."""
        self._running.close()

    def _pass_on_to(self, file: str) -> None:
        """What was reached since the last test belongs to its file as well as to this one."""
        self._between.close()
        if self._meanwhile is not None:
            for one in {self._file, file}:
                self._files.setdefault(one, type(self._meanwhile)()).add(self._meanwhile)
        self._meanwhile = self._between.enter_context(self._reach.noting())
        self._file = file


def _file_of(test: str) -> str:
    return test.partition("::")[0]
