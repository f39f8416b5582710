"""What a process has open that its children must not share: two that write to the same file go on where the other one stopped."""

from __future__ import annotations

import os
import stat
import tempfile
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


class Descriptors:
    """What has been opened since."""

    def __init__(self) -> None:
        """Since now; what is printed goes to a file from now on."""
        output = os.memfd_create("output")
        for number in (1, 2):
            os.dup2(output, number)
        os.close(output)
        self._before = set(_numbers())
        self._printing: list[int] = []
        self._temporary: list[int] = []
        self._output = os.fstat(1)
        self._printed = b""

    def sorted_out(self) -> bool:
        """Whether it is known of everything how a child gets its own: of what leads to the output, and files without a name."""
        self._printing, self._temporary = [], []
        for number, info in _numbers().items():
            if os.path.samestat(info, self._output):
                self._printing.append(number)
            elif number not in self._before and not stat.S_ISCHR(info.st_mode):
                if not stat.S_ISREG(info.st_mode) or info.st_nlink:
                    return False
                self._temporary.append(number)
        if not {1, 2} <= set(self._printing):
            return False
        self._printed = _content(1)
        return True

    def renewed(self, output: int) -> list[int]:
        """In a child: have files of its own, and in its output what was printed so far; give the numbers that lead to that."""
        left, self._output = self._printed, os.fstat(output)
        while left:
            left = left[os.write(output, left) :]
        for number in self._temporary:
            with tempfile.TemporaryFile(buffering=0) as own:
                own.write(_content(number))
                own.seek(os.lseek(number, 0, os.SEEK_CUR))
                os.dup2(own.fileno(), number, inheritable=os.get_inheritable(number))
        return self._printing


def _numbers() -> dict[int, os.stat_result]:
    return dict(_opened())


def _opened() -> Iterator[tuple[int, os.stat_result]]:
    for name in os.listdir("/proc/self/fd"):  # noqa: PTH208
        try:
            yield int(name), os.fstat(int(name))
        except OSError:  # that was for the list itself
            continue


def _content(number: int) -> bytes:
    return os.pread(number, os.fstat(number).st_size, 0)
