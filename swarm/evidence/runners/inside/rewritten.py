"""Test files as pytest rewrites them, for its assertions to tell more: done once for all children that load the same file.

It takes longer than all else that a short trial does. The file is compiled for that and nothing of it is run.
"""

from __future__ import annotations

import hashlib
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from types import CodeType

SMALL = 200_000
"""Bytes of the files that are compiled at one time: a trial of many tests must not wait for it without a sign of life."""


class Rewritten:
    """What is known, by the path and the content of a file. Whatever is not known, or cannot be, pytest does as ever."""

    def __init__(self) -> None:
        """Stand before the function of pytest's that does it, if this version has it."""
        from _pytest.assertion import rewrite as pytests  # noqa: PLC0415  # whoever serves no trial has no pytest

        self._root = Path.cwd()
        self._codes: dict[tuple[str, bytes], CodeType] = {}
        self._rewrite: Callable[..., tuple[Any, CodeType]] | None = getattr(pytests, "_rewrite_test", None)
        if self._rewrite is not None:
            setattr(pytests, "_rewrite_test", self._known)  # noqa: B010  # nothing public lets it be done ahead

    def add(self, tests: Sequence[str]) -> None:
        """Get to know these files, if they are few, and what pytest loads before them."""
        files = [path for path in self._loaded(tests) if path.is_file()]
        if self._rewrite is None or sum(path.stat().st_size for path in files) > SMALL:
            return
        for path in files:
            key = (str(path), _digest(path))
            if key not in self._codes:
                self._learn(key, path)

    def _learn(self, key: tuple[str, bytes], path: Path) -> None:
        assert self._rewrite is not None
        with warnings.catch_warnings(record=True) as said:
            warnings.simplefilter("always")
            try:
                code = self._rewrite(path, None)[1]
            except Exception:  # noqa: BLE001  # a child will meet the same, and tell
                return
        if not said:  # or no child would say it any more
            self._codes[key] = code

    def _known(self, path: Path, config: Any) -> tuple[Any, CodeType]:
        __tracebackhide__ = True
        assert self._rewrite is not None
        known = self._codes.get((str(path), _digest(path)))
        if known is None or config.getini("enable_assertion_pass_hook"):
            return self._rewrite(path, config)
        return path.stat(), known

    def _loaded(self, tests: Sequence[str]) -> Iterator[Path]:
        """Test files, and the `conftest.py` of each folder above them."""
        for folder in {folder for test in tests for folder in Path(test).parents}:
            yield self._root / folder / "conftest.py"
        for test in tests:
            yield self._root / test


def _digest(path: Path) -> bytes:
    return hashlib.sha256(path.read_bytes()).digest()
