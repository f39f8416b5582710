"""On which line of a TOML file a key stands: the parser of the standard library does not tell."""

import re
import tomllib
from collections.abc import Mapping

_TOKEN = re.compile(
    r'''(?P<string>"""(?:\\.|(?!""")[^\\])*""""{0,2}|'{3}(?:(?!'{3}).)*'{3}'{0,2}|"(?:\\.|[^"\\])*"|'[^']*')'''
    r"""|(?P<bare>[A-Za-z0-9_-]+)|(?P<comment>\#[^\n]*)|(?P<line>\n)|(?P<sign>[][{},=])""",
    re.DOTALL,
)

_DEEPEST = 3
"""Settings stand no deeper than `tool.swarm.key`. Without an end, one hostile key of many dots costs the square of its length."""

Path = tuple[str, ...]


class _Reader:
    """Walks over the tokens of a document that a parser has already found valid."""

    def __init__(self) -> None:
        self.lines: dict[Path, int] = {}
        self.table: Path = ()
        self.path: Path = ()
        self.parts: list[str] = []
        self.brackets: list[tuple[str, Path]] = []
        self.reading = "key"
        """`key`, `header` (a table's name) or `value`."""

    def word(self, token: str) -> None:
        """A bare word or a string: part of a key, unless it is a value."""
        if self.reading != "value" and len(self.parts) < _DEEPEST:
            self.parts.append(tomllib.loads(f"key = {token}")["key"] if token[0] in "\"'" else token)

    def sign(self, mark: str, line: int) -> None:
        """A sign that opens, closes or parts something."""
        if mark == "=":
            self._name(self.brackets[-1][1] if self.brackets else self.table, line)
        elif mark == "[" and self.reading != "value":
            self.reading = "header"
        elif mark == "]" and self.reading == "header" and self.parts:
            self._name((), line)
            self.table = self.path
        elif mark in "[{":
            self.brackets.append((mark, self.path))
            self.reading = "key" if mark == "{" else "value"
        elif mark in "]}" and self.brackets:
            self.path = self.brackets.pop()[1]
            self.reading = "value"
        elif mark == "," and self.brackets and self.brackets[-1][0] == "{":
            self.reading = "key"

    def end_of_line(self) -> None:
        """Outside of brackets a new line is a new statement."""
        if not self.brackets:
            self.reading = "key"

    def _name(self, prefix: Path, line: int) -> None:
        self.path = (*prefix, *self.parts)[:_DEEPEST]
        for length in range(1, len(self.path) + 1):
            self.lines.setdefault(self.path[:length], line)
        self.parts.clear()
        self.reading = "value"


def key_lines(text: str) -> Mapping[Path, int]:
    """The line of each key and table of a valid document, down to three names; of those named again, the first."""
    reader, line = _Reader(), 1
    for token in _TOKEN.finditer(text):
        said = token.group()
        if token.lastgroup in {"string", "bare"}:
            reader.word(said)
        elif token.lastgroup == "sign":
            reader.sign(said, line)
        elif token.lastgroup == "line":
            reader.end_of_line()
        line += said.count("\n")
    return reader.lines
