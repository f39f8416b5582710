"""What is kept of a stream that may never end."""

from sandboxes.command import MEBIBYTE, Output

REPORT_CAP = 64 * MEBIBYTE


class Capture:
    """The head and the tail of one stream, in constant memory."""

    def __init__(self, keep: int) -> None:
        """Keep `keep` bytes: half from the head, half from the tail."""
        self._room = keep // 2
        self._head = bytearray()
        self._tail = bytearray()
        self.size = 0

    def add(self, data: bytes) -> None:
        """Take in the next bytes of the stream."""
        self.size += len(data)
        free = self._room - len(self._head)
        self._head += data[:free] if free > 0 else b""
        self._tail += data[free:] if free > 0 else data
        if len(self._tail) > 2 * self._room + 65536:
            self._shorten()

    def _shorten(self) -> None:
        del self._tail[: len(self._tail) - self._room]

    def output(self) -> Output:
        """Say what was kept and how much there was."""
        if len(self._tail) > self._room:
            self._shorten()
        return Output(head=bytes(self._head), tail=bytes(self._tail), size=self.size)


class Report:
    """All of the report stream, up to a cap: a report with a hole in it is no evidence."""

    def __init__(self, cap: int = REPORT_CAP) -> None:
        """Keep at most `cap` bytes."""
        self._cap = cap
        self._data = bytearray()
        self.size = 0

    def add(self, data: bytes) -> None:
        """Take in the next bytes of the stream."""
        self.size += len(data)
        self._data += data[: self._cap - len(self._data)]

    @property
    def whole(self) -> bool:
        """Whether nothing had to be left out."""
        return self.size == len(self._data)

    @property
    def data(self) -> bytes:
        """What was kept."""
        return bytes(self._data)
