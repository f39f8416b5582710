"""A Python source that is edited by position, so that comments and formatting stay as they are."""

import ast
import io
import re
import tokenize
import warnings
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from types import CodeType
from typing import Self

from swarm.errors import SwarmError
from swarm.syntax import module_of

LINE_END = re.compile(rb"\r\n|\r|\n")


class NotPython(SwarmError):
    """This is no Python that swarm's own interpreter understands: {reason}"""


@dataclass(frozen=True)
class Span:
    """A stretch of the source, in bytes of its UTF-8 form, and the line that it begins on."""

    start: int
    end: int
    line: int


Change = tuple[tuple[Span, str], ...]
"""Stretches, and what comes into their place."""


@dataclass(frozen=True)
class Source:
    """A file's content, with what is needed to edit it. Python counts columns in bytes of UTF-8, so everything here does."""

    path: str
    content: bytes
    """UTF-8, whatever the file itself is in."""
    encoding: str
    focus: frozenset[int] | None = None
    """The lines on which edits are wanted; None: all of them."""

    @classmethod
    def read(cls, path: str, content: bytes) -> Self:
        """Decode a file as Python would."""
        try:
            encoding, _ = tokenize.detect_encoding(io.BytesIO(content).readline)
            return cls(path, content.decode(encoding).encode(), encoding)
        except (SyntaxError, UnicodeDecodeError) as error:
            raise NotPython(reason=error) from error

    def on(self, lines: Iterable[int]) -> Self:
        """The same source, edited on these lines only."""
        return replace(self, focus=frozenset(lines))

    def wants(self, node: ast.expr | ast.stmt | ast.excepthandler) -> bool:
        """Whether edits are wanted on the line on which a node begins."""
        return self.focus is None or node.lineno in self.focus

    @cached_property
    def tree(self) -> ast.Module:
        """The syntax tree."""
        return parse(self.content)

    @cached_property
    def _starts(self) -> list[int]:
        return [0, *(match.end() for match in LINE_END.finditer(self.content))]

    def offset(self, line: int, column: int) -> int:
        """Where a line and a column of the syntax tree lie in the content."""
        return self._starts[line - 1] + column

    def span(self, node: ast.expr | ast.stmt | ast.excepthandler) -> Span:
        """Where a node lies; an expression without the parentheses around it."""
        if node.end_lineno is None or node.end_col_offset is None:
            raise NotPython(reason="a node without an end")
        return Span(self.offset(node.lineno, node.col_offset), self.offset(node.end_lineno, node.end_col_offset), node.lineno)

    def text(self, span: Span) -> str:
        """What stands there."""
        return self.content[span.start : span.end].decode()

    def of(self, node: ast.expr | ast.stmt | ast.excepthandler) -> str:
        """What stands where a node lies."""
        return self.text(self.span(node))

    def start_of(self, line: int) -> int:
        """Where a line begins; behind the last line, the end."""
        return self._starts[line - 1] if line <= len(self._starts) else len(self.content)

    def indentation(self, node: ast.stmt | ast.excepthandler) -> str | None:
        """What stands before a statement on its line, if that is nothing but space."""
        text = self.content[self.start_of(node.lineno) : self.span(node).start].decode()
        return text if not text.strip() else None

    def expressions(self) -> Iterator[tuple[ast.AST, ast.expr]]:
        """Every wanted expression with the node it stands in, in the order of the source; not in annotations and f-strings."""
        return (pair for pair in self.everything if self.wants(pair[1]))

    @cached_property
    def everything(self) -> tuple[tuple[ast.AST, ast.expr], ...]:
        """All expressions, wanted or not, each with the node it stands in."""
        return tuple(self._expressions())

    def _expressions(self) -> Iterator[tuple[ast.AST, ast.expr]]:
        waiting: list[tuple[ast.AST, ast.AST]] = [(self.tree, node) for node in reversed(self.tree.body)]
        while waiting:
            parent, node = waiting.pop()
            if isinstance(node, ast.expr):
                yield parent, node
            waiting.extend(reversed([(node, child) for child in _children(node)]))

    @cached_property
    def tokens(self) -> tuple[tuple[Span, str], ...]:
        """Operators and words, in order."""
        lines = [self.content[start:end].decode() for start, end in zip(self._starts, [*self._starts[1:], None], strict=True)]
        found = []
        try:
            for token in tokenize.generate_tokens(iter(lines).__next__):
                if token.type in (tokenize.OP, tokenize.NAME):
                    row, column = token.start
                    start = self.offset(row, len(lines[row - 1][:column].encode()))
                    found.append((Span(start, start + len(token.string.encode()), row), token.string))
        except (tokenize.TokenError, SyntaxError) as error:
            raise NotPython(reason=error) from error
        return tuple(found)

    def between(self, start: int, end: int) -> list[tuple[Span, str]]:
        """The operators and words between two places."""
        first = bisect_left(self.tokens, start, key=lambda token: token[0].start)
        last = bisect_right(self.tokens, end, key=lambda token: token[0].end)
        return list(self.tokens[first:last])

    def lines_around(self, start: int, end: int) -> str:
        """The whole lines in which a stretch lies."""
        first = bisect_right(self._starts, start) - 1
        last = bisect_right(self._starts, end)
        return self.content[self._starts[first] : self._starts[last] if last < len(self._starts) else None].decode()

    def replaced(self, *changes: tuple[Span, str]) -> bytes:
        """The content with these stretches replaced; they do not overlap."""
        content = self.content
        for span, text in sorted(changes, key=lambda change: change[0].start, reverse=True):
            content = content[: span.start] + text.encode() + content[span.end :]
        return content

    def encoded(self, content: bytes) -> bytes:
        """A new content in the file's own encoding."""
        return content if self.encoding == "utf-8" else content.decode().encode(self.encoding)


def _children(node: ast.AST) -> Iterator[ast.AST]:
    for name, value in ast.iter_fields(node):
        if name in ("annotation", "returns"):
            continue
        for child in value if isinstance(value, list) else [value]:
            # Until Python 3.12 the positions inside of an f-string are wrong.
            if isinstance(child, ast.AST) and type(child).__name__ not in ("JoinedStr", "TemplateStr"):
                yield child


def parse(content: bytes) -> ast.Module:
    """The syntax tree of a content in UTF-8, whatever its first lines say of its encoding."""
    try:
        with _quietly():
            return module_of(content.decode())
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise NotPython(reason=error) from error


def compiled(content: bytes) -> CodeType:
    """What Python makes of a content, without the places it came from: equal for contents that do the same."""
    try:
        with _quietly():
            return _placeless(compile(content.decode(), "", "exec", dont_inherit=True))
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise NotPython(reason=error) from error


@contextmanager
def _quietly() -> Iterator[None]:
    """What Python has to say about the style of somebody else's source is not for swarm's screen."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def _placeless(code: CodeType) -> CodeType:
    constants = tuple(_placeless(constant) if isinstance(constant, CodeType) else constant for constant in code.co_consts)
    return code.replace(co_linetable=b"", co_firstlineno=1, co_consts=constants)
