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
        self._file = os.memfd_create("output")
        os.dup2(self._file, 1)
        os.dup2(self._file, 2)
        self._before = {*_numbers(), self._file}
        self._printing: list[int] = []
        self._temporary: list[int] = []
        self._printed = b""

    def sorted_out(self) -> bool:
        """Whether it is known of everything how a child gets its own: of what leads to the output, and files without a name."""
        for number, info in _numbers().items():
            if os.path.samestat(info, os.fstat(self._file)):
                self._printing += [number] if number != self._file else []
            elif number not in self._before and not stat.S_ISCHR(info.st_mode):
                if not stat.S_ISREG(info.st_mode) or info.st_nlink:
                    return False
                self._temporary.append(number)
        self._printed = _content(self._file)
        return {1, 2} <= set(self._printing)

    def renewed(self, output: int) -> list[int]:
        """In a child: have files of its own, and in its output what was printed so far; give the numbers that lead to that."""
        os.close(self._file)
        left = self._printed
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
