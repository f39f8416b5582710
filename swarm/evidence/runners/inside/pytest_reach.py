"""Notes what each of pytest's tests reaches, the fixtures among it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Generator

    from swarm.evidence.runners.inside.reach import Reach


class Reaching:
    """A pytest plugin that tells what importing each file reached, and, after each test, what that did."""

    def __init__(self, channel: Any, reach: Reach) -> None:
        """Tell over this channel what this one notes."""
        self._channel, self._reach = channel, reach

    def listen(self, listening: bool) -> None:
        """Take heed of what goes on, or do not: it is none of the tests' doing."""
        self._reach.listen(listening)

    @pytest.hookimpl(trylast=True)
    def pytest_collection_finish(self) -> None:
        """Tell what the imports reached."""
        self._reach.collected()
        for path, notes in self._reach.imports.items():
            self._reach.tell(self._channel, path, notes)

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, Any, None]:
        """Note what a test reaches, its fixtures among it."""
        with self._reach.noting() as notes:
            yield
        known = getattr(getattr(item, "_fixtureinfo", None), "name2fixturedefs", {})
        for fixture in [one for found in known.values() for one in found]:
            notes.add(self._reach.of_fixture(fixture))
        self._reach.tell(self._channel, item.nodeid, notes)

    @pytest.hookimpl(hookwrapper=True, tryfirst=True)
    def pytest_runtest_makereport(self, item: pytest.Item) -> Generator[None, Any, None]:
        """Look away while a failure is put into words, which pytest takes long for: of the tree only hooks are part of that."""
        hooks = item.ihook.pytest_runtest_makereport.get_hookimpls()
        if any(self._reach.in_tree(getattr(hook.function, "__code__", None)) for hook in hooks):
            yield
            return
        with self._reach.resting():
            yield

    @pytest.hookimpl(hookwrapper=True)
    def pytest_fixture_setup(self, fixturedef: pytest.FixtureDef[Any]) -> Generator[None, Any, None]:
        """Note what a fixture reaches that serves more than one test."""
        if fixturedef.scope == "function":
            yield
            return
        with self._reach.lasting(fixturedef):
            yield
