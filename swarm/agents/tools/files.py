"""Tools that read and change files."""

import re

from swarm.agents.bench import Unusable
from swarm.agents.texts import harmless, numbered
from swarm.agents.tools.tool import Outcome, Shift, Tool
from swarm.code.outline import syntax_error

LINES = 400
WIDEST = 500
"""Characters of one line."""
DECLARED = re.compile(rb"^[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)")


def read(shift: Shift, path: str, first: int = 1, last: int = 0) -> Outcome:
    """Show a file, or a part of it."""
    text, _ = _decoded(shift.bench.read(path), path)
    lines = text.replace("\r\n", "\n").split("\n")
    lines = lines[:-1] if lines[-1] == "" else lines
    first = max(first, 1)
    last = min(last or len(lines), len(lines), first + LINES - 1)
    if first > len(lines):
        raise Unusable(why=f"{path} has {len(lines)} lines.")
    shown = [harmless(line if len(line) <= WIDEST else f"{line[:WIDEST]}…") for line in lines[first - 1 : last]]
    rest = f"\n[{path} has {len(lines)} lines]" if last < len(lines) or first > 1 else ""
    return Outcome(numbered(shown, first) + rest)


def edit(shift: Shift, path: str, old: str = "", new: str = "", line: int = -1, content: str | None = None) -> Outcome:
    """Replace a passage that occurs once, insert after a line, or give the whole content."""
    given = [bool(old), line >= 0, content is not None]
    if sum(given) != 1:
        raise Unusable(
            why="Give `old` and `new`, or `line` and `new`, or `content`: exactly one of the three. Nothing was changed."
        )
    if content is not None and not shift.bench.exists(path):
        before, text, form = b"", "", _Form("utf-8", "\n")
    else:
        before = shift.bench.read(path)
        text, form = _decoded(before, path)
    if content is not None:
        changed = form.ended(content)
    elif old:
        changed = _replaced(text, form.ended(old), form.ended(new), path)
    else:
        changed = _inserted(text, line, form.ended(new), form.newline)
    after = form.encoded(changed, path)
    if after == before:
        raise Unusable(why="That changes nothing.")
    broken = syntax_error(path, after)
    if broken and not syntax_error(path, before):
        raise Unusable(why=f"Nothing was changed, since {path} would not parse any more: {broken}")
    shift.bench.write(path, after)
    shift.edited[path] = shift.edited.get(path, 0) + 1
    return Outcome(f"{path} was changed.{f' It still does not parse: {broken}' if broken else ''}", changes=True)


class _Form:
    """How a file is written: its encoding and its line ends."""

    def __init__(self, encoding: str, newline: str) -> None:
        self._encoding, self.newline = encoding, newline

    def ended(self, text: str) -> str:
        """The text with the file's own line ends."""
        plain = text.replace("\r\n", "\n")
        return plain.replace("\n", self.newline)

    def encoded(self, text: str, path: str) -> bytes:
        """The text as the file's bytes."""
        try:
            return text.encode(self._encoding)
        except UnicodeEncodeError as error:
            sign = error.object[error.start]
            raise Unusable(why=f"{path} is written in {self._encoding}, which has no {sign!r}. Nothing was changed.") from None


def _decoded(content: bytes, path: str) -> tuple[str, _Form]:
    """The text of a file, and how to write it back with every byte that was not meant to change."""
    if b"\0" in content[:8000] and not content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise Unusable(why=f"{path} is no text.")
    encoding = _encoding(content)
    text = content.decode(encoding)
    windows = text.count("\r\n")
    return text, _Form(encoding, "\r\n" if windows and windows * 2 > text.count("\n") else "\n")


def _encoding(content: bytes) -> str:
    declared = [found[1].decode() for line in content.split(b"\n", 2)[:2] if (found := DECLARED.match(line))]
    tries = ["utf-16"] if content.startswith((b"\xff\xfe", b"\xfe\xff")) else ["utf-8", *declared]
    for encoding in tries:
        try:
            if content.decode(encoding).encode(encoding) == content:
                return encoding
        except (LookupError, UnicodeError):
            continue
    return "latin-1"  # which has a sign for every byte


def _replaced(text: str, old: str, new: str, path: str) -> str:
    count = text.count(old)
    if count == 1:
        return text.replace(old, new)
    if count > 1:
        places = [str(text.count("\n", 0, found.start()) + 1) for found in re.finditer(re.escape(old), text)]
        raise Unusable(
            why=f"`old` occurs {count} times in {path} (lines {', '.join(places[:10])}); give more of it. Nothing was changed."
        )
    raise Unusable(why=f"`old` does not occur in {path}{_nearest(text, old)}. Nothing was changed.")


def _nearest(text: str, old: str) -> str:
    """A hint for who has the words right, but not the blanks."""
    wanted = [" ".join(line.split()) for line in old.split("\n") if line.strip()]
    lines = [" ".join(line.split()) for line in text.split("\n")]
    if wanted and wanted[0] in lines:
        return f"; its first line is, but for blanks, line {lines.index(wanted[0]) + 1}: read it again"
    return ""


def _inserted(text: str, line: int, new: str, newline: str) -> str:
    lines = text.splitlines(keepends=True)
    if line > len(lines):
        raise Unusable(why=f"The file has {len(lines)} lines. Nothing was changed.")
    if lines[:line] and not lines[line - 1].endswith(("\n", "\r")):
        lines[line - 1] += newline
    return "".join([*lines[:line], new if new.endswith("\n") else new + newline, *lines[line:]])


FILES = (
    Tool("read", read, {"path": "text", "first": "number?", "last": "number?"}),
    Tool("edit", edit, {"path": "text", "old": "text?", "new": "text?", "line": "number?", "content": "text?"}),
)
